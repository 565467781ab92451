"""From what a source tells to phases, threshold crossings and finished rounds.

Sources are not trusted to be tidy. An update may come twice, a phase or a whole round may be missing, a
multiplier may fall for a moment. What was seen of a flight belongs to a finished round only when both are the
same round, by id where the source tells ids and by order where it does not. What no round can be is never
shown, bet on or told to anybody: a finished round becomes a rejected input, a live update is dropped.
"""

from collections.abc import Callable, Sequence

from data_layer.messages import Crossing, Flag, Gap, Origin, Phase, Rejected, Round
from orchestration.local_state import LocalState
from orchestration.sources.base import FinishedRound, GapNotice, LiveUpdate, RejectedInput
from utils import clock

# What the database takes, see `data_layer.database.validation`, which a worker does not load. Its times go to
# the year 9999; what lies beyond the largest amount, in 2255, was seen or recorded by nobody.
LOWEST_CENTI, HIGHEST_CENTI = 100, 100_000_000_000
LARGEST = 2**53
MAX_ID_CHARACTERS = 200
MAX_REASON_CHARACTERS = 500
MAX_PLACE_CHARACTERS = 200
MAX_RAW_CHARACTERS = 4_096  # of a quarantined input
MAX_TEXT_CHARACTERS = 4_096  # of a round's id, hash, seed and currency together
_PHASE_ORDER = {Phase.WAITING: 0, Phase.BETTING: 1, Phase.FLYING: 2, Phase.CRASHED: 3}


class RoundTracker:
    """Follows one bookmaker's rounds. Everything it knows of the present is in `state`."""

    def __init__(
        self,
        bookmaker: str,
        origin: Origin,
        thresholds_centi: Sequence[int],
        now: Callable[[], int] = clock.now_us,
    ) -> None:
        self.state = LocalState()
        self._bookmaker = bookmaker
        self._origin = origin
        self._thresholds = tuple(sorted(set(thresholds_centi)))
        self._now = now
        self._flight_started_at_us: int | None = None
        self._crossings: list[Crossing] = []  # of the flight in progress; the n-th belongs to threshold n
        self._last_finished_id = ""
        self._gap_before = False

    def update(self, update: LiveUpdate) -> tuple[Crossing, ...]:
        """Take in a live update; return the thresholds that it is the first to show as crossed."""
        if not _is_possible(update):
            return ()
        state = self.state
        # Never in the future, where a clock that was set back would leave it: a silence would not be seen.
        state.observed_at_us = min(max(state.observed_at_us, update.observed_at_us), self._now())
        if update.round_id and update.round_id == self._last_finished_id:
            return ()  # a straggler: this round has crashed already
        if self._is_another_round(update):
            self._begin(update.round_id)
        elif _PHASE_ORDER[update.phase] < _PHASE_ORDER[state.phase]:
            return ()  # the same round does not go back
        self._show(update)
        if update.phase is not Phase.FLYING:
            return ()
        return self._cross(update)

    def finish(self, event: FinishedRound, position: int | None = None) -> Round | Rejected:
        """Return the whole round; `position` replaces the source's own where it has none to give.

        One that is impossible or too long for any use becomes a `Rejected`: it must not block what follows.
        """
        fault = _fault(event)
        if fault is not None:
            return self._refused(event, fault, position)
        now_us = self._now()
        same = not self.state.round_id or self.state.round_id == event.round_id
        same = same and not self._is_of_the_past(event)
        started_at_us = event.started_at_us
        if started_at_us is None and same:
            started_at_us = self._flight_started_at_us
        duration_ms = event.duration_ms
        if duration_ms is None and started_at_us is not None and event.crashed_at_us is not None:
            duration_ms = max(0, event.crashed_at_us - started_at_us) // 1_000
        finished = Round(
            bookmaker=self._bookmaker,
            round_id=event.round_id,
            crash_centi=event.crash_centi,
            started_at_us=started_at_us,
            crashed_at_us=event.crashed_at_us,
            duration_ms=duration_ms,
            players_total=event.players_total,
            players_cashed_out=event.players_cashed_out,
            stake_minor=event.stake_minor,
            payout_minor=event.payout_minor,
            currency=event.currency,
            hash=event.hash,
            seed=event.seed,
            verified=event.verified,
            received_at_us=now_us,
            flags=event.flags | (Flag.GAP_BEFORE if self._gap_before else 0),
            origin=self._origin,
            position=event.position if position is None else position,
            crossings=self._all_crossings(event, self._crossings if same else ()),
        )
        self._gap_before = False
        self._last_finished_id = event.round_id
        self._crossings = []
        self._flight_started_at_us = None
        self.state.crashed(finished, now_us)
        return finished

    def interrupt(self) -> None:
        """Forget the round in progress: the source was paused or lost, and begins anew or elsewhere."""
        self._begin("")
        self.state.phase_started_at_us = self._now()
        self.state.phase_ends_at_us = 0

    def reject(self, event: RejectedInput, position: int | None = None) -> Rejected:
        """Return the record of an input that is no round."""
        self.state.observed_at_us = received_at_us = self._now()
        return Rejected(
            bookmaker=self._bookmaker,
            reason=event.reason[:MAX_REASON_CHARACTERS],
            place=event.place[:MAX_PLACE_CHARACTERS],
            raw=event.raw[:MAX_RAW_CHARACTERS],
            received_at_us=received_at_us,
            position=event.position if position is None else position,
        )

    def gap(self, event: GapNotice, position: int | None = None) -> Gap:
        """Return the record of a gap; the next finished round is marked as coming after one."""
        self._gap_before = True
        return Gap(
            bookmaker=self._bookmaker,
            started_at_us=event.started_at_us,
            ended_at_us=event.ended_at_us,
            reason=event.reason[:MAX_REASON_CHARACTERS],
            missing=event.missing,
            position=event.position if position is None else position,
        )

    def _refused(self, event: FinishedRound, reason: str, position: int | None) -> Rejected:
        place = f"round {event.round_id}"[:70]
        fault = RejectedInput(reason=reason, place=place, raw=repr(event), position=event.position)
        return self.reject(fault, position)

    def _is_of_the_past(self, event: FinishedRound) -> bool:
        """Tell whether this is a recorded round, played now with its own times: no flight seen is its own."""
        seen_at_us = self._flight_started_at_us
        return event.crashed_at_us is None or (seen_at_us is not None and seen_at_us > event.crashed_at_us)

    def _is_another_round(self, update: LiveUpdate) -> bool:
        state = self.state
        if update.round_id and state.round_id:
            return update.round_id != state.round_id or self._begins_again(update)
        if state.phase is Phase.CRASHED:  # without ids: whatever follows a crash is the next round
            return update.phase is not Phase.CRASHED
        return state.phase is Phase.FLYING and update.phase in (Phase.BETTING, Phase.WAITING)

    def _begins_again(self, update: LiveUpdate) -> bool:
        """Tell whether the round was called off and starts anew, which a late copy of an update is not."""
        return (
            _PHASE_ORDER[update.phase] < _PHASE_ORDER[self.state.phase]
            and update.phase_started_at_us > self.state.phase_started_at_us
        )

    def _begin(self, round_id: str) -> None:
        state = self.state
        self._crossings = []
        self._flight_started_at_us = None
        state.phase = Phase.WAITING
        state.round_id = round_id
        state.multiplier_centi = 0
        state.players = None
        state.stake_minor = None

    def _show(self, update: LiveUpdate) -> None:
        state = self.state
        if update.phase is not state.phase:
            state.multiplier_centi = 0
            state.phase_started_at_us = update.phase_started_at_us or update.observed_at_us
        elif update.phase_started_at_us:
            state.phase_started_at_us = update.phase_started_at_us
        state.phase = update.phase
        state.round_id = update.round_id or state.round_id
        state.phase_ends_at_us = update.phase_ends_at_us
        if update.players is not None:
            state.players = update.players
        if update.stake_minor is not None:
            state.stake_minor = update.stake_minor
        state.currency = update.currency or state.currency
        if update.phase is Phase.FLYING:
            self._flight_started_at_us = state.phase_started_at_us
            state.multiplier_centi = max(state.multiplier_centi, update.multiplier_centi, LOWEST_CENTI)
        elif update.phase is Phase.CRASHED:
            state.multiplier_centi = max(state.multiplier_centi, update.multiplier_centi)

    def _cross(self, update: LiveUpdate) -> tuple[Crossing, ...]:
        reached = len(self._crossings)
        thresholds, multiplier = self._thresholds, update.multiplier_centi
        while len(self._crossings) < len(thresholds) and thresholds[len(self._crossings)] <= multiplier:
            self._crossings.append(
                Crossing(
                    threshold_centi=thresholds[len(self._crossings)],
                    actual_centi=multiplier,
                    crossed_at_us=update.observed_at_us,
                    players_left=update.players_left,
                    stake_left_minor=update.stake_left_minor,
                )
            )
        return tuple(self._crossings[reached:])

    def _all_crossings(self, event: FinishedRound, seen: Sequence[Crossing]) -> tuple[Crossing, ...]:
        """Return one crossing for each threshold up to the crash point.

        What the source says itself counts most, then what was seen in flight; a threshold that neither shows
        lies between the last update and the crash, so the crash point is the first multiplier known above it.
        """
        crash = event.crash_centi
        if not self._thresholds or crash < self._thresholds[0]:
            return ()
        known = {crossing.threshold_centi: crossing for crossing in seen}
        known.update((crossing.threshold_centi, crossing) for crossing in event.crossings)
        crossings = []
        for threshold in self._thresholds:
            if threshold > crash:
                break
            crossing = known.get(threshold)
            if crossing is None or crossing.actual_centi > crash:
                crossing = Crossing(
                    threshold_centi=threshold, actual_centi=crash, crossed_at_us=event.crashed_at_us
                )
            crossings.append(crossing)
        return tuple(crossings)


def _fault(event: FinishedRound) -> str | None:
    """Return why no round can be like this, None for one that can."""
    texts = [text for text in (event.hash, event.seed, event.currency) if text is not None]
    texts.append(event.round_id)
    if set(map(type, texts)) != {str}:
        return "a text is none"
    if sum(map(len, texts)) > MAX_TEXT_CHARACTERS:
        return "oversized: its texts are too long"
    if not 1 <= len(event.round_id) <= MAX_ID_CHARACTERS:
        return f"round_id has not 1 to {MAX_ID_CHARACTERS} characters"
    if not _within(event.crash_centi, LOWEST_CENTI, HIGHEST_CENTI):
        return "crash point is no multiplier from 1.00 on"
    amounts = (
        event.started_at_us,
        event.crashed_at_us,
        event.duration_ms,
        event.players_total,
        event.players_cashed_out,
        event.stake_minor,
        event.payout_minor,
    )
    if not all(amount is None or _within(amount, 0, LARGEST) for amount in amounts):
        return "a time, a count or an amount is impossible"
    return None


def _is_possible(update: LiveUpdate) -> bool:
    """Tell whether the numbers of an update can be: also those that are only shown."""
    numbers = (
        update.observed_at_us,
        update.multiplier_centi,
        update.phase_started_at_us,
        update.phase_ends_at_us,
        update.players or 0,
        update.players_left or 0,
        update.stake_minor or 0,
        update.stake_left_minor or 0,
    )
    return all(_within(number, 0, LARGEST) for number in numbers)


def _within(number: object, low: int, high: int) -> bool:
    """Tell whether what should be a whole number is one, and in range: NaN is in no range."""
    return type(number) is int and low <= number <= high
