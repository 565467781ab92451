"""The commands to workers: whom they reach and how they are worded."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data_layer.messages import WorkerState


class Lever(enum.Enum):
    """One command to workers."""

    START = "start"
    PAUSE = "pause"
    RESTART = "restart"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class LeverModel:
    """A command as a button or menu entry shows it."""

    lever: Lever
    label: str  # "Pause all", "Pause 3", "Pause Admiral"
    names: tuple[str, ...]  # whom it reaches
    enabled: bool
    confirm: str = ""  # to be asked first; empty where no question is needed


_IDLE = frozenset({WorkerState.STOPPED, WorkerState.PAUSED, WorkerState.BACKING_OFF, WorkerState.FAILED})
_APPLIES = {
    Lever.START: _IDLE,
    Lever.PAUSE: frozenset({WorkerState.RUNNING, WorkerState.STARTING}),
    Lever.RESTART: frozenset(WorkerState),
    Lever.STOP: frozenset(WorkerState) - {WorkerState.STOPPED},
}
_VERBS = {Lever.START: "Start", Lever.PAUSE: "Pause", Lever.RESTART: "Restart", Lever.STOP: "Stop"}


def lever_model(
    lever: Lever,
    states: Mapping[str, WorkerState],
    selected: Sequence[str],
    *,
    name_single: bool = False,
) -> LeverModel:
    """Return a command for the selection, or for all where nothing is selected.

    `name_single` words a single target with its name rather than as 1.
    """
    targets = tuple(selected) or tuple(states)
    reached = tuple(name for name in targets if states.get(name) in _APPLIES[lever])
    verb = _VERBS[lever]
    paused_only = bool(reached) and all(states[name] is WorkerState.PAUSED for name in reached)
    if lever is Lever.START and paused_only:
        verb = "Resume"
    if not selected:
        amount = "all"
    elif len(selected) == 1 and name_single:
        amount = selected[0]
    else:
        amount = str(len(selected))
    confirm = ""
    if lever is Lever.STOP and len(reached) > 1 and len(reached) == len(_stoppable(states)):
        confirm = f"Stop all {len(reached)} bookmakers?"
    return LeverModel(lever, f"{verb} {amount}", reached, bool(reached), confirm)


def _stoppable(states: Mapping[str, WorkerState]) -> list[str]:
    return [name for name, state in states.items() if state in _APPLIES[Lever.STOP]]
