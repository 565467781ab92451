"""What the agents inside the workers do, in the operator's words."""

from data_layer.engine import WorkerView
from data_layer.messages import AgentState, LiveState, WorkerState
from gui.view_models import words
from gui.view_models.condition import HEARTBEAT_LATE_US, Light, current
from gui.view_models.tables import Cell, Column, number_cell, state_cell
from gui.view_models.tones import Tone

AGENT_COLUMNS = (
    Column(key="agent", title="agent", tip="What the agent does, and why its last failure happened"),
    Column(
        key="restarts",
        title="restarts",
        tip="Times the agent was started again, since its worker began",
        numeric=True,
        spare=9,
    ),
)

_NOT_ALIVE = {
    WorkerState.STARTING: "worker starting",
    WorkerState.BACKING_OFF: "worker restarts soon",
    WorkerState.FAILED: "worker failed",
    WorkerState.STOPPED: "worker stopped",
}


def living(worker: WorkerView | None, monotonic_us: int) -> LiveState | None:
    """Return what the worker says of itself, unless it does not run, is another process by now, or hangs."""
    if worker is None or worker.status.state in _NOT_ALIVE:
        return None
    live = current(worker)
    return None if live is None or monotonic_us - live.heartbeat_us > HEARTBEAT_LATE_US else live


def agent_state(live: LiveState | None, name: str) -> AgentState | None:
    """Return the state of the agent called `name`; None where there is no such agent."""
    return next((agent for agent in live.agents if agent.name == name), None) if live else None


def agent_cells(worker: WorkerView | None, name: str, monotonic_us: int) -> tuple[Cell, Cell]:
    """Return the cells under `AGENT_COLUMNS` for one agent of one bookmaker."""
    live = living(worker, monotonic_us)
    agent = agent_state(live, name)
    restarts = number_cell(words.NOTHING, None)
    if agent is None:
        text, tip = _why_absent(worker, live)
        return state_cell(text, Light.OFF, tone=Tone.MUTED, tip=tip), restarts
    restarts = number_cell(words.count_text(agent.restarts), agent.restarts)
    last = f"last failure: {agent.reason}" if agent.reason else ""
    if not agent.running:
        text = f"failed: {agent.reason}" if agent.reason else "not running"
        return state_cell(text, Light.BAD, tone=Tone.BAD, tip=text), restarts
    if worker is not None and worker.status.state is WorkerState.PAUSED:
        reason = worker.status.reason or "paused"
        return state_cell(reason, Light.PAUSED, tone=Tone.MUTED, tip=last), restarts
    if agent.note:
        return state_cell(agent.note, Light.WARN, tone=Tone.WARN, tip=agent.note), restarts
    return state_cell("running", Light.LIVE, tip=last), restarts


def _why_absent(worker: WorkerView | None, live: LiveState | None) -> tuple[str, str]:
    """Return a few words and, for the tip, the whole reason why there is no agent to speak of."""
    if worker is None:
        return "not configured", "This bookmaker is in the database but not in the configuration"
    if live is not None:
        return "switched off", "Switched off in the configuration"
    status = worker.status
    if status.state in _NOT_ALIVE:
        return _NOT_ALIVE[status.state], status.reason
    if current(worker) is None:
        return "worker starting", status.reason
    return "worker silent", "The worker has not answered for several seconds"
