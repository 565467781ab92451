"""SessionKeeper: how old the session with the bookmaker is and whether it is kept alive. In memory only."""

import asyncio
from collections.abc import Callable

from config.specs import SessionSpec
from data_layer.messages import SessionState
from orchestration.agents.base import Agent
from orchestration.local_state import LocalState
from utils import clock


class SessionKeeper(Agent):
    """Sends keep-alives at their interval. A played source has no session: they are counted, not sent."""

    def __init__(self, spec: SessionSpec, state: LocalState, now: Callable[[], int] = clock.now_us) -> None:
        self._interval_us = max(1, int(spec.keep_alive_s * 1_000_000))
        self._state = state
        self._now = now
        self._opened_at_us = now()
        self._sent = 0
        self._next_at_us = self._opened_at_us + self._interval_us

    @property
    def session(self) -> SessionState:
        """The session as it is now; times are wall clock."""
        return SessionState(
            opened_at_us=self._opened_at_us,
            keep_alives_sent=self._sent,
            next_keep_alive_at_us=self._next_at_us,
            last_sign_of_life_at_us=max(self._opened_at_us, self._state.observed_at_us),
        )

    async def run(self) -> None:
        """Send a keep-alive whenever one is due."""
        while True:
            await asyncio.sleep(self.wait_s())
            if self._now() >= self._next_at_us:
                self.keep_alive()

    def wait_s(self) -> float:
        """Return how long to wait for the next one: never more than the interval, where a clock went back."""
        self._next_at_us = min(self._next_at_us, self._now() + self._interval_us)
        return max(0, self._next_at_us - self._now()) / 1_000_000

    def keep_alive(self) -> None:
        """Send one now and plan the next. After a pause of the machine only one is sent for all missed."""
        self._sent += 1
        self._next_at_us = max(self._next_at_us, self._now()) + self._interval_us
