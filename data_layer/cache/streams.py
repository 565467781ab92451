"""What workers on other machines and the writer say to each other through Redis, and in which words.

A worker's records travel as entries of `rounds:stream`, each with the session that sends them: one connection
of one worker to its relay. The writer answers a session under `acks:{session}`, once its records are
committed. Nothing in Redis is needed to keep a round: until it is committed the worker's outbox has it.

Records are accepted in the order of their stream only. An entry says `after` which position the session has
sent the one before it; when the writer has not come so far, an entry in between was lost (a flushed server, a
replica that became primary), and the writer has the session begin again instead of leaving a hole.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec

from data_layer.cache.keys import Keys
from data_layer.database.validation import name_fault
from data_layer.messages import Record

GROUP = "writer"  # the consumer group of the central instance
ANSWER_LIFE_S = 3_600  # a session that has nothing under way needs no answer
WRITER_LIFE_MS = 5_000  # of the writer's own sign of life
WRITER_BEAT_S = 1.0

_LONGEST_RAW = 4_096  # characters of a foreign entry that quarantine keeps

_records = msgspec.msgpack.Decoder(list[Record])
_msgpack = msgspec.msgpack.Encoder()


class NoEntryError(Exception):
    """What stands in the stream is none of ours. The text is the reason for quarantine."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker's relay adds to the stream: records, or a greeting, which has none."""

    session: str
    bookmaker: str
    stream: str  # in which positions count
    after: int = 0  # the last position the session sent before; 0: it need not care
    records: Sequence[Record] | None = None

    def fields(self) -> dict[str | bytes, str | bytes | int]:
        """Return it as fields of a stream entry."""
        found: dict[str | bytes, str | bytes | int] = {
            "session": self.session,
            "bookmaker": self.bookmaker.encode(),
            "stream": self.stream.encode(),
            "after": self.after,
        }
        if self.records is not None:
            found["records"] = _msgpack.encode(self.records)
        return found


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the writer tells a session. JSON in Redis."""

    welcome: bool = False  # the greeting was heard; what follows is of after it
    position: int = 0  # everything of the stream up to here is committed
    paper_profit_minor: int = 0  # of all the bookmaker's paper bets, with the welcome
    committed: int = 0  # rounds of the session that were new, since this writer knows it
    duplicates: int = 0
    quarantined: int = 0
    again: bool = False  # an entry is missing: begin a new session


class WriterSign(msgspec.Struct, frozen=True, kw_only=True):
    """The writer's sign of life in Redis."""

    machine: str
    place: str  # of its database there: two instances must not share the rounds between them
    pid: int
    trouble: str = ""


class StreamKeys:
    """The keys of this traffic."""

    def __init__(self, prefix: str) -> None:
        self._keys = Keys(prefix)
        self.stream = self._keys.rounds_stream
        self.writer = self._keys.named("stream", "writer")

    def answer(self, session: str) -> str:
        """Return the key of the writer's answer to `session`."""
        return self._keys.named("acks", session)


def decode_entry(fields: Mapping[bytes, bytes] | None) -> Entry:
    """Return what an entry of the stream says. Raises `NoEntryError` for what no relay wrote."""
    if not fields:
        raise NoEntryError("an entry without fields")
    try:
        raw = fields.get(b"records")
        return Entry(
            session=_text(fields[b"session"]),
            bookmaker=_text(fields[b"bookmaker"]),
            stream=_text(fields[b"stream"]),
            after=int(fields[b"after"]),
            records=None if raw is None else _records.decode(raw),
        )
    except KeyError as error:
        raise NoEntryError(f"no stream entry of ours: without {error.args[0].decode()}") from None
    except (msgspec.MsgspecError, RecursionError):
        raise NoEntryError("its records are none of ours") from None
    except ValueError as error:
        raise NoEntryError(f"its fields are none of ours: {_fault_of(error)}") from None


@lru_cache(maxsize=4_096)
def _text(name: bytes) -> str:
    """Return a name that a row can carry; the same few come again and again. Raises ValueError."""
    text = name.decode()
    fault = name_fault(text)
    if fault:
        raise ValueError(f"a name {fault}")
    return text


def _fault_of(error: ValueError) -> str:
    """Return a short reason that is equal for equal faults."""
    text = str(error)
    if isinstance(error, UnicodeDecodeError):
        return "a name is no text"
    return text if text.startswith("a name") else "a position is no number"


def highest_position(records: Iterable[Record]) -> int:
    """Return the highest position among records, 0 where none has one."""
    return max((getattr(record, "position", 0) for record in records), default=0)


def raw_text(fields: Mapping[bytes, bytes] | None) -> str:
    """Return a foreign entry as text for quarantine, cut to what is kept."""
    text = ""
    for name, value in (fields or {}).items():
        text += f"{name[:_LONGEST_RAW]!a}: {value[:_LONGEST_RAW]!a} "
        if len(text) > _LONGEST_RAW:
            break
    return text[:_LONGEST_RAW].rstrip()


def encode_json(message: Answer | WriterSign) -> bytes:
    """Return `message` as it stands in Redis."""
    return msgspec.json.encode(message)


def decode_answer(data: bytes | None) -> Answer | None:
    """Return the writer's answer; None where there is none, or something foreign in its place."""
    try:
        return None if data is None else msgspec.json.decode(data, type=Answer)
    except (msgspec.MsgspecError, RecursionError):
        return None


def decode_sign(data: bytes | None) -> WriterSign | None:
    """Return the writer's sign of life; None where there is none, or something foreign in its place."""
    try:
        return None if data is None else msgspec.json.decode(data, type=WriterSign)
    except (msgspec.MsgspecError, RecursionError):
        return None
