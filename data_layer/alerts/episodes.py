"""One condition of one rule at one subject over time: pending, active, clearing, over.

A condition that comes and goes is damped: each time an alert returns soon after its end, the condition has to
stay away twice as long before the next end, up to an hour. So a flapping condition is a single alert that
says how often it came back. Times here are of the monotonic clock, in microseconds.
"""

import enum
from dataclasses import dataclass, replace

from data_layer.alerts.conditions import Condition
from data_layer.alerts.model import AlertKind, Rule

_SECOND_US = 1_000_000
_SOON_US = 600 * _SECOND_US  # a return within so long after an end, or four hold-offs, is flapping
_SHORTEST_DAMPING_US = 5 * _SECOND_US  # of a rule without a hold-off
LONGEST_HOLD_OFF_US = 3_600 * _SECOND_US  # that damping makes; a rule's own may be longer
_MOST_DOUBLINGS = 12
_CHANCE = (AlertKind.MULTIPLIER, AlertKind.STREAK)  # each of these is news of its own, however often


class Stage(enum.Enum):
    """Where an episode is."""

    PENDING = "pending"  # the condition holds, not long enough yet
    ACTIVE = "active"
    CLEARING = "clearing"  # it is gone, not long enough yet
    OVER = "over"  # kept to recognise flapping


@dataclass(slots=True)
class Episode:
    """The state of one subject of one rule. `see` and `miss` are called once a step."""

    rule: str
    condition: Condition  # the last that was seen
    stage: Stage = Stage.PENDING
    since_us: int = 0  # monotonic clock, when it came into this stage
    ended_us: int | None = None  # monotonic clock, when it was over the last time
    returns: int = 0  # how often it came back soon after its end

    def see(self, rule: Rule, condition: Condition, now_us: int) -> bool:
        """Take note that the condition holds; tell whether an alert is to be raised for it now."""
        self.remember(condition)
        if self.stage is Stage.OVER:
            self._enter(Stage.PENDING, now_us)
        elif self.stage is Stage.CLEARING:
            self._enter(Stage.ACTIVE, now_us)
        held_us = now_us - self.since_us
        if self.stage is not Stage.PENDING:
            return False
        if not condition.momentary and held_us < rule.hold_on_s * _SECOND_US:
            return False
        self.activate(rule, now_us)
        return True

    def remember(self, condition: Condition) -> None:
        """Take over what is known now; a trouble that goes on began when it began."""
        if self.stage is not Stage.OVER and not condition.momentary:
            condition = replace(condition, since_us=min(condition.since_us, self.condition.since_us))
        self.condition = condition

    def activate(self, rule: Rule, now_us: int) -> None:
        """Make the episode active now, without waiting for the rest of the hold-on."""
        soon_us = max(_SOON_US, 4 * self.hold_off_us(rule))
        flaps = self.ended_us is not None and now_us - self.ended_us < soon_us and rule.kind not in _CHANCE
        self.returns = min(self.returns + 1, _MOST_DOUBLINGS) if flaps else 0
        self._enter(Stage.ACTIVE, now_us)

    def miss(self, rule: Rule, now_us: int) -> bool:
        """Take note that the condition does not hold; tell whether its alert is over now."""
        if self.stage is Stage.PENDING:
            self._enter(Stage.OVER, now_us)
        if self.stage is Stage.ACTIVE:
            self._enter(Stage.CLEARING, now_us)
        if self.stage is Stage.CLEARING and now_us - self.since_us >= self.hold_off_us(rule):
            self.end(now_us)
            return True
        return False

    def defer(self, now_us: int) -> None:
        """Let a pending hold-on begin anew: something else explains the condition for now."""
        if self.stage in (Stage.PENDING, Stage.OVER):
            self._enter(Stage.PENDING, now_us)

    def end(self, now_us: int) -> None:
        """Make the episode over now."""
        self.ended_us = now_us
        self._enter(Stage.OVER, now_us)

    def hold_off_us(self, rule: Rule) -> int:
        """Return how long the condition must be gone, with the damping of a flapping one."""
        own_us = round(rule.hold_off_s * _SECOND_US)
        if not self.returns:
            return own_us
        damped_us = max(own_us, _SHORTEST_DAMPING_US) << self.returns
        return max(own_us, min(damped_us, LONGEST_HOLD_OFF_US))

    def forgettable(self, rule: Rule, now_us: int) -> bool:
        """Tell whether nothing of it matters any more."""
        if self.stage is not Stage.OVER:
            return False
        kept_us = max(_SOON_US, 4 * self.hold_off_us(rule))
        return self.ended_us is None or now_us - self.ended_us >= kept_us

    @property
    def open(self) -> bool:
        """Whether an alert stands for it."""
        return self.stage in (Stage.ACTIVE, Stage.CLEARING)

    def _enter(self, stage: Stage, now_us: int) -> None:
        self.stage = stage
        self.since_us = now_us
