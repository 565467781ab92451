"""Buckets of rounds and the hours of the week as values."""

from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from zoneinfo import ZoneInfo

from data_layer.analytics.proportions import wilson
from data_layer.analytics.questions import Bucket, HeatCell, Intervals
from gui.view_models import words
from gui.view_models.analytics import figures
from gui.view_models.analytics.charts import Bar, Bars, Cell, Heat, nice_ticks
from gui.view_models.analytics.choices import local_words
from gui.view_models.analytics.figures import SMALL

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY_US = 86_400_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class IntervalsView:
    """The panel as values."""

    buckets: Bars
    buckets_title: str = ""
    heat: Heat | None = None  # None where the buckets are of rounds
    heat_title: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def view(answer: Intervals, now_us: int) -> IntervalsView:
    """Return the panel's content."""
    threshold = figures.threshold_text(answer.threshold_centi)
    return IntervalsView(
        buckets=_buckets(answer, threshold, now_us),
        buckets_title=f"share of rounds that reached {threshold}, with 95 % interval; below: how many",
        heat=_heat(answer, threshold) if answer.heat else None,
        heat_title=f"share that reached {threshold}, by hour and weekday, {answer.timezone}",
        facts=(("note", answer.note),) if answer.note else (),
    )


def _buckets(answer: Intervals, threshold: str, now_us: int) -> Bars:
    most = max((bucket.rounds for bucket in answer.buckets), default=0)
    shares = [bucket.reached / bucket.rounds for bucket in answer.buckets if bucket.rounds >= SMALL]
    highest = min(1.15 * max([*shares, answer.share or 0.0, 0.02]), 1.0)
    zone = ZoneInfo(answer.timezone)
    lasts_days = bool(answer.buckets) and answer.buckets[0].end_us - answer.buckets[0].start_us >= _DAY_US
    numbers = None if answer.heat else _numbers(answer)
    bars = []
    for place, bucket in enumerate(answer.buckets):
        interval = wilson(bucket.reached, bucket.rounds)
        name = local_words(bucket.start_us, answer.timezone, now_us)
        name = f"{bucket.local_start or name} to {local_words(bucket.end_us, answer.timezone, now_us)}"
        label = _label(bucket, zone, days=lasts_days)
        if numbers is not None:
            label, name = (
                f"{numbers[place][0]:,}",
                _numbered(numbers[place], name, timed=bucket.start_us >= 0),
            )
        bars.append(
            Bar(
                label=label,
                value=bucket.reached / bucket.rounds if bucket.rounds else None,
                low=None if interval is None else interval.low,
                high=None if interval is None else interval.high,
                weight=bucket.rounds / most if most else 0.0,
                running=bucket.running,
                small=bucket.rounds < SMALL,
                reading=_reading(bucket, threshold, name),
            )
        )
    return Bars(
        bars=tuple(bars),
        ticks=nice_ticks(highest, percent=True),
        top=highest,
        line=answer.share,
        line_words=f"all: {figures.share_text(answer.share)}" if answer.share is not None else "",
        weighed=True,
        newest_last=True,
    )


def _label(bucket: Bucket, zone: ZoneInfo, *, days: bool) -> str:
    at = datetime.fromtimestamp(bucket.start_us / 1_000_000, zone)
    if days or (at.hour, at.minute) == (0, 0):
        return f"{at.day} {at:%b}"
    return f"{at:%H:%M}"


def _numbers(answer: Intervals) -> list[tuple[int, int]]:
    """Return the first and last number of each bucket of rounds, counted in the span from 1."""
    ends = list(accumulate(bucket.rounds for bucket in answer.buckets))
    return [(end - bucket.rounds + 1, end) for end, bucket in zip(ends, answer.buckets, strict=True)]


def _numbered(numbers: tuple[int, int], times: str, *, timed: bool) -> str:
    name = f"rounds {numbers[0]:,} to {numbers[1]:,}"
    return f"{name}, {times}" if timed else name


def _reading(bucket: Bucket, threshold: str, text: str) -> str:
    if bucket.running:
        text += ", still running"
    if not bucket.rounds:
        return f"{text}: no rounds"
    share = figures.share_text(bucket.reached / bucket.rounds)
    text += f": {_rounds(bucket.rounds)}, {bucket.reached:,} reached {threshold} ({share})"
    text += f", median {words.multiplier_text(bucket.median_centi)}"
    text += f", highest {words.multiplier_text(bucket.highest_centi)}"
    return f"{text}; n too small" if bucket.rounds < SMALL else text


def _heat(answer: Intervals, threshold: str) -> Heat:
    told = [cell.share for cell in answer.heat if cell.share is not None and cell.rounds >= SMALL]
    low, high = (min(told), max(told)) if told else (0.0, 0.0)
    grid: list[list[Cell]] = [[Cell(level=None, reading="") for _ in range(24)] for _ in _DAYS]
    marked = 0
    for each in answer.heat:
        cell = _heat_cell(each, answer, low, high, threshold)
        marked += cell.marked
        grid[each.weekday][each.hour] = cell
    by_chance = 0.05 * len(told)
    return Heat(
        rows=tuple(tuple(row) for row in grid),
        row_labels=_DAYS,
        column_labels=tuple(str(hour) for hour in range(24)),
        low=figures.share_text(low) if told else "",
        high=figures.share_text(high) if told else "",
        marked=(
            f"{marked} of {len(told)} differ from all at 95 %; about {by_chance:.0f} do by chance"
            if told
            else ""
        ),
        small=f"n too small (under {SMALL} rounds)",
    )


def _heat_cell(each: HeatCell, answer: Intervals, low: float, high: float, threshold: str) -> Cell:
    head = f"{_DAYS[each.weekday]} {each.hour:02d}:00 to {(each.hour + 1) % 24:02d}:00"
    if each.share is None or not each.rounds:
        return Cell(level=None, reading=f"{head}: no rounds")
    small = each.rounds < SMALL
    reading = f"{head}: {_rounds(each.rounds)}, {each.reached:,} reached {threshold}"
    reading += f" ({figures.share_text(each.share)}"
    if each.wilson is not None:
        reading += f", {figures.share_interval_text(each.wilson)}"
    reading += ")"
    if small:
        return Cell(level=None, reading=f"{reading}; n too small", small=True)
    level = (each.share - low) / (high - low) if high > low else 0.5
    marked = (
        answer.share is not None
        and each.wilson is not None
        and not each.wilson.low <= answer.share <= each.wilson.high
    )
    return Cell(level=level, reading=reading, marked=marked)


def _rounds(count: int) -> str:
    return "1 round" if count == 1 else f"{count:,} rounds"
