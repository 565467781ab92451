"""The sending end of `rounds:stream`: entries out, answers in, in one round trip for all workers here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis import RedisError

from config.redis_target import RedisTarget
from data_layer.cache.breaker import in_words, is_outage
from data_layer.cache.client import connect
from data_layer.cache.streams import (
    Answer,
    Entry,
    StreamKeys,
    WriterSign,
    decode_answer,
    decode_sign,
)

TIMEOUT_S = 1.0  # of a thread that nobody waits for; half a megabyte may be under way


class StreamUnreachableError(Exception):
    """Redis did not answer: what was sent may have arrived or not. The text says what is wrong."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchanged:
    """The outcome of one round trip."""

    ids: tuple[bytes | None, ...]  # of the entries sent, None for one that was refused
    refusal: str  # why the first of these was, for the operator; empty when none was
    missing: frozenset[str]  # sessions whose entry, that was looked for, is not in the stream
    answers: Mapping[str, Answer]
    writer: WriterSign | None  # None: no writer has given a sign of life lately


class StreamSender:
    """Speaks to Redis for a relay. For one thread; it may block for a second or two."""

    def __init__(self, target: RedisTarget) -> None:
        self._keys = StreamKeys(target.prefix)
        self._client: Any = connect(target, timeout_s=TIMEOUT_S)

    def exchange(
        self, entries: Sequence[Entry], looked_for: Mapping[str, bytes], sessions: Sequence[str]
    ) -> Exchanged:
        """Add `entries`, then look for one entry of each session in `looked_for`, then ask for answers.

        In this order, and the writer removes entries together with its answer: so a session whose entry is
        missing and whose answer does not cover it has lost it. Raises `StreamUnreachableError`.
        """
        pipeline = self._client.pipeline(transaction=False)
        for entry in entries:
            words = [word for field in entry.fields().items() for word in field]
            pipeline.execute_command("XADD", self._keys.stream, "*", *words)
        for entry_id in looked_for.values():
            pipeline.execute_command("XRANGE", self._keys.stream, entry_id, entry_id)
        pipeline.get(self._keys.writer)
        for session in sessions:
            pipeline.get(self._keys.answer(session))
        try:
            found = list(pipeline.execute(raise_on_error=False))
        except (RedisError, OSError) as error:
            raise StreamUnreachableError(f"Redis {in_words(error)}") from error
        results = iter(found)
        added = [next(results) for _ in entries]
        refusals = [result for result in added if isinstance(result, Exception)]
        missing = frozenset(session for session in looked_for if not _is_entry_of(session, next(results)))
        writer = decode_sign(_bytes(next(results)))
        answers = {session: decode_answer(_bytes(next(results))) for session in sessions}
        return Exchanged(
            ids=tuple(result if isinstance(result, bytes) else None for result in added),
            refusal=_refusal(refusals[0]) if refusals else "",
            missing=missing,
            answers={session: answer for session, answer in answers.items() if answer is not None},
            writer=writer,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _refusal(error: Exception) -> str:
    return f"Redis {in_words(error)}" if is_outage(error) else f"Redis refuses rounds: {in_words(error)}"


def _is_entry_of(session: str, found: object) -> bool:
    """Tell whether an XRANGE of one id found what `session` sent, or could not tell."""
    if not isinstance(found, list):
        return True  # an error: the next look will tell
    return any(fields and fields.get(b"session") == session.encode() for _, fields in found)


def _bytes(result: object) -> bytes | None:
    return result if isinstance(result, bytes) else None
