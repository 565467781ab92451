"""Rounds by interval, and by weekday and hour, as tables."""

from data_layer.analytics.questions import HeatCell, Intervals
from gui.view_models.analytics import figures
from gui.view_models.analytics.figures import SMALL
from gui.view_models.words import NOTHING, count_text, multiplier_text
from terminal.answers.place import Place
from terminal.texts import Column, Sheet

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TOO_FEW = "\N{MIDDLE DOT}"


def print_buckets(place: Place, answer: Intervals) -> None:
    """Print a row for each bucket, the empty ones too."""
    of_rounds = any(bucket.first_round is not None for bucket in answer.buckets)
    sheet = Sheet(
        *([Column("from round", number=True)] if of_rounds else []),
        Column("from"),
        Column("rounds", number=True),
        Column("reached", number=True),
        Column("share", number=True),
        Column("of all", number=True, spare=1),
        Column("median", number=True),
        Column("highest", number=True),
        Column(""),
    )
    for bucket in answer.buckets:
        remark = "running" if bucket.running else "short" if bucket.short else ""
        if bucket.rounds < SMALL:
            remark = ", ".join(filter(None, (remark, "n too small" if bucket.rounds else "no rounds")))
        sheet.add(
            *([count_text(bucket.first_round)] if of_rounds else []),
            bucket.local_start or NOTHING,
            count_text(bucket.rounds),
            count_text(bucket.reached),
            figures.share_text(bucket.reached / bucket.rounds if bucket.rounds else None),
            figures.share_text(answer.share),
            multiplier_text(bucket.median_centi),
            multiplier_text(bucket.highest_centi),
            remark,
        )
    if answer.buckets:
        place.console.print(sheet)


def print_heat(place: Place, answer: Intervals) -> None:
    """Print a row for each hour with a column for each weekday: the other way does not fit 80 characters."""
    cells = {(cell.weekday, cell.hour): cell for cell in answer.heat}
    sheet = Sheet(Column("hour", number=True), *(Column(day, number=True) for day in _DAYS))
    for hour in range(24):
        row = (_share(cells.get((weekday, hour)), answer.share) for weekday in range(7))
        sheet.add(f"{hour:02d}", *row)
    if not cells:
        return
    place.console.print(sheet)
    told = [cell for cell in answer.heat if cell.rounds >= SMALL]
    outside = sum(_differs(cell, answer.share) for cell in told)
    place.say(
        f"In percent, {answer.timezone}; all together {figures.share_text(answer.share)}."
        f" {NOTHING}: no rounds; {_TOO_FEW}: n too small (under {SMALL} rounds).",
        f"*: {outside} of {len(told)} differ from all at 95 %;"
        f" about {0.05 * len(told):.0f} do by chance alone.",
    )


def _share(cell: HeatCell | None, share: float | None) -> str:
    if cell is None or cell.share is None:
        return NOTHING
    if cell.rounds < SMALL:
        return _TOO_FEW
    return f"{100 * cell.share:.1f}{'*' if _differs(cell, share) else ' '}"


def _differs(cell: HeatCell, share: float | None) -> bool:
    return share is not None and cell.wilson is not None and not cell.wilson.low <= share <= cell.wilson.high
