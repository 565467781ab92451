"""What one card of the wall shows, as values. Equal models look the same, so only differences are painted."""

from collections.abc import Sequence
from dataclasses import dataclass

from data_layer.engine import WorkerView
from data_layer.messages import LiveState, Origin, Phase, RoundBrief, WorkerState
from data_layer.statistics import RoundStats
from gui.view_models.condition import Condition, Light, current, judge, rhythm_us
from gui.view_models.tones import Tone, multiplier_tone
from gui.view_models.words import NOTHING, age_text, count_text, origin_tag, range_words, short_tag

LAST_SHOWN = 12  # crash points at most; a card shows as many as it has room for
REMEMBERED = 32
_SECOND_US = 1_000_000
_TICK_US = 100_000  # the finest step of anything that moves by the clock alone
_OLD_STATS_US = 90 * _SECOND_US


@dataclass(frozen=True, slots=True)
class Flight:
    """A curve from 1.00x to what was last observed, in `tone`."""

    centi: int
    tone: Tone
    crashed: bool


@dataclass(frozen=True, slots=True)
class Countdown:
    """The share of the betting window that is left, 0 to 1."""

    left: float


@dataclass(frozen=True, slots=True)
class CardHead:
    """Who it is and how it is."""

    name: str
    tag: str  # provenance: "simulated"
    group: str  # "feed A", "feed A on cellar-2"
    light: Light
    reason: str
    brief: str  # the reason where there is little room; empty when all is well
    reason_tone: Tone

    @property
    def short_tag(self) -> str:
        """Return the provenance where there is little room: "sim", "replay", "mixed"."""
        return "mixed" if "," in self.tag else short_tag(self.tag)


@dataclass(frozen=True, slots=True)
class CardLive:
    """The large number and what stands beside it."""

    value: str  # "1.42", "3.1 s"
    unit: str  # "x" or nothing
    tone: Tone
    figure: Flight | Countdown | None = None


@dataclass(frozen=True, slots=True)
class CardFoot:
    """Figures of the range, each with its label, and the age of the data."""

    figures: tuple[tuple[str, str], ...]
    age: str
    age_tone: Tone


@dataclass(frozen=True, slots=True)
class CardModel:
    """A whole card."""

    head: CardHead
    live: CardLive
    last: tuple[tuple[str, Tone], ...]  # crash points, newest first
    foot: CardFoot
    alarm: Tone | None
    state: WorkerState
    condition: Condition

    @property
    def description(self) -> str:
        """Return the card in words, for a screen reader."""
        head = self.head
        parts = [head.name, head.tag, head.group, head.reason]
        if self.live.unit:
            parts.append(self.live.value + self.live.unit)
        if self.last:
            parts.append("last " + " ".join(text for text, _ in self.last[:4]))
        return ", ".join(part for part in parts if part)


class CardMaker:
    """Makes the models of one bookmaker, anew only when something it depends on has changed."""

    def __init__(self) -> None:
        self._seen: tuple[object, ...] = ()
        self._recent: Sequence[RoundBrief] = ()
        self._rhythm: int | None = None
        self._last: tuple[tuple[str, Tone], ...] = ()
        self._model: CardModel | None = None

    def make(
        self,
        view: WorkerView,
        recent: Sequence[RoundBrief],
        stats: RoundStats | None,
        stats_at_us: int,
        now_us: int,
        monotonic_us: int,
    ) -> CardModel:
        """Return the card at this moment.

        `recent` are the last rounds, oldest first; `stats` of the bookmaker were computed at `stats_at_us`.
        """
        if recent != self._recent:
            self._recent = recent
            self._rhythm = rhythm_us(recent)
            self._last = last_points(recent)
            self._model = None
        seen = (view.status, view.live, stats)
        tick = now_us // _TICK_US
        if self._model is not None and self._seen[3] == tick and _same(self._seen, seen):
            return self._model
        self._seen = (*seen, tick)
        self._model = self._make(view, stats, stats_at_us, now_us, monotonic_us)
        return self._model

    def _make(
        self, view: WorkerView, stats: RoundStats | None, stats_at_us: int, now_us: int, monotonic_us: int
    ) -> CardModel:
        condition = judge(view, self._rhythm, now_us, monotonic_us)
        live = current(view)
        quiet = condition.alarm is None
        head = CardHead(
            name=view.status.bookmaker,
            tag=_tag(view.live, stats),
            group=place_words(view.status.group, view.status.machine),
            light=condition.light,
            reason=condition.words,
            brief=condition.brief,
            reason_tone=condition.alarm or Tone.MUTED,
        )
        age_us = self._age_us(view.live, now_us)
        foot = CardFoot(
            figures=_figures(stats, stats_at_us, now_us),
            age=NOTHING if age_us is None else data_age_text(age_us),
            age_tone=Tone.MUTED if quiet or condition.live else head.reason_tone,
        )
        return CardModel(
            head=head,
            live=_live(live, condition, now_us),
            last=self._last,
            foot=foot,
            alarm=condition.alarm,
            state=view.status.state,
            condition=condition,
        )

    def _age_us(self, live: LiveState | None, now_us: int) -> int | None:
        """Return the age of the newest observation by any process of the worker, or of the newest round."""
        seen_us = live.observed_at_us if live is not None else 0
        if not seen_us and self._recent:
            seen_us = self._recent[-1].crashed_at_us or 0
        return now_us - seen_us if seen_us else None


def _same(seen: tuple[object, ...], now: tuple[object, ...]) -> bool:
    return seen[0] is now[0] and seen[1] is now[1] and seen[2] is now[2]


def _tag(live: LiveState | None, stats: RoundStats | None) -> str:
    origins = set(stats.origins) if stats is not None else set()
    if live is not None:
        origins.add(live.origin)
    tag = origin_tag(origins)
    return f"live, {tag}" if tag and Origin.LIVE in origins else tag


def group_words(group: str) -> str:
    """Return a group as it is shown: "A" is "feed A", a longer name stays as it is."""
    return f"feed {group}" if len(group) == 1 else group


def place_words(group: str, machine: str) -> str:
    """Return the group, and the machine where the worker runs when that is another one."""
    words = group_words(group)
    if not machine:
        return words
    return f"{words} on {machine}" if words else f"on {machine}"


def data_age_text(age_us: int) -> str:
    """Return the age of data: tenths below a second, rounded up, then whole units."""
    if age_us <= _SECOND_US - _TICK_US:
        return f"{max(-(-age_us // _TICK_US), 1) / 10:.1f} s"
    return age_text(max(age_us, _SECOND_US))


def multiplier_digits(centi: int) -> str:
    """Return a multiplier without its "x": two decimals below 10,000x, none beyond."""
    return f"{centi / 100:,.2f}" if centi < 1_000_000 else f"{centi // 100:,}"


def last_points(recent: Sequence[RoundBrief]) -> tuple[tuple[str, Tone], ...]:
    """Return crash points as text and tone, newest first."""
    newest = reversed(recent[-LAST_SHOWN:])
    return tuple(
        (multiplier_digits(brief.crash_centi).replace(",", ""), multiplier_tone(brief.crash_centi))
        for brief in newest
    )


def _live(live: LiveState | None, condition: Condition, now_us: int) -> CardLive:
    if live is None or not (condition.live or condition.light is Light.WARN):
        return CardLive(value=NOTHING, unit="", tone=Tone.FAINT)
    if live.phase in (Phase.FLYING, Phase.CRASHED) and live.multiplier_centi > 0:
        return _multiplier(live, condition.live)
    if live.phase is Phase.BETTING and condition.live and live.phase_ends_at_us:
        return _countdown(live, now_us)
    return CardLive(value=NOTHING, unit="", tone=Tone.FAINT)


def _multiplier(live: LiveState, is_live: bool) -> CardLive:
    centi = live.multiplier_centi
    crashed = live.phase is Phase.CRASHED
    tone = Tone.FAINT if not is_live else Tone.BAD if crashed else multiplier_tone(centi)
    figure = Flight(centi, Tone.BAD if crashed else Tone.ACCENT, crashed) if is_live else None
    return CardLive(value=multiplier_digits(centi), unit="x", tone=tone, figure=figure)


def _countdown(live: LiveState, now_us: int) -> CardLive:
    left_us = max(live.phase_ends_at_us - now_us, 0)
    whole_us = live.phase_ends_at_us - live.phase_started_at_us
    left = round(min(left_us / whole_us, 1.0), 3) if whole_us > 0 else 0.0
    return CardLive(value=f"{left_us / _SECOND_US:.1f} s", unit="", tone=Tone.MUTED, figure=Countdown(left))


def _figures(stats: RoundStats | None, stats_at_us: int, now_us: int) -> tuple[tuple[str, str], ...]:
    if stats is None:
        return (("24 h", NOTHING), ("per hour", NOTHING), ("median", NOTHING), ("below 2x", NOTHING))
    label = range_words(stats.range)
    if now_us - stats_at_us > _OLD_STATS_US:
        label += f", {age_text(now_us - stats_at_us)} old"
    rate = NOTHING if stats.per_hour is None else count_text(round(stats.per_hour))
    median = NOTHING if stats.median_centi is None else multiplier_digits(stats.median_centi)
    streak = f"{stats.current_below_2x} in a row"
    return ((label, count_text(stats.count)), ("per hour", rate), ("median", median), ("below 2x", streak))
