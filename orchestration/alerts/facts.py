"""From the live board to the facts that the rules look at: what has to be remembered between two looks."""

import collections
from collections.abc import Sequence
from dataclasses import dataclass, field

from config.alert_specs import AlertKind, Rule
from data_layer.alerts.conditions import patience_us
from data_layer.alerts.facts import RedisFacts, WorkerFacts, WriterFacts
from data_layer.engine import BoardSnapshot, RedisStatus, WorkerView
from data_layer.messages import LiveState, Phase, WorkerState

_SECOND_US = 1_000_000
_RESTARTS_US = 600 * _SECOND_US
_TAKEN_US = 10 * _SECOND_US
_AFTER_FAILURE = (WorkerState.BACKING_OFF, WorkerState.FAILED, WorkerState.STARTING)
_HUNG_US = 2 * _SECOND_US  # without a heartbeat: the worker is at fault, not its feed
_ROUNDS = 40  # whose silences are remembered
_FEWEST_ROUNDS = 3
_USUAL = 0.9  # quantile


@dataclass(slots=True)
class Rhythm:
    """How long a feed is silent within a round, as a rule.

    Of each of the last rounds the longest silence is kept; the usual one is their 90 % quantile. A feed that
    tells every step of a flight is silent for seconds, one that only tells results for a whole round. What
    counts as a stall is learned up to the patience with it, so that a feed that has really become slower is
    understood after some rounds.
    """

    limit: float  # of the rule; the patience that silences are learned up to
    silences: collections.deque[int] = field(default_factory=lambda: collections.deque(maxlen=_ROUNDS))
    round: tuple[int, str, int] = (0, "", 0)
    longest_us: int = 0

    def learn(self, live: LiveState, silent_us: int) -> None:
        """Take note of the silence at this moment."""
        key = (live.pid, live.round_id, live.received)
        if key != self.round:
            if self.round[0] == live.pid:  # the first round of a process was not seen whole
                self.silences.append(self.longest_us)
            self.round, self.longest_us = key, 0
        self.longest_us = max(self.longest_us, min(silent_us, patience_us(self.usual_us, self.limit)))

    @property
    def usual_us(self) -> int | None:
        """The longest silence of a usual round; None while too few rounds were seen."""
        if len(self.silences) < _FEWEST_ROUNDS:
            return None
        ordered = sorted(self.silences)
        return ordered[min(len(ordered) - 1, int(len(ordered) * _USUAL))]


@dataclass(slots=True)
class _Memory:
    """What is remembered of one worker."""

    rhythm: Rhythm
    restarts: int
    failure: str = ""  # the last reason that the supervisor gave
    restarted_us: collections.deque[int] = field(default_factory=lambda: collections.deque(maxlen=1_000))
    taken: tuple[int, int] = (0, 0)  # process, records that the writer answered for
    outbox: int = 0
    taken_us: int = 0  # monotonic clock, when that last changed


class BoardFacts:
    """Looks at the board about once a second. For one thread; clocks are given."""

    def __init__(self) -> None:
        self._memories: dict[str, _Memory] = {}

    def workers(
        self, snapshot: BoardSnapshot, rules: Sequence[Rule], *, now_us: int, monotonic_us: int
    ) -> tuple[WorkerFacts, ...]:
        """Return the facts of all workers, and learn their rhythms."""
        limits = [rule.limit for rule in rules if rule.kind is AlertKind.STALL]
        limit = max(limits, default=1.0)
        return tuple(self._worker(view, limit, now_us, monotonic_us) for view in snapshot.workers)

    def _worker(self, view: WorkerView, limit: float, now_us: int, monotonic_us: int) -> WorkerFacts:
        status, live = view.status, view.live
        memory = self._memories.get(status.bookmaker)
        if memory is None:
            memory = self._memories[status.bookmaker] = _Memory(Rhythm(limit), status.restarts)
            memory.taken_us = monotonic_us
        memory.rhythm.limit = limit
        if status.restarts != memory.restarts:
            memory.restarted_us.extend([monotonic_us] * max(0, status.restarts - memory.restarts))
            memory.restarts = status.restarts
        if status.reason and status.state in _AFTER_FAILURE:
            memory.failure = status.reason
        while memory.restarted_us and monotonic_us - memory.restarted_us[0] > _RESTARTS_US:
            memory.restarted_us.popleft()
        own = live is not None and (not status.pid or live.pid == status.pid)
        silent_us = None
        if live is not None and own:
            _note_taken(memory, live, monotonic_us)
            silent_us = _silence_us(view, live, now_us, monotonic_us)
            if silent_us is not None and live.observed_at_us:
                memory.rhythm.learn(live, silent_us)
        return WorkerFacts(
            bookmaker=status.bookmaker,
            state=status.state,
            reason=status.reason,
            since_us=status.since_us,
            restarts_lately=len(memory.restarted_us),
            last_failure=memory.failure,
            machine=status.machine,
            unheard_us=monotonic_us - live.heartbeat_us if live is not None and status.machine else 0,
            silent_us=silent_us,
            usual_silence_us=memory.rhythm.usual_us,
            trouble=live.trouble if live is not None and own else "",
            connected=live.connected if live is not None else False,
            outbox=live.outbox if live is not None else 0,
            taken_lately=monotonic_us - memory.taken_us < _TAKEN_US,
        )


def writer_facts(snapshot: BoardSnapshot, monotonic_us: int) -> WriterFacts | None:
    """Return how the writer is, None before anything is known."""
    instance, writer = snapshot.instance, snapshot.writer
    if instance is None:
        return None
    return WriterFacts(
        state=instance.writer_state,
        reason=instance.writer_reason,
        unanswered_us=0 if writer is None else max(0, monotonic_us - writer.heartbeat_us),
        trouble="" if writer is None else writer.trouble,
    )


def redis_facts(snapshot: BoardSnapshot, status: RedisStatus) -> RedisFacts | None:
    """Return how those who use Redis get on with it, None where nobody does."""
    writer = snapshot.writer
    health = None if writer is None else writer.redis
    if writer is None or (health is None and not status.enabled):
        return None
    return RedisFacts(
        trouble="" if health is None else health.trouble,
        reading_trouble=status.trouble if status.enabled else "",
        stream_trouble=writer.stream_trouble,
    )


def _note_taken(memory: _Memory, live: LiveState, monotonic_us: int) -> None:
    taken = (live.pid, live.committed + live.duplicates + live.quarantined)
    if taken != memory.taken or live.outbox < memory.outbox or not live.outbox:
        memory.taken, memory.taken_us = taken, monotonic_us
    memory.outbox = live.outbox


def _silence_us(view: WorkerView, live: LiveState, now_us: int, monotonic_us: int) -> int | None:
    """Return for how long the feed has said nothing, None while it need not say anything."""
    if view.status.state is not WorkerState.RUNNING or live.paused:
        return None
    if monotonic_us - live.heartbeat_us > _HUNG_US:
        return None
    spoke_us = live.observed_at_us or view.status.since_us
    if live.phase is Phase.BETTING:
        spoke_us = max(spoke_us, live.phase_ends_at_us)  # until then there is nothing to say
    return max(0, now_us - spoke_us)
