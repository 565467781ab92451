"""What goes over the pipes between us and the process that runs a class of the user's own.

A frame is a 4-byte little-endian length and the MessagePack of one struct, as everywhere here. One request is
under way at a time, and each is answered once; no answer is the answer of a process that was ended.
"""

import struct

import msgspec

HEADER = struct.Struct("<I")
MOST_FRAME_BYTES = 16 * 1024 * 1024
PIPES_CLOSED = 74  # exit code of a process whose pipes the class has closed: EX_IOERR of sysexits.h


class _Frame(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of all frames."""


class Load(_Frame, tag=1, frozen=True, kw_only=True):
    """Load the class and make one of it. Answered by `Loaded`."""

    file: str
    class_name: str
    settings: dict[str, str]  # keyword arguments of the class
    memory_bytes: int  # of address space, where the system can limit it
    within_s: float


class Play(_Frame, tag=2, frozen=True, kw_only=True):
    """Bet on these rounds, one after the other. Answered by `Played`."""

    crashes_centi: list[int]
    bankroll_minor: int
    within_s: float


class Step(_Frame, tag=3, frozen=True, kw_only=True):
    """Some rounds have ended: say what to bet on the next. Answered by `Next`."""

    outcomes: list[tuple[bool | None, int]]  # won, lost or no bet, and the crash point
    bankroll_minor: int
    within_s: float


class Loaded(_Frame, tag=11, frozen=True, kw_only=True):
    """The class is there."""


class Played(_Frame, tag=12, frozen=True, kw_only=True):
    """A bet for every round; from the first on that the bankroll does not suffice for, that bet again."""

    stakes_minor: list[int]  # 0: no bet
    cashouts_centi: list[int]
    ruined: bool


class Next(_Frame, tag=13, frozen=True, kw_only=True):
    """The bet on the next round; a stake of 0 is none."""

    stake_minor: int
    cashout_centi: int


class Failed(_Frame, tag=14, frozen=True, kw_only=True):
    """The class did what it must not; the process ends after this."""

    text: str


Request = Load | Play | Step
Reply = Loaded | Played | Next | Failed

_encoder = msgspec.msgpack.Encoder()
requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def pack(frame: Request | Reply) -> bytes:
    """Return a frame as it goes over a pipe."""
    body = _encoder.encode(frame)
    return HEADER.pack(len(body)) + body
