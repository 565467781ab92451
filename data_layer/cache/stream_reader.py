"""The receiving end of `rounds:stream`: a consumer group of one reader, which takes over what others left."""

import contextlib
import logging
import os
import socket
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from redis import RedisError, ResponseError
from redis import TimeoutError as RedisTimeoutError
from redis.exceptions import OutOfMemoryError

from config.redis_target import RedisTarget
from data_layer.cache.breaker import in_words, is_outage
from data_layer.cache.client import connect_blocking
from data_layer.cache.streams import (
    ANSWER_LIFE_S,
    GROUP,
    WRITER_LIFE_MS,
    Answer,
    StreamKeys,
    WriterSign,
    decode_sign,
    encode_json,
)

MOST_ENTRIES = 1_000  # of one read
_FIRST_ENTRIES = 100
_SAMPLE = 32  # entries whose size is looked at
_READ_BYTES = 4 * 1024 * 1024  # of one read, about
_FOREIGN_IDLE_MS = 30_000  # what another consumer has kept for so long is taken over
_GONE_IDLE_MS = 300_000  # a consumer without entries and without a sign for so long is removed
_LOOK_AROUND_S = 15.0
_LONGEST_WAIT_S = 2.0
_NO_GROUP = ("NOGROUP", "UNBLOCKED")  # the latter: stream or group were deleted while a read waited

_log = logging.getLogger(__name__)


class StreamUnavailableError(Exception):
    """The stream cannot be read at the moment. The text is for the operator."""

    def __init__(self, text: str, *, outage: bool = False) -> None:
        super().__init__(text)
        self.outage = outage  # of Redis as a whole, not of the stream alone


class RawEntry(NamedTuple):
    """An entry as it stands in the stream; without fields where it was deleted meanwhile."""

    id: bytes
    fields: Mapping[bytes, bytes] | None


class StreamReader:
    """Reads for the writer. For one thread.

    After any fault it begins again with everything that was handed out and not settled, its own and that of
    dead consumers: what was read may come twice, but nothing is skipped and nothing comes out of order.
    """

    def __init__(self, target: RedisTarget, place: str) -> None:
        """`place` is the database's on this machine; only the holder of its writer lock may read for it."""
        self._place = place
        self._keys = StreamKeys(target.prefix)
        self._client: Any = connect_blocking(target, _LONGEST_WAIT_S)
        for command in (
            "XREADGROUP",
            "XAUTOCLAIM",
        ):  # by thousands: no detours
            self._client.set_response_callback(command, _as_it_came)
        self._machine = socket.gethostname()
        self._consumer = f"{self._machine}-{os.getpid()}"
        self._claim_from: bytes | None = b"0-0"  # where to go on taking over, None: nothing to take over
        self._claim_idle_ms = 0
        self._looked_around_at = time.monotonic()
        self._count = _FIRST_ENTRIES

    def read(self, wait_s: float) -> list[RawEntry]:
        """Return the next entries, oldest first; none when nothing came for `wait_s`, 0: not to wait.

        Raises `StreamUnavailableError`.
        """
        try:
            if self._claim_from is None and time.monotonic() - self._looked_around_at > _LOOK_AROUND_S:
                self._look_around()
            if self._claim_from is not None:
                if self._claim_from == b"0-0":
                    self._refuse_to_share()
                return self._claim()
            return self._read_new(min(wait_s, _LONGEST_WAIT_S))
        except ResponseError as error:
            if str(error).startswith(_NO_GROUP):
                self._make_group()
                return []
            raise self._unavailable(error) from error
        except (RedisError, OSError) as error:
            raise self._unavailable(error) from error

    def settle(self, ids: Iterable[bytes], answers: Mapping[str, Answer]) -> None:
        """Take committed entries out of the stream and tell their sessions, all at once.

        Raises `StreamUnavailableError`; to be called again then, before the next `read`.
        """
        pipeline = self._client.pipeline(transaction=True)
        for session, answer in answers.items():
            pipeline.set(self._keys.answer(session), encode_json(answer), ex=ANSWER_LIFE_S)
        gone = list(ids)
        if gone:
            pipeline.execute_command("XACK", self._keys.stream, GROUP, *gone)
            pipeline.execute_command("XDEL", self._keys.stream, *gone)
        self._beat_in(pipeline, "")
        try:
            pipeline.execute()
        except ResponseError as error:
            if isinstance(error, OutOfMemoryError):
                self._make_room(gone)
            raise self._unavailable(error) from error
        except (RedisError, OSError) as error:
            raise self._unavailable(error) from error

    def beat(self, trouble: str) -> None:
        """Give a sign of life. Raises `StreamUnavailableError`."""
        try:
            self._beat_in(self._client, trouble)
        except (RedisError, OSError) as error:
            raise self._unavailable(error) from error

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _make_room(self, gone: Sequence[bytes]) -> None:
        """Take entries out of a server that is too full to store our answers. A sender that misses its entry
        before it is answered sends it once more, which does no harm."""
        with contextlib.suppress(RedisError, OSError):
            if gone:
                self._client.execute_command("XACK", self._keys.stream, GROUP, *gone)
                self._client.execute_command("XDEL", self._keys.stream, *gone)

    def _read_new(self, wait_s: float) -> list[RawEntry]:
        block = ("BLOCK", int(wait_s * 1000)) if wait_s else ()
        found = self._client.execute_command(
            "XREADGROUP", "GROUP", GROUP, self._consumer,
            "COUNT", self._count, *block, "STREAMS", self._keys.stream, ">",
        )  # fmt: skip
        return self._sized(_entries(found[0][1])) if found else []

    def _claim(self) -> list[RawEntry]:
        """Take over a part of what was handed out and not settled."""
        found = self._client.execute_command(
            "XAUTOCLAIM", self._keys.stream, GROUP, self._consumer,
            self._claim_idle_ms, self._claim_from, "COUNT", self._count,
        )  # fmt: skip
        self._claim_from = None if found[0] == b"0-0" else found[0]
        entries = self._sized(_entries(found[1]))
        if entries and self._claim_idle_ms:
            _log.warning("%d entries that another reader left are taken over", len(entries))
        return entries

    def _refuse_to_share(self) -> None:
        """Make certain that no other instance reads: each of the two databases would get a part."""
        [blob] = self._client.mget([self._keys.writer])  # whose answer is none where another type stands
        sign = decode_sign(blob)
        if sign is not None and (sign.machine, sign.place) != (self._machine, self._place):
            raise StreamUnavailableError(
                f"another instance takes them from this Redis (process {sign.pid} on {sign.machine},"
                f" {sign.place}); stop it, or give each a REDIS_KEY_PREFIX of its own"
            )

    def _sized(self, entries: list[RawEntry]) -> list[RawEntry]:
        """Let the next read bring as many entries of this size as are read well at once."""
        sample = entries[:: max(1, len(entries) // _SAMPLE)]
        size = sum(len(value) for entry in sample for value in (entry.fields or {}).values())
        fitting = _READ_BYTES * len(sample) // max(1, size)
        self._count = max(1, min(MOST_ENTRIES, 2 * self._count, fitting))
        return entries

    def _look_around(self) -> None:
        """Remove consumers that are gone, and begin to take over what others do not settle."""
        self._looked_around_at = time.monotonic()
        self._refuse_to_share()
        consumers: Sequence[Mapping[str, Any]] = self._client.xinfo_consumers(self._keys.stream, GROUP)
        for consumer in consumers:
            if consumer["name"] == self._consumer.encode():
                continue
            if consumer["pending"]:
                self._claim_from, self._claim_idle_ms = b"0-0", _FOREIGN_IDLE_MS
            elif consumer["idle"] > _GONE_IDLE_MS:
                self._client.xgroup_delconsumer(self._keys.stream, GROUP, consumer["name"])

    def _make_group(self) -> None:
        """Make the group, and the stream where there is none: at first, or when all was deleted."""
        try:
            self._client.execute_command("XGROUP CREATE", self._keys.stream, GROUP, "0", "MKSTREAM")
        except ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise self._unavailable(error) from error
        except (RedisError, OSError) as error:
            raise self._unavailable(error) from error

    def _unavailable(self, error: Exception) -> StreamUnavailableError:
        """Begin again at the next read, and say why."""
        self._claim_from, self._claim_idle_ms = b"0-0", 0
        if isinstance(error, RedisTimeoutError):  # perhaps an entry that is too large for its company
            self._count = max(1, self._count // 2)
        outage = is_outage(error)
        text = f"Redis {in_words(error)}" if outage else in_words(error)
        if "WRONGTYPE" in text:
            text = f"the key {self._keys.stream} holds something that is no stream; rename or delete it"
        return StreamUnavailableError(text, outage=outage)

    def _beat_in(self, client: Any, trouble: str) -> None:
        sign = WriterSign(machine=self._machine, place=self._place, pid=os.getpid(), trouble=trouble)
        client.set(self._keys.writer, encode_json(sign), px=WRITER_LIFE_MS)


def _as_it_came(answer: Any, **_: Any) -> Any:
    return answer


def _entries(found: Sequence[Any]) -> list[RawEntry]:
    """Return the entries of an answer. Servers before 7 name deleted ones too, without fields."""
    entries = []
    for one in found:
        if one and one[0] is not None:
            words = iter(one[1] or ())
            entries.append(RawEntry(one[0], dict(zip(words, words, strict=True)) or None))
    return entries
