"""The slow looks: drift and integrity are asked of the analytics every few minutes; nobody waits for them."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from config.alert_specs import AlertKind, Rule
from data_layer.alerts.facts import Suspicion
from data_layer.errors import AviatorError

if TYPE_CHECKING:
    from data_layer.analytics.questions import Answer, Drift, DriftLine, Integrity, Question

Ask = Callable[["Question"], "Future[Answer]"]

FIRST_LOOK_S = 60.0  # after the start, when there is something to look at
_USUAL_ALPHA = 0.01
_MOST_LINES = 2  # of the drift of one bookmaker, those that say it loudest
_TOLD_ELSEWHERE = ("stall",)  # by a rule that hears of it at once
_WORDS = {  # of what the analytics call it
    "id gap": "round ids are missing",
    "repeated stretch": "repeated stretches of rounds",
    "duplicate": "rounds came again with another crash point",
    "off grid": "values that no crash point has",
    "too few 1.00": "too few rounds of 1.00x",
    "gap unlike multiplier": "times do not fit the multipliers",
}

_log = logging.getLogger(__name__)


class SlowLooks:
    """Asks when it is time, and takes the answers when they have come. For one thread."""

    def __init__(self, ask: Ask | None, every_s: float) -> None:
        """Without `ask` nothing is ever known."""
        self._ask = ask
        self._every_us = round(every_s * 1_000_000)
        self._next_us: int | None = None  # monotonic clock
        self._drift_asked: dict[float, Future[Answer]] = {}
        self._integrity_asked: Future[Answer] | None = None
        self._complaints: set[str] = set()
        self._caps: tuple[Suspicion, ...] = ()
        self._findings: tuple[Suspicion, ...] | None = None
        self.drift: Mapping[float, tuple[Suspicion, ...]] = {}

    @property
    def integrity(self) -> tuple[Suspicion, ...] | None:
        """What the last look at the feeds found; None before the first."""
        return None if self._findings is None else (*self._findings, *self._caps)

    def look(self, rules: Sequence[Rule], monotonic_us: int) -> None:
        """Ask when it is time, take what has been answered; returns at once."""
        if self._ask is None:
            return
        if self._drift_asked or self._integrity_asked is not None:
            self._take()
        if self._next_us is None:
            self._next_us = monotonic_us + min(self._every_us, round(FIRST_LOOK_S * 1_000_000))
        if monotonic_us < self._next_us or self._drift_asked or self._integrity_asked is not None:
            return
        self._next_us = monotonic_us + self._every_us
        self._put(self._ask, {rule.kind for rule in rules if rule.enabled}, rules)

    def close(self) -> None:
        """Give up what has not been answered."""
        for future in (*self._drift_asked.values(), self._integrity_asked):
            if future is not None:
                future.cancel()

    def _put(self, ask: Ask, kinds: set[AlertKind], rules: Sequence[Rule]) -> None:
        from data_layer.analytics.questions import DriftQuestion, IntegrityQuestion, Span

        alphas = {rule.limit for rule in rules if rule.enabled and rule.kind is AlertKind.DRIFT}
        if AlertKind.INTEGRITY in kinds:
            self._integrity_asked = ask(IntegrityQuestion(span=Span(name="24h")))
            alphas = alphas or {_USUAL_ALPHA}
        self._drift_asked = {
            alpha: ask(DriftQuestion(span=Span(name="all"), alpha=alpha)) for alpha in alphas
        }

    def _take(self) -> None:
        from data_layer.analytics.questions import Drift, Integrity

        for alpha, future in list(self._drift_asked.items()):
            if future.done():
                del self._drift_asked[alpha]
                answer = self._answer(future, "drift")
                if isinstance(answer, Drift):
                    self.drift = {**self.drift, alpha: tuple(_drifting(answer))}
                    self._caps = tuple(_caps(answer))
        if self._integrity_asked is not None and self._integrity_asked.done():
            future, self._integrity_asked = self._integrity_asked, None
            answer = self._answer(future, "integrity")
            if isinstance(answer, Integrity):
                self._findings = tuple(_findings(answer))

    def _answer(self, future: "Future[Answer]", what: str) -> "Answer | None":
        """Return the answer; None where there is none, which is logged once."""
        try:
            return future.result(0)
        except AviatorError as error:
            text = f"{what} cannot be looked at: {error}"
        except Exception as error:  # noqa: BLE001  # a mistake there is no end of the alerts
            text = f"looking at {what} failed: {error!r}"
        if text not in self._complaints:
            self._complaints.add(text)
            _log.warning("%s", text)
        return None


def _drifting(answer: "Drift") -> Iterator[Suspicion]:
    """Yield one suspicion for each bookmaker, however many of its thresholds tell of it."""
    lines: dict[str, list[DriftLine]] = {}
    for line in answer.lines:
        if line.alarm and line.share is not None and line.expected is not None:
            lines.setdefault(line.bookmaker, []).append(line)
    for bookmaker, found in lines.items():
        detail = "; ".join(
            f"{line.threshold_centi / 100:.2f}x in {line.share:.2%} of {line.rounds:,} rounds,"
            f" claimed are {line.expected:.2%}"
            for line in sorted(found, key=lambda line: -(line.highest_log_e or 0.0))[:_MOST_LINES]
        )
        below = {(line.share or 0.0) < (line.expected or 0.0) for line in found}
        how = "is not" if len(below) > 1 else "is below" if True in below else "is above"
        what = f"the return {how} what is claimed"
        yield Suspicion(bookmaker=bookmaker, what=what, detail=detail, count=len(found))


def _caps(answer: "Drift") -> Iterator[Suspicion]:
    for cap in answer.caps:
        if cap.capped and cap.highest_centi is not None:
            yield Suspicion(
                bookmaker=cap.bookmaker,
                what="its multipliers are capped",
                detail=f"none above {cap.highest_centi / 100:,.2f}x in {cap.rounds:,} rounds",
                key="cap",
            )


def _findings(answer: "Integrity") -> Iterator[Suspicion]:
    for finding in answer.findings:
        if finding.severity != "info" and finding.kind not in _TOLD_ELSEWHERE:
            yield Suspicion(
                bookmaker=finding.bookmaker,
                what=_WORDS.get(finding.kind, finding.kind),
                detail=finding.text,
                count=finding.count,
                key=finding.kind,
            )
