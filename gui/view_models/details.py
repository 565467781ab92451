"""One bookmaker looked at closely: its last crash points and every counter there is."""

from collections.abc import Sequence
from dataclasses import dataclass

from data_layer.engine import WorkerView
from data_layer.messages import RoundBrief
from data_layer.statistics import RoundStats
from gui.view_models.cards import CardModel, multiplier_digits
from gui.view_models.condition import Light
from gui.view_models.tones import Tone, multiplier_tone
from gui.view_models.words import (
    NOTHING,
    age_text,
    count_text,
    money_text,
    multiplier_text,
    percent_text,
    range_words,
)


@dataclass(frozen=True, slots=True)
class DetailsModel:
    """Name, state, chips, and lines of label and value under headings."""

    name: str
    tag: str
    group: str
    light: Light
    reason: str
    reason_tone: Tone
    value: str
    value_tone: Tone
    last: tuple[tuple[str, Tone], ...]  # newest first
    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def details_model(
    card: CardModel, view: WorkerView, recent: Sequence[RoundBrief], stats: RoundStats | None, now_us: int
) -> DetailsModel:
    """Return the details of the bookmaker of `card`; `recent` oldest first."""
    head = card.head
    last = tuple(
        (multiplier_digits(brief.crash_centi).replace(",", ""), multiplier_tone(brief.crash_centi))
        for brief in reversed(recent)
    )
    sections = (
        (range_words(stats.range) if stats else "24 h", _stat_lines(stats)),
        ("round", _round_lines(view)),
        ("worker", _worker_lines(view, now_us)),
    )
    return DetailsModel(
        name=head.name,
        tag=head.tag,
        group=head.group,
        light=head.light,
        reason=head.reason,
        reason_tone=head.reason_tone,
        value=card.live.value + card.live.unit,
        value_tone=card.live.tone,
        last=last,
        sections=sections,
    )


def _stat_lines(stats: RoundStats | None) -> tuple[tuple[str, str], ...]:
    if stats is None:
        return (("rounds", NOTHING),)
    mean = stats.sum_centi / stats.count if stats.count else None
    lines = [
        ("rounds", count_text(stats.count)),
        ("per hour", NOTHING if stats.per_hour is None else count_text(round(stats.per_hour))),
        ("median", multiplier_text(stats.median_centi)),
        ("mean, never settles", multiplier_text(mean)),
        ("highest", multiplier_text(stats.max_centi)),
    ]
    lines += [
        (f"at or above {each.threshold_centi / 100:g}x", percent_text(each.count, stats.count))
        for each in stats.at_or_above
    ]
    lines.append(("below 2x now", f"{stats.current_below_2x} in a row"))
    lines.append(("below 2x, longest ever", f"{stats.longest_below_2x} in a row"))
    return tuple(lines)


def _round_lines(view: WorkerView) -> tuple[tuple[str, str], ...]:
    live = view.live
    if live is None:
        return (("id", NOTHING),)
    return (
        ("id", live.round_id or NOTHING),
        ("players", count_text(live.players)),
        ("staked", money_text(live.stake_minor, live.currency or "")),
    )


def _worker_lines(view: WorkerView, now_us: int) -> tuple[tuple[str, str], ...]:
    status, live = view.status, view.live
    lines = [
        ("state", str(status.state)),
        ("since", f"{age_text(now_us - status.since_us)} ago" if status.since_us else NOTHING),
        ("process", str(status.pid) if status.pid else NOTHING),
        ("restarts", count_text(status.restarts)),
    ]
    if live is not None:
        lines += [
            ("received", count_text(live.received)),
            ("committed", count_text(live.committed)),
            ("duplicates", count_text(live.duplicates)),
            ("quarantined", count_text(live.quarantined)),
            ("outbox", count_text(live.outbox)),
        ]
        lines += [
            (f"{agent.name} agent", "running" if agent.running else agent.reason or "stopped")
            for agent in live.agents
        ]
    return tuple(lines)
