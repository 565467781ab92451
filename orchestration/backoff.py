"""How long to wait before something that failed is tried again."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class BackoffPolicy:
    """Delays in seconds: the first, the longest, and how long a healthy run takes to forget all failures."""

    initial_s: float = 0.25
    ceiling_s: float = 60.0
    healthy_s: float = 60.0


class Backoff:
    """Doubles the delay with every failure in a row, up to the ceiling, where it stays."""

    def __init__(self, policy: BackoffPolicy) -> None:
        self._policy = policy
        self._next_s = policy.initial_s

    def after_failure(self, ran_for_s: float) -> float:
        """Return the delay in seconds after a failure that followed `ran_for_s` seconds of health."""
        if ran_for_s >= self._policy.healthy_s:
            self.reset()
        delay_s = self._next_s
        self._next_s = min(delay_s * 2, self._policy.ceiling_s)
        return delay_s

    def reset(self) -> None:
        """Forget the failures so far."""
        self._next_s = self._policy.initial_s
