"""The figures over everything, along the top of the window."""

from collections.abc import Sequence
from dataclasses import dataclass

from data_layer.statistics import RoundStats
from gui.view_models.cards import CardModel, multiplier_digits
from gui.view_models.words import (
    NOTHING,
    age_text,
    count_text,
    origin_tag,
    percent_text,
    range_words,
    short_tag,
)

_OLD_STATS_US = 90_000_000
_HIGH_CENTI = 1000


@dataclass(frozen=True, slots=True)
class HeaderModel:
    """Labels with their values, and where the counted rounds come from."""

    figures: tuple[tuple[str, str], ...]
    tag: str = ""  # "simulated"
    age: str = ""  # of the figures, when they are old: "3 min old"

    @property
    def short_tag(self) -> str:
        """Return the provenance where there is little room."""
        return "mixed" if "," in self.tag else short_tag(self.tag)


def header_model(
    cards: Sequence[CardModel], total: RoundStats | None, stats_at_us: int, now_us: int
) -> HeaderModel:
    """Return the header; `total` over all bookmakers was computed at `stats_at_us`."""
    live = sum(card.condition.live for card in cards)
    figures = [("live", f"{live} of {len(cards)}" if cards else NOTHING)]
    if total is None:
        figures += [
            (label, NOTHING) for label in ("rounds, 24 h", "per hour", "median, 24 h", "at or above 10x")
        ]
        return HeaderModel(tuple(figures))
    range_name = range_words(total.range)
    high = next((each.count for each in total.at_or_above if each.threshold_centi == _HIGH_CENTI), None)
    median = total.median_centi
    figures += [
        (f"rounds, {range_name}", count_text(total.count)),
        ("per hour", NOTHING if total.per_hour is None else count_text(round(total.per_hour))),
        (f"median, {range_name}", NOTHING if median is None else multiplier_digits(median) + "x"),
        ("at or above 10x", NOTHING if high is None else percent_text(high, total.count)),
    ]
    age_us = now_us - stats_at_us
    age = f"{age_text(age_us)} old" if age_us > _OLD_STATS_US else ""
    return HeaderModel(tuple(figures), tag=origin_tag(total.origins), age=age)
