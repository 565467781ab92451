"""A bookmaker as a row of the wall's table. Wider rows have more columns."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPen

from gui.theme import SEMIBOLD, Theme
from gui.view_models.cards import CardModel
from gui.view_models.words import NOTHING
from gui.widgets.lights import paint_light
from gui.widgets.painting import NORMAL, draw_text, draw_text_right, elided, text_width

_LIGHT_X = 12.5
_NAME_LEFT = 23
_GAP = 8
_RIGHT = 8


@dataclass(frozen=True, slots=True)
class RowColumn:
    """One column: what it shows and where; numbers end at its right edge."""

    key: str
    title: str
    left: int
    width: int
    right_aligned: bool = False


_LEAST = {"name": 96, "tag": 32, "value": 66}
_VALUE_SIZES = (13, 12, 11, 10)  # a number is written smaller rather than cut
# Added in this order while there is room: key, least width.
_EXTRA = (
    ("last", 68),
    ("reason", 112),
    ("age", 44),
    ("24 h", 52),
    ("median", 50),
    ("below 2x", 70),
    ("per hour", 56),
    ("group", 62),
)
_ORDER = ("name", "tag", "group", "reason", "value", "last", "24 h", "per hour", "median", "below 2x", "age")
_RIGHT_ALIGNED = frozenset({"value", "24 h", "per hour", "median", "below 2x", "age"})
_TITLES = {"name": "bookmaker", "tag": "", "group": "feed", "reason": "state", "value": "multiplier"}
_APART = {"last": 8}  # further from the numbers that end at its left
_STRETCH = {"name": 1, "reason": 2, "last": 5}  # shares of the room that is left
_MOST = {"name": 240, "reason": 420, "last": 420}


@lru_cache(maxsize=16)
def row_columns(width: int) -> tuple[RowColumn, ...]:
    """Return the columns of a row of `width` pixels."""
    widths = dict(_LEAST)
    room = width - _NAME_LEFT - _RIGHT - sum(widths.values()) - _GAP * (len(widths) - 1)
    for key, least in _EXTRA:
        if room < least + _GAP:
            break
        widths[key] = least
        room -= least + _GAP
    shares = {key: share for key, share in _STRETCH.items() if key in widths}
    for key, share in shares.items():
        widths[key] = min(widths[key] + room * share // sum(shares.values()), _MOST[key])
    columns, x = [], _NAME_LEFT
    for key in _ORDER:
        if key in widths:
            title, apart = _TITLES.get(key, key), _APART.get(key, 0)
            columns.append(RowColumn(key, title, x + apart, widths[key] - apart, key in _RIGHT_ALIGNED))
            x += widths[key] + _GAP
    return tuple(columns)


def paint_row(painter: QPainter, model: CardModel, theme: Theme, width: int, height: int) -> None:
    """Paint a row. Its ground is there already."""
    painter.setPen(QPen(theme.blend("line", "surface", 0.6), 1))
    painter.drawLine(QPointF(0, height - 0.5), QPointF(width, height - 0.5))
    paint_light(painter, model.head.light, _LIGHT_X, height / 2, theme, 4)
    columns = row_columns(width)
    baseline = height / 2 + 4.5
    keys = {column.key for column in columns}
    has_reason = "reason" in keys
    figures = dict(model.foot.figures)
    if model.head.brief and not has_reason and (model.live.value == NOTHING or "last" not in keys):
        _narrow(painter, model, theme, columns, baseline)
        return
    for column in columns:
        if column.key == "last":
            _last(painter, model, theme, column, baseline, show_brief=not has_reason)
        else:
            _cell(painter, model, theme, column, baseline, figures)


def _narrow(
    painter: QPainter, model: CardModel, theme: Theme, columns: tuple[RowColumn, ...], baseline: float
) -> None:
    """Paint the name and, in place of numbers that are not there, what is the matter."""
    first = next((column for column in columns if column.key == "value"), columns[-1])
    last, left = columns[-1], first.left
    for column in columns[: columns.index(first)]:
        if column.key == "name" or last.key == "last":
            _cell(painter, model, theme, column, baseline, {})
        else:
            left = min(left, column.left)  # where a row is as narrow as can be, also in place of the tag
    right = last.left + last.width
    brief = elided(model.head.brief, 11, NORMAL, right - left)
    draw_text_right(painter, brief, right, baseline, theme.color(model.head.reason_tone), 11)


def _cell(
    painter: QPainter,
    model: CardModel,
    theme: Theme,
    column: RowColumn,
    baseline: float,
    figures: dict[str, str],
) -> None:
    head, weight, size, tone = model.head, NORMAL, 12, "text"
    match column.key:
        case "name":
            text, weight, size = head.name, SEMIBOLD, 13
        case "tag":
            text, tone, size = head.short_tag, "muted", 10
        case "group":
            text, tone = head.group, "muted"
        case "reason":
            fits = text_width(head.reason, size) <= column.width
            text, tone = head.reason if fits or not head.brief else head.brief, head.reason_tone
        case "value":
            # Stale numbers are faint where they are large; here they are too small to be.
            text, weight = model.live.value + model.live.unit, SEMIBOLD
            size = value_size(text, column.width)
            tone = "muted" if model.live.tone == "faint" else model.live.tone
        case "age":
            text, tone = model.foot.age, model.foot.age_tone
        case "24 h":
            text = model.foot.figures[0][1]
        case _:
            text = figures.get(column.key, "").removesuffix(" in a row")
    text = elided(text, size, weight, column.width)
    if column.right_aligned:
        right = column.left + column.width
        draw_text_right(painter, text, right, baseline, theme.color(tone), size, weight)
    else:
        draw_text(painter, text, column.left, baseline, theme.color(tone), size, weight)


def value_size(text: str, room: int) -> int:
    """Return the largest size in pixels in which a multiplier fits `room`, or the smallest there is."""
    fitting = (size for size in _VALUE_SIZES if text_width(text, size, SEMIBOLD) <= room)
    return next(fitting, _VALUE_SIZES[-1])


def _last(
    painter: QPainter, model: CardModel, theme: Theme, column: RowColumn, baseline: float, *, show_brief: bool
) -> None:
    if show_brief and model.head.brief:
        brief = elided(model.head.brief, 11, NORMAL, column.width)
        draw_text(painter, brief, column.left, baseline, theme.color(model.head.reason_tone), 11)
        return
    x = float(column.left)
    for text, tone in model.last:
        if x + text_width(text, 11, SEMIBOLD) > column.left + column.width:
            return
        x += draw_text(painter, text, x, baseline, theme.color(tone), 11, SEMIBOLD) + 8


def paint_heading(painter: QPainter, theme: Theme, x: int, y: int, width: int) -> None:
    """Paint the column titles of rows of `width` whose left edge is at x, on a baseline 15 below y."""
    for column in row_columns(width):
        title = elided(column.title, 10, NORMAL, column.width)
        if column.right_aligned:
            right = x + column.left + column.width
            draw_text_right(painter, title, right, y + 15, theme.color("muted"), 10)
        else:
            draw_text(painter, title, x + column.left, y + 15, theme.color("muted"), 10)
