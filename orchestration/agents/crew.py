"""Which agents a bookmaker's worker runs, from its specification."""

from collections.abc import Callable, Sequence

from config.specs import BookmakerSpec
from data_layer.messages import RgbSample
from orchestration.agents.base import AgentFactory
from orchestration.agents.betting import Bankroll, BettingAgent
from orchestration.agents.rgb import RGBCollector
from orchestration.agents.session import SessionKeeper
from orchestration.agents.virtual_screen import VirtualScreen
from orchestration.local_state import LocalState


def crew(
    spec: BookmakerSpec,
    state: LocalState,
    bankroll: Bankroll,
    hand_on_samples: Callable[[Sequence[RgbSample]], None],
) -> dict[str, AgentFactory]:
    """Return by name what makes each agent that `spec` switches on."""
    factories: dict[str, AgentFactory] = {}
    if spec.betting.enabled:
        factories["betting"] = lambda: BettingAgent(
            spec.betting, bankroll, every_round=spec.source.speed != 1
        )
    if spec.rgb.enabled:
        factories["rgb"] = lambda: RGBCollector(
            spec.rgb, spec.name, state, VirtualScreen(state), hand_on_samples
        )
    if spec.session.enabled:
        factories["session"] = lambda: SessionKeeper(spec.session, state)
    return factories
