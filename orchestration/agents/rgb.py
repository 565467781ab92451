"""RGBCollector: the colours of named screen regions, as mean and spread, at an interval."""

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from config.specs import RgbRegion, RgbSpec
from data_layer.messages import RgbSample
from orchestration.agents.base import Agent
from orchestration.local_state import LocalState
from utils import clock


class Screen(Protocol):
    """Something that shows pixels."""

    def pixels(self, region: RgbRegion) -> Iterable[tuple[int, int, int]]:
        """Return red, green and blue, 0 to 255, of each pixel of the region."""
        ...


class RGBCollector(Agent):
    """Samples all its regions together and hands the samples on. They are observations, not records."""

    def __init__(
        self,
        spec: RgbSpec,
        bookmaker: str,
        state: LocalState,
        screen: Screen,
        hand_on: Callable[[Sequence[RgbSample]], None],
        now: Callable[[], int] = clock.now_us,
    ) -> None:
        self._spec = spec
        self._bookmaker = bookmaker
        self._state = state
        self._screen = screen
        self._hand_on = hand_on
        self._now = now

    async def run(self) -> None:
        """Sample at the interval. A state that the source has not shown yet is not sampled."""
        while True:
            await asyncio.sleep(max(0.01, self._spec.interval_s))
            if self._state.observed_at_us:
                self._hand_on(self.sample())

    def sample(self) -> list[RgbSample]:
        """Return a sample of each region that lies on the screen."""
        at_us = self._now()
        samples = []
        for region in self._spec.regions:
            pixels = list(self._screen.pixels(region))
            if not pixels:
                continue
            (mean_r, spread_r), (mean_g, spread_g), (mean_b, spread_b) = (
                mean_and_spread(channel) for channel in zip(*pixels, strict=True)
            )
            samples.append(
                RgbSample(
                    bookmaker=self._bookmaker,
                    region=region.name,
                    sampled_at_us=at_us,
                    phase=self._state.phase,
                    mean_r=mean_r,
                    mean_g=mean_g,
                    mean_b=mean_b,
                    spread_r=spread_r,
                    spread_g=spread_g,
                    spread_b=spread_b,
                )
            )
        return samples


def mean_and_spread(values: Sequence[int]) -> tuple[float, float]:
    """Return mean and population standard deviation of `values`, of which there is at least one."""
    mean = sum(values) / len(values)
    return mean, math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
