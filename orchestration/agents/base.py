"""What an agent is, and the host that runs a worker's agents beside its rounds.

An agent is a small observer of one bookmaker. When it fails, it is reported, and a fresh one takes its place
after a pause; the rounds and the other agents do not notice.
"""

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from data_layer.errors import AviatorError
from data_layer.messages import AgentState, Record, Round, SessionState
from orchestration.local_state import LocalState

RESTART_FIRST_S = 1.0
RESTART_MOST_S = 60.0

_log = logging.getLogger(__name__)


class Agent(ABC):
    """One observer. Its methods are called on the worker's event loop and return at once, `run` excepted."""

    @abstractmethod
    async def run(self) -> None:
        """Do what is to be done by the clock, until cancelled. An exception is a failure of the agent."""

    def observe(self, state: LocalState) -> None:
        """See a change of the live picture."""
        return

    def settle(self, finished: Round) -> Sequence[Record]:
        """See a finished round; return the records that belong to it and are kept with it."""
        return ()

    @property
    def session(self) -> SessionState | None:
        """What there is to show of a session, if the agent keeps one."""
        return None

    @property
    def note(self) -> str:
        """What the operator should know of a running agent; empty where all is as usual."""
        return ""


AgentFactory = Callable[[], Agent]


class AgentHost:
    """Runs the agents of one worker, by name."""

    def __init__(self, factories: Mapping[str, AgentFactory], on_change: Callable[[], None]) -> None:
        """`on_change` is called when `states` has changed."""
        self._places = [_Place(name, factory, on_change) for name, factory in factories.items()]

    @property
    def states(self) -> tuple[AgentState, ...]:
        """How each agent is."""
        return tuple(place.noted_state for place in self._places)

    @property
    def session(self) -> SessionState | None:
        """What the first agent that keeps a session knows of it."""
        for place in self._places:
            if place.agent is not None and (session := place.agent.session) is not None:
                return session
        return None

    def start(self) -> None:
        """Start all agents, as tasks of the running loop."""
        for place in self._places:
            place.start()

    async def stop(self) -> None:
        """End all agents and wait for it."""
        for place in self._places:
            await place.stop()

    def observe(self, state: LocalState) -> None:
        """Show all agents a change of the live picture."""
        for place in self._places:
            if place.agent is not None:
                try:
                    place.agent.observe(state)
                except Exception as error:  # noqa: BLE001  whatever it is, it is this agent's failure
                    place.fail(error)

    def settle(self, finished: Round) -> list[Record]:
        """Show all agents a finished round; return what they have to keep with it."""
        records: list[Record] = []
        for place in self._places:
            if place.agent is not None:
                try:
                    records.extend(place.agent.settle(finished))
                except Exception as error:  # noqa: BLE001  whatever it is, it is this agent's failure
                    place.fail(error)
        return records


def _reason(error: Exception) -> str:
    """Return what the operator is told: an error of ours that speaks for itself has no need of its kind."""
    return str(error) if isinstance(error, AviatorError) else f"{type(error).__name__}: {error}"


class _Place:
    """One agent's place in the host: there the next one stands up when it has failed."""

    def __init__(self, name: str, factory: AgentFactory, on_change: Callable[[], None]) -> None:
        self.agent: Agent | None = None
        self.state = AgentState(name=name, running=False)
        self._factory = factory
        self._on_change = on_change
        self._failure: asyncio.Future[Exception] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def noted_state(self) -> AgentState:
        note = "" if self.agent is None else self.agent.note
        return replace(self.state, note=note) if note else self.state

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._keep_running())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self._show(running=False)

    def fail(self, error: Exception) -> None:
        """End the present agent because one of its calls raised `error`."""
        self.agent = None
        if self._failure is not None and not self._failure.done():
            self._failure.set_result(error)

    async def _keep_running(self) -> None:
        delay_s = RESTART_FIRST_S
        loop = asyncio.get_running_loop()
        while True:
            started_s = loop.time()
            try:
                await self._run_one()
            except Exception as error:  # noqa: BLE001  whatever it is, it is this agent's failure
                _log.error("The %s agent failed and starts anew", self.state.name, exc_info=error)
                self._show(running=False, reason=_reason(error))
            finally:
                self.agent = None
            if loop.time() - started_s > RESTART_MOST_S:
                delay_s = RESTART_FIRST_S
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 2, RESTART_MOST_S)
            self._show(running=False, restarts=self.state.restarts + 1)

    async def _run_one(self) -> None:
        self._failure = asyncio.get_running_loop().create_future()
        agent = self._factory()
        task = asyncio.get_running_loop().create_task(agent.run())
        self.agent = agent
        self._show(running=True)
        try:
            await asyncio.wait((task, self._failure), return_when=asyncio.FIRST_COMPLETED)
            if self._failure.done():
                raise self._failure.result()
            await task
            raise RuntimeError("it ended by itself")
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task

    def _show(self, *, running: bool, reason: str | None = None, restarts: int | None = None) -> None:
        self.state = AgentState(
            name=self.state.name,
            running=running,
            restarts=self.state.restarts if restarts is None else restarts,
            reason=self.state.reason if reason is None else reason,
        )
        self._on_change()
