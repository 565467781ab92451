"""The rounds of one hour, packed: exact to the microsecond and the hundredth, so that a window of time can
begin and end anywhere without reading `rounds`.

The blob holds, little-endian and in order of time, the offsets from the hour's beginning in microseconds
(32 bits each) and then the crash points in hundredths: 32 bits each, or 64 where one does not fit 32.
"""

import sys
from array import array
from collections.abc import Iterable, Sequence
from typing import Literal

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US

_SWAP = sys.byteorder != "little"
_LARGEST_32 = 0xFFFF_FFFF


def pack_hour(offsets_us: Iterable[int], crashes_centi: Iterable[int], largest_centi: int) -> bytes:
    """Return the blob of an hour. Both have the same length and the order of time."""
    offsets = array("I", offsets_us)
    crashes = array("Q" if largest_centi > _LARGEST_32 else "I", crashes_centi)
    if _SWAP:
        offsets.byteswap()
        crashes.byteswap()
    return offsets.tobytes() + crashes.tobytes()


def unpack_hour(blob: bytes, count: int) -> tuple[Sequence[int], list[int]]:
    """Return the offsets and the crash points of an hour of `count` rounds."""
    typecode: Literal["I", "Q"] = "I" if len(blob) == 8 * count else "Q"
    if not _SWAP:
        view = memoryview(blob)
        return view[: 4 * count].cast("I"), view[4 * count :].cast(typecode).tolist()
    offsets = array("I", blob[: 4 * count])
    crashes = array(typecode, blob[4 * count :])
    offsets.byteswap()
    crashes.byteswap()
    return offsets, crashes.tolist()
