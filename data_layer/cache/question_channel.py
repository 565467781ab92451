"""Questions about the rounds from machines without a database, and their answers, as they stand in Redis.

`analytics:questions` is a short list of questions, each a JSON object of at most 4 KiB; what is not taken in
time is dropped. An answer stands under `analytics:answer:{digest of the question}`, so that equal questions
of several windows are answered once. `analytics:server` is the sign of life of the instance that answers.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from data_layer.cache.breaker import RedisLink
from data_layer.cache.json_shapes import Count, Text
from data_layer.cache.keys import Keys
from data_layer.cache.payloads import ForeignValueError
from data_layer.cache.redis_calls import RedisCalls

LONGEST_QUESTION = 4_096  # bytes
LONGEST_ANSWER = 2_000_000  # bytes
MOST_WAITING = 64  # questions in the list
ANSWER_LIFE_S = 30
_QUESTIONS_LIFE_S = 10
_SIGN_LIFE_MS = 3_000
_LONGEST_VERSION = 19  # digits


class RemoteAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What stands under the digest of a question: an answer, or why there is none."""

    version: Count  # of the newest commit when the question was taken
    era: Text = ""  # in which that version counts, see `redis_store`
    answer: msgspec.Raw = msgspec.Raw(b"null")
    fault: Text = ""
    senseless: bool = False  # the fault is the question's


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """One look at the answers."""

    version: int
    era: str
    served: bool  # an instance answers
    answers: Mapping[str, RemoteAnswer]  # by digest, as far as they are there and ours


_decoder = msgspec.json.Decoder(RemoteAnswer)


def digest_of(question: bytes) -> str:
    """Return what a question's answer stands under."""
    return hashlib.sha256(question).hexdigest()


class QuestionChannel:
    """Both ends of it. Nothing here raises for what Redis does; a call takes 0.2 s at most."""

    def __init__(self, link: RedisLink, keys: Keys) -> None:
        self._calls = RedisCalls(link)
        self._keys = keys
        self._questions = keys.named("analytics", "questions")
        self._sign = keys.named("analytics", "server")

    @property
    def trouble(self) -> str:
        """Why Redis cannot be used, for the operator; empty when it can."""
        return self._calls.link.trouble

    @property
    def foreign(self) -> int:
        """How many values were none of ours."""
        return self._calls.counters.counts().foreign

    # The asking end.

    def look(self, digests: Sequence[str]) -> Seen | None:
        """Return the answers that are there; None while Redis is away."""
        asked = [self._keys.version, self._keys.cache_era, self._sign, *map(self._answer, digests)]
        blobs = self._calls.blobs(asked)
        if blobs is None:
            return None
        version, era, sign, *answers = blobs
        found = zip(digests, asked[3:], answers, strict=True)
        return Seen(
            version=_number(version),
            era=_word(era),
            served=sign is not None,
            answers=self._calls.found(found, lambda blob, _: _decoded(blob)),
        )

    def ask(self, questions: Iterable[bytes]) -> bool:
        """Put questions into the list; tell whether Redis took them."""

        def commands(pipeline: Any) -> None:
            pipeline.rpush(self._questions, *questions)
            pipeline.ltrim(self._questions, -MOST_WAITING, -1)
            pipeline.expire(self._questions, _QUESTIONS_LIFE_S)

        return self._calls.write(commands)

    # The answering end.

    def take(self, limit: int) -> tuple[list[bytes], int, str]:
        """Return up to `limit` questions, which are then taken, with version and era. A sign of life too."""

        def send(client: Any) -> list[Any]:
            with client.pipeline(transaction=False) as pipeline:
                pipeline.set(self._sign, b"1", px=_SIGN_LIFE_MS)
                pipeline.mget(self._keys.version, self._keys.cache_era)
                if limit:
                    pipeline.lpop(self._questions, limit)
                return list(pipeline.execute(raise_on_error=False))

        results = self._calls.read(send) or [None, None, None]
        numbers = results[1] if isinstance(results[1], list) else [None, None]
        taken = results[2] if limit and isinstance(results[2], list) else []
        return [one for one in taken if isinstance(one, bytes)], _number(numbers[0]), _word(numbers[1])

    def give(self, digest: str, answer: RemoteAnswer) -> None:
        """Store an answer for a while; one that is too long is replaced by a word about it."""
        blob = msgspec.json.encode(answer)
        if len(blob) > LONGEST_ANSWER:
            fault = f"the answer is too long for Redis ({len(blob):,} bytes): ask for less"
            blob = msgspec.json.encode(RemoteAnswer(version=answer.version, era=answer.era, fault=fault))
        self._calls.write(lambda pipeline: pipeline.set(self._answer(digest), blob, ex=ANSWER_LIFE_S))

    def _answer(self, digest: str) -> str:
        return self._keys.named("analytics", "answer", digest)


def _decoded(blob: bytes) -> RemoteAnswer:
    try:
        return _decoder.decode(blob)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ForeignValueError(str(error)) from None


def _number(blob: object) -> int:
    if not isinstance(blob, bytes) or len(blob) > _LONGEST_VERSION or not blob.isdigit():
        return 0
    return int(blob)


def _word(blob: object) -> str:
    return blob.decode("ascii", "replace")[:64] if isinstance(blob, bytes) and blob.isalnum() else ""
