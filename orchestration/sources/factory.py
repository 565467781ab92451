"""From a source's specification to the source."""

from collections.abc import Callable

from config.specs import ChainSpec, SimulatorSpec, SourceSpec
from orchestration.sources.base import Pacer, Source
from utils import clock


def make_source(spec: SourceSpec, pacer: Pacer, now: Callable[[], int] = clock.now_us) -> Source:
    """Return the source that `spec` describes; `now` is the wall clock in microseconds.

    A simulator is ready in under 3 ms. A replay reads its file here, as much as it needs to name its stream
    (up to all of it): call this off the event loop. Raises `SourceError` with one line for the operator.
    """
    if isinstance(spec, SimulatorSpec):
        from orchestration.sources.simulator import Simulator

        return Simulator(spec, pacer, now)
    if isinstance(spec, ChainSpec):
        from orchestration.sources.chain import Chain

        return Chain(spec, pacer, now)
    from orchestration.sources.replay import Replay

    return Replay(spec, pacer, now)
