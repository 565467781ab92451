"""How the wall is laid out: the card size that shows all bookmakers without scrolling, and how many abreast.

All lengths are in device-independent pixels.
"""

import enum
from dataclasses import dataclass


class CardSize(enum.StrEnum):
    """The three sizes of a card."""

    FULL = "full"
    COMPACT = "compact"
    ROW = "table"


class WallSize(enum.StrEnum):
    """What the operator asks for; AUTO leaves the choice to the wall."""

    AUTO = "auto"
    FULL = "full"
    COMPACT = "compact"
    ROW = "table"


@dataclass(frozen=True, slots=True)
class _Measure:
    margin: int
    gap: int
    row_gap: int
    least_width: int
    most_width: int
    height: int
    heading: int = 0  # above each column of a table


_MEASURES = {
    CardSize.FULL: _Measure(margin=14, gap=12, row_gap=12, least_width=296, most_width=420, height=180),
    CardSize.COMPACT: _Measure(margin=10, gap=8, row_gap=8, least_width=184, most_width=260, height=60),
    CardSize.ROW: _Measure(
        margin=10, gap=16, row_gap=0, least_width=300, most_width=1_600, height=26, heading=24
    ),
}


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the cards go. Cards fill rows first, a table fills columns first."""

    size: CardSize
    columns: int
    rows: int
    width: int  # of a card
    height: int
    margin: int
    gap: int
    row_gap: int
    heading: int

    def rectangle(self, index: int) -> tuple[int, int, int, int]:
        """Return x, y, width and height of card `index`."""
        column, row = self.cell(index)
        x = self.margin + column * (self.width + self.gap)
        y = self.margin + self.heading + row * (self.height + self.row_gap)
        return x, y, self.width, self.height

    def cell(self, index: int) -> tuple[int, int]:
        """Return column and row of card `index`."""
        if self.size is CardSize.ROW:
            return index // self.rows, index % self.rows
        return index % self.columns, index // self.columns

    def step(self, index: int, right: int, down: int, count: int) -> int:
        """Return the card beside `index` in a direction, or `index` where there is none."""
        if self.size is CardSize.ROW:
            right, down = right * self.rows, down
        else:
            right, down = right, down * self.columns
        moved = index + right + down
        return moved if 0 <= moved < count else index

    @property
    def total_height(self) -> int:
        """Return the height that shows every card."""
        return 2 * self.margin + self.heading + self.rows * self.height + max(self.rows - 1, 0) * self.row_gap


def place(count: int, width: int, height: int, wanted: WallSize = WallSize.AUTO) -> Placement:
    """Return where `count` cards go on a wall of `width` x `height` pixels."""
    if wanted is not WallSize.AUTO:
        return _place(CardSize(wanted.value), count, width, height)
    for size in (CardSize.FULL, CardSize.COMPACT):
        placement = _place(size, count, width, height)
        if placement.total_height <= height:
            return placement
    return _place(CardSize.ROW, count, width, height)


def _place(size: CardSize, count: int, width: int, height: int) -> Placement:
    measure = _MEASURES[size]
    inner = max(width - 2 * measure.margin, measure.least_width)
    most_columns = max((inner + measure.gap) // (measure.least_width + measure.gap), 1)
    least_columns = min(-(-(inner + measure.gap) // (measure.most_width + measure.gap)), most_columns)
    columns = least_columns
    while columns < most_columns and _arranged(size, measure, count, columns, inner).total_height > height:
        columns += 1
    return _arranged(size, measure, count, columns, inner)


def _arranged(size: CardSize, measure: _Measure, count: int, columns: int, inner: int) -> Placement:
    width = min((inner - (columns - 1) * measure.gap) // columns, measure.most_width)
    return Placement(
        size=size,
        columns=columns,
        rows=max(-(-count // columns), 1),
        width=width,
        height=measure.height,
        margin=measure.margin,
        gap=measure.gap,
        row_gap=measure.row_gap,
        heading=measure.heading,
    )
