"""Many rounds as columns, for those that have them so and those that want them so.

An import reads columns and the database stores columns; making a million `Round`s in between and taking them
apart again would cost a quarter of the whole.
"""

from collections.abc import Sequence
from typing import Any, overload

from data_layer.messages import Record, Round

FIELDS = Round.__struct_fields__


class RoundColumns(Sequence[Record]):
    """A sequence of `Round`s that are made only when somebody looks at one.

    `columns` are the fields of `Round` in their order, all of the same length. The values are as good as the
    source that made them: the writer judges them like any other record's.
    """

    __slots__ = ("columns",)

    def __init__(self, columns: Sequence[tuple[Any, ...]]) -> None:
        if len(columns) != len(FIELDS) or len(set(map(len, columns))) != 1:
            raise ValueError(f"rounds have {len(FIELDS)} columns of one length")
        self.columns = columns

    def __len__(self) -> int:
        return len(self.columns[0])

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> "RoundColumns": ...

    def __getitem__(self, index: int | slice) -> "Record | RoundColumns":
        if isinstance(index, slice):
            return RoundColumns([column[index] for column in self.columns])
        return Round(**{name: column[index] for name, column in zip(FIELDS, self.columns, strict=True)})
