"""The pipe between the supervisor and a child: commands down, reports up, and its end tells of a death.

Both ends exchange MessagePack of `data_layer.messages` as byte messages of a `multiprocessing` connection;
nothing is ever pickled through it. Neither end waits for the other: a child hands its reports to a thread and
drops log lines when the parent does not read, the parent reads what is there and writes only into room.
"""

import collections
import contextlib
import logging
import os
import select
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import msgspec

from data_layer.messages import Command, Ending, LogLine, Ready, Report
from utils import clock

if TYPE_CHECKING:
    import asyncio  # the main process, which uses the other end, does without it until its first paint

PARENT_GRACE_S = 1.0  # what a child may still use after its parent died
PARENT_DIED_EXIT_CODE = 70
MAX_WAITING_REPORTS = 1_000
MAX_REASON_CHARACTERS = 4_000  # as of a log line: a report fits one write, and is never half-sent

_encoder = msgspec.msgpack.Encoder()


def shield_from_terminal() -> None:
    """Leave Ctrl-C and the end of a session to the parent, which then stops its children in order."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            with contextlib.suppress(ValueError, OSError):  # not the main thread, or not settable here
                signal.signal(number, signal.SIG_IGN)


class ChildControl:
    """A child's end. Its two daemon threads live from construction to the end of the process.

    When the parent is gone, however it went, the process is ended after `grace_s` seconds even when its
    event loop hangs; an attached loop is told first and may use them.
    """

    def __init__(self, pipe: Connection, *, process: str, grace_s: float = PARENT_GRACE_S) -> None:
        self._pipe = pipe
        self._process = process
        self._grace_s = grace_s
        self._changed = threading.Condition()
        self._reports: collections.deque[Report] = collections.deque()
        self._lines_waiting = 0
        self._lines_dropped = 0
        self._sending = False
        self._broken = False
        self._attachment: _Attachment | None = None
        self._early_commands: list[Command] = []
        self._parent_died = threading.Event()
        for name, target in (("control-receive", self._receive), ("control-send", self._send)):
            threading.Thread(target=target, name=name, daemon=True).start()

    def attach(
        self,
        loop: "asyncio.AbstractEventLoop",
        on_command: Callable[[Command], None],
        on_parent_died: Callable[[], None],
    ) -> None:
        """From now on call both on `loop`. Commands that came before are delivered first.

        Called on the loop's thread, `on_command` has seen those early commands when this returns: a worker
        that must start paused knows it before it takes its first round.
        """
        with self._changed:
            early, self._early_commands = self._early_commands, []
            self._attachment = _Attachment(loop, on_command, on_parent_died)
            died = self._parent_died.is_set()
        for command in early:
            on_command(command)
        if died:
            on_parent_died()

    def report(self, report: Report) -> None:
        """Send `report` without waiting, from any thread. Surplus log lines are dropped and counted."""
        with self._changed:
            if self._broken:
                return
            if isinstance(report, LogLine):
                if self._lines_waiting >= MAX_WAITING_REPORTS:
                    self._lines_dropped += 1
                    return
                self._lines_waiting += 1
            self._reports.append(report)
            self._changed.notify_all()

    def ready(self) -> None:
        """Report that this child serves."""
        self.report(Ready())

    def ending(self, reason: str, *, finished: bool = False, permanent: bool = False) -> None:
        """Report the last words of this child."""
        reason = reason[:MAX_REASON_CHARACTERS].encode("utf-8", "backslashreplace").decode()
        self.report(Ending(reason=reason, finished=finished, permanent=permanent))

    def flush(self, timeout_s: float = 0.5) -> bool:
        """Wait until every report is on its way, at most `timeout_s`. The last call of a child that ends."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._broken or not (self._reports or self._sending), timeout_s
            )

    def _send(self) -> None:
        while True:
            with self._changed:
                self._sending = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._reports)
                report = self._reports.popleft()
                if isinstance(report, LogLine):
                    self._lines_waiting -= 1
                    if self._lines_dropped and not self._lines_waiting:
                        self._lines_waiting += 1
                        self._reports.append(self._drop_notice())
                self._sending = True
            try:
                self._pipe.send_bytes(_encoder.encode(report))
            except (OSError, ValueError):  # the parent is gone, which the receiving thread acts on
                with self._changed:
                    self._broken = True
                    self._reports.clear()
                    self._changed.notify_all()
                return

    def _drop_notice(self) -> LogLine:
        dropped, self._lines_dropped = self._lines_dropped, 0
        return LogLine(
            at_us=clock.now_us(),
            level=logging.WARNING,
            logger=__name__,
            process=self._process,
            text=f"{dropped} log lines were dropped here: the main process did not read",
        )

    def _receive(self) -> None:
        decoder = msgspec.msgpack.Decoder(Command)
        while True:
            try:
                command = decoder.decode(self._pipe.recv_bytes())
            except (EOFError, OSError):
                break
            except msgspec.MsgspecError:
                logging.getLogger(__name__).exception("a command that does not decode")
                continue
            with self._changed:
                attachment = self._attachment
                if attachment is None:
                    self._early_commands.append(command)
            if attachment is not None:
                attachment.call(attachment.on_command, command)
        self._end_with_the_parent()

    def _end_with_the_parent(self) -> None:
        with self._changed:
            self._parent_died.set()
            attachment = self._attachment
        if attachment is not None:
            attachment.call(attachment.on_parent_died)
        threading.Event().wait(self._grace_s)
        os._exit(PARENT_DIED_EXIT_CODE)


class _Attachment:
    """The loop that a child's commands go to."""

    def __init__(
        self,
        loop: "asyncio.AbstractEventLoop",
        on_command: Callable[[Command], None],
        on_parent_died: Callable[[], None],
    ) -> None:
        self._loop = loop
        self.on_command = on_command
        self.on_parent_died = on_parent_died

    def call(self, callback: Callable[..., None], *args: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed: the process is at its end anyway
            self._loop.call_soon_threadsafe(callback, *args)


class ChildLink:
    """The supervisor's end of one child's pipe."""

    def __init__(self, pipe: Connection) -> None:
        self.pipe = pipe
        self._decoder = msgspec.msgpack.Decoder(Report)

    def send(self, command: Command) -> bool:
        """Send `command` if that needs no waiting, and say whether. What a dead child is sent is lost."""
        if not _has_room(self.pipe):
            return False
        with contextlib.suppress(
            OSError, ValueError
        ):  # the child is gone; its end is seen where it is awaited
            self.pipe.send_bytes(_encoder.encode(command))
        return True

    def receive(self, limit: int = 256) -> list[Report]:
        """Return the reports that are there, at most `limit`. Raises `EOFError` after a dead child's last."""
        reports: list[Report] = []
        try:
            while len(reports) < limit and self.pipe.poll(0):
                reports.append(self._decoder.decode(self.pipe.recv_bytes()))
        except (EOFError, OSError, msgspec.MsgspecError):  # what no report of ours is, ends the link too
            if not reports:
                raise EOFError from None
        return reports

    def close(self) -> None:
        """Close this end, which tells a child that still lives to end. Once is enough, twice does no harm."""
        with contextlib.suppress(OSError):
            self.pipe.close()


def _has_room(pipe: Connection) -> bool:
    """Tell whether a short message can be written at once. Where nobody knows (Windows), hope so."""
    if not hasattr(select, "poll"):
        return True
    poll = select.poll()
    try:
        poll.register(pipe.fileno(), select.POLLOUT)
    except (OSError, ValueError):
        return True  # closed: sending finds out
    return bool(poll.poll(0))
