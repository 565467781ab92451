"""How children are started: forked from a small server that has loaded their code, or spawned where there is
none. Either way a child gets nothing but its arguments, and no child holds an end of a sibling's pipe.
"""

import contextlib
import logging
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from data_layer.messages import Command, Report
from orchestration.control import ChildLink
from orchestration.writer_address import can_be_socket

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

StartMethod = Literal["forkserver", "spawn"]

_PRELOADED = "orchestration.preload"
_REAP_S = 2.0
_KILL_S = 0.2
_PIPE_BEFORE_PROCESS_S = 0.2  # a pipe ends this much before its process at most
_GONE_POLL_S = 0.01

SpecT = TypeVar("SpecT")

_log = logging.getLogger(__name__)


def best_start_method() -> StartMethod:
    """Return forkserver on Linux, where 50 children are ready in a third of a second, else spawn.

    Its sockets are in the temporary directory: where that has too long a path, there is no fork server.
    """
    its_socket = Path(tempfile.gettempdir()) / "pymp-12345678" / "listener-12345678"
    return "forkserver" if sys.platform == "linux" and can_be_socket(its_socket) else "spawn"


def make_project_importable() -> None:
    """Let the fork server find the project from any working directory; Python 3.11's ignores `sys.path`.

    Changes the environment, so it belongs on the main thread, before other threads read it.
    """
    root = str(Path(__file__).resolve().parent.parent)
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    if root not in paths:
        os.environ["PYTHONPATH"] = os.pathsep.join([root, *paths])


class Launcher:
    """Starts children by one method. Used by one thread."""

    def __init__(self, method: StartMethod) -> None:
        self._context: ForkServerContext | SpawnContext
        if method == "forkserver":
            self._context = multiprocessing.get_context("forkserver")
            self._context.set_forkserver_preload([_PRELOADED])
        else:
            self._context = multiprocessing.get_context("spawn")

    def start(self, entry: Callable[[SpecT, Connection], None], spec: SpecT, name: str) -> "Child":
        """Start `entry(spec, pipe)` in a process of its own. Raises `OSError` when there can be none."""
        ours, theirs = self._context.Pipe(duplex=True)
        try:
            process = self._context.Process(target=entry, args=(spec, theirs), name=name, daemon=True)
            process.start()
        except BaseException as error:
            ours.close()
            if isinstance(error, EOFError):
                raise OSError("the fork server ended while it started a process") from error
            raise
        finally:
            theirs.close()  # the child alone holds it, so its end of file tells the child's death
        return Child(process, ChildLink(ours))


class Child:
    """A started process and the parent's end of its pipe."""

    def __init__(self, process: BaseProcess, link: ChildLink) -> None:
        self.pid = process.pid or 0
        self._process = process
        self._link = link
        self._link_ended = False

    def waitables(self) -> "list[Connection | int]":
        """Return what becomes ready when the child reports or ends, for `multiprocessing.connection.wait`."""
        sentinel = self._process.sentinel
        return [sentinel] if self._link_ended else [self._link.pipe, sentinel]

    def send(self, command: Command) -> bool:
        """Send `command` if that needs no waiting, and say whether."""
        return self._link.send(command)

    def receive(self) -> list[Report]:
        """Return the reports that are there."""
        if self._link_ended:
            return []
        try:
            return self._link.receive()
        except EOFError:
            self._link_ended = True
            return []

    def has_ended(self) -> bool:
        """Tell whether the process is gone. One without its pipe is of no use any more, and is made to go."""
        if not self._process.is_alive():
            return True
        if not self._link_ended:
            return False
        self._process.join(_PIPE_BEFORE_PROCESS_S)
        if self._process.is_alive():
            self.kill()
        return not self._process.is_alive()

    def last_reports(self) -> list[Report]:
        """Return what an ended child still reported, and make certain of its end.

        The fork server tells ends. When it was killed itself, all its children seem to have ended while their
        pipes say that they live: such a child is ended here, before anybody starts another in its place.
        """
        reports: list[Report] = []
        deadline = time.monotonic() + _REAP_S
        while not self._link_ended:
            some = self.receive()
            reports += some
            if not some and not self._link_ended:
                if time.monotonic() > deadline:
                    _log.error("process %d does not end", self.pid)
                    break
                _kill(self.pid)
                time.sleep(_GONE_POLL_S)
        return reports

    def kill(self) -> None:
        """End the process at once, whatever it does. One that the kernel holds may outlive this."""
        self._process.kill()
        self._process.join(_KILL_S)

    def how_it_ended(self) -> str:
        """Return in the operator's words how the process ended."""
        code = self._process.exitcode
        if code is None:
            return "still alive"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def close(self) -> None:
        """Release what the parent holds of an ended child."""
        self._link.close()
        with contextlib.suppress(ValueError):  # did not even die of SIGKILL: a disk that hangs
            self._process.close()


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows ends a process by either
