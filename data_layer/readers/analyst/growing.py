"""A column of numbers that grows at its end while views of its earlier lengths stay as they were."""

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
_LEAST_SPARE = 1_024
_SPARE_SHARE = 16  # one part in so many is kept free


class GrowingColumn:
    """Integers in order. A view that was handed out never changes."""

    __slots__ = ("_buffer", "_length")

    def __init__(self, values: Integers) -> None:
        self._buffer = values
        self._length = len(values)

    @property
    def view(self) -> Integers:
        """The column as it is now."""
        found = self._buffer[: self._length]
        found.flags.writeable = False
        return found

    def append(self, values: Integers) -> None:
        """Put `values` behind the others. Costs what they cost, not what the column costs."""
        length = self._length + len(values)
        if length > len(self._buffer):
            buffer = np.empty(length + max(_LEAST_SPARE, length // _SPARE_SHARE), np.int64)
            buffer[: self._length] = self._buffer[: self._length]
            self._buffer = buffer
        self._buffer[self._length : length] = values
        self._length = length

    def insert(self, places: NDArray[np.intp], values: Integers) -> None:
        """Put each value before the one that stands at its place; places are rising. Copies the column."""
        first, length = int(places[0]), self._length + len(values)
        buffer = np.empty(length + max(_LEAST_SPARE, length // _SPARE_SHARE), np.int64)
        buffer[:first] = self._buffer[:first]
        buffer[first:length] = np.insert(self._buffer[first : self._length], places - first, values)
        self._buffer = buffer
        self._length = length
