"""Windows of consecutive crash points as single numbers, so that equal ones are found by sorting."""

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Integers = NDArray[np.int64]

_BASE = 0x9E37_79B9_7F4A_7C15  # odd: a window's first rounds count as much as its last
_WORD = 2**64


def window_hashes(crashes: Integers, length: int) -> Hashes:
    """Return a 64-bit hash of every window of `length` rounds, in the order of their beginnings.

    A polynomial in mixed crash points (Karp and Rabin 1987, IBM Journal of Research and Development 31),
    doubled up from windows of 1, 2, 4, ... rounds. Windows that differ have one hash with a chance of about
    2^-64, so even 10 million of them hardly ever hold such a pair. Empty where there are fewer rounds.
    """
    if len(crashes) < length:
        return np.empty(0, np.uint64)
    block = mixed(crashes.astype(np.uint64))  # of windows that have `size` rounds
    size, have, found = 1, 0, block
    while True:
        if length & size:
            found = _joined(found, block, have) if have else block
            have += size
        if have == length:
            return found
        block = _joined(block, block, size)
        size *= 2


def mixed(numbers: Hashes) -> Hashes:
    """Return numbers that look random for any that differ (SplitMix64's finaliser, Steele et al. 2014)."""
    found = numbers + np.uint64(_BASE)
    for shift, factor in ((30, 0xBF58_476D_1CE4_E5B9), (27, 0x94D0_49BB_1331_11EB)):
        found = (found ^ (found >> np.uint64(shift))) * np.uint64(factor)
    return found ^ (found >> np.uint64(31))


def _joined(first: Hashes, second: Hashes, size: int) -> Hashes:
    """Return the hashes of windows of `first`, which have `size` rounds, each followed by one of `second`."""
    return first[: len(second) - size] + second[size:] * np.uint64(pow(_BASE, size, _WORD))
