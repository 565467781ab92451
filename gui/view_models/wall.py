"""How the wall is laid out: the card size that shows all bookmakers without scrolling, and how many abreast.

All lengths are in device-independent pixels.
"""

import enum
from dataclasses import dataclass, replace


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


@dataclass(frozen=True, kw_only=True, slots=True)
class _Measure:
    margin: int
    gap: int
    row_gap: int
    least_width: int
    most_width: int
    least_height: int
    most_height: int
    proportion: float = 0.0  # of height to width, where wider cards are higher ones, too
    heading: int = 0  # above each column of a table


_MEASURES = {
    CardSize.FULL: _Measure(
        margin=14,
        gap=12,
        row_gap=12,
        least_width=296,
        most_width=420,
        least_height=180,
        most_height=236,
        proportion=180 / 319,
    ),
    CardSize.COMPACT: _Measure(
        margin=10, gap=8, row_gap=8, least_width=184, most_width=260, least_height=52, most_height=84
    ),
    CardSize.ROW: _Measure(
        margin=8,
        gap=8,
        row_gap=0,
        least_width=240,
        most_width=1_600,
        least_height=20,
        most_height=28,
        heading=24,
    ),
}
_SHORT = replace(_MEASURES[CardSize.FULL], least_height=124)  # a full card without its foot


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
    """Return where `count` cards go on a wall of `width` x `height` pixels.

    Full cards give up their foot before they give way to compact ones.
    """
    if wanted is not WallSize.AUTO:
        return _place(CardSize(wanted.value), _MEASURES[CardSize(wanted.value)], count, width, height)
    for size, measure in (
        (CardSize.FULL, _MEASURES[CardSize.FULL]),
        (CardSize.FULL, _SHORT),
        (CardSize.COMPACT, _MEASURES[CardSize.COMPACT]),
    ):
        placement = _place(size, measure, count, width, height)
        if placement.total_height <= height:
            return placement
    return _place(CardSize.ROW, _MEASURES[CardSize.ROW], count, width, height)


def _place(size: CardSize, measure: _Measure, count: int, width: int, height: int) -> Placement:
    """Return the fewest columns that show everything, or as many as there can be."""
    inner = max(width - 2 * measure.margin, measure.least_width)
    most_columns = max((inner + measure.gap) // (measure.least_width + measure.gap), 1)
    columns = min(-(-(inner + measure.gap) // (measure.most_width + measure.gap)), most_columns)
    while columns < most_columns and _arranged(size, measure, count, columns, inner, height)[1]:
        columns += 1
    return _arranged(size, measure, count, columns, inner, height)[0]


def _arranged(
    size: CardSize, measure: _Measure, count: int, columns: int, inner: int, height: int
) -> tuple[Placement, bool]:
    """Return the cards in `columns`, and whether they are too many for the height."""
    rows = max(-(-count // columns), 1)
    room = height - 2 * measure.margin - measure.heading - (rows - 1) * measure.row_gap
    fitting = room // rows
    width = min((inner - (columns - 1) * measure.gap) // columns, measure.most_width)
    wanted = round(width * measure.proportion) if measure.proportion else measure.most_height
    most_height = min(max(wanted, measure.least_height), measure.most_height)
    placement = Placement(
        size=size,
        columns=columns,
        rows=rows,
        width=width,
        height=min(max(fitting, measure.least_height), most_height),
        margin=measure.margin,
        gap=measure.gap,
        row_gap=measure.row_gap,
        heading=measure.heading,
    )
    return placement, fitting < measure.least_height
