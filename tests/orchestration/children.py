"""Small children for the tests of what starts, watches and stops them."""

import asyncio
import logging
import os
import threading
import time
from multiprocessing.connection import Connection

from data_layer.messages import Command, Ending, LiveState, LogLine, Pause, Ready, Resume, Stop, WriterHealth
from orchestration.control import ChildControl, shield_from_terminal
from orchestration.live_board import LiveBoard
from orchestration.log_lines import log_through
from orchestration.worker_spec import WorkerSpec
from orchestration.writer_spec import WriterSpec
from utils import clock


def echo(name: str, pipe: Connection) -> None:
    """Report each command as a log line; end at `Stop`."""
    shield_from_terminal()
    control = ChildControl(pipe, process=name)
    control.ready()

    async def run() -> None:
        stopped = asyncio.Event()

        def on_command(command: Command) -> None:
            control.report(LogLine(at_us=1, level=20, logger="echo", process=name, text=repr(command)))
            if isinstance(command, Stop):
                stopped.set()

        control.attach(asyncio.get_running_loop(), on_command, stopped.set)
        await stopped.wait()

    asyncio.run(run())
    control.ending("stopped")
    control.flush()


def chatter(lines: int, pipe: Connection) -> None:
    """Report many lines as fast as possible, then how long that took the loop."""
    control = ChildControl(pipe, process="chatter")
    line = LogLine(at_us=1, level=20, logger="chatter", process="chatter", text="x" * 1_000)
    started = time.monotonic()
    for _ in range(lines):
        control.report(line)
    control.ending(f"{time.monotonic() - started}")
    control.flush(30.0)


def say(text: str, pipe: Connection) -> None:
    """Log a text and end with it."""
    control = ChildControl(pipe, process="say")
    log_through(control, "say", logging.INFO)
    logging.getLogger(__name__).error("it fails: %s", text)
    control.ending(text, permanent=True)
    control.flush()


def hang(name: str, pipe: Connection) -> None:
    """Attach to a loop that then never turns again."""
    control = ChildControl(pipe, process=name)

    async def run() -> None:
        control.attach(asyncio.get_running_loop(), lambda _: None, lambda: None)
        control.ready()
        while True:
            time.sleep(0.1)

    asyncio.run(run())


def parent_of(entry: str, pipe: Connection) -> None:
    """Start a child of our own by spawn, report its pid, and wait to be killed."""
    from orchestration.processes import Launcher

    method, name = entry.split(":")
    child = Launcher("forkserver" if method == "forkserver" else "spawn").start(
        {"echo": echo, "hang": hang}[name], name, name
    )
    while not any(isinstance(report, Ready) for report in child.receive()):
        time.sleep(0.01)
    pipe.send_bytes(str(child.pid).encode())
    threading.Event().wait()


def worker(spec: WorkerSpec, pipe: Connection) -> None:
    """A worker without a source: it beats, pauses, stops, and misbehaves as the name of its group says."""
    shield_from_terminal()
    name, behaviour = spec.bookmaker.name, spec.bookmaker.group
    control = ChildControl(pipe, process=name)
    log_through(control, name, spec.log_level)
    if behaviour == "crash":
        os._exit(3)
    if behaviour == "missing":
        control.ending("no such file: rounds.csv", permanent=True)
        control.flush()
        return
    logging.getLogger(__name__).info("%s lives", name)
    control.report(asyncio.run(_work(spec, control)))
    control.flush()


async def _work(spec: WorkerSpec, control: ChildControl) -> Ending:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Ending] = loop.create_future()
    board = LiveBoard.open(spec.board_path, readonly=False)
    paused = False

    def on_command(command: Command) -> None:
        nonlocal paused
        if isinstance(command, Stop) and spec.bookmaker.group != "deaf":
            ended.set_result(Ending(reason="stopped"))
        elif isinstance(command, Pause | Resume):
            paused = isinstance(command, Pause)
            beat()

    def beat() -> None:
        state = LiveState(
            bookmaker=spec.bookmaker.name, pid=os.getpid(), heartbeat_us=clock.monotonic_us(), paused=paused
        )
        board.write_live(spec.slot, state)

    control.attach(loop, on_command, lambda: None)
    beat()
    control.ready()
    if spec.bookmaker.group == "finite":
        return Ending(reason="the recording has ended", finished=True)
    while not ended.done():
        beat()
        await asyncio.wait([ended], timeout=0.1)
    return ended.result()


def writer(spec: WriterSpec, pipe: Connection) -> None:
    """A writer that writes nothing."""
    shield_from_terminal()
    control = ChildControl(pipe, process="writer")
    board = LiveBoard.open(spec.board_path, readonly=False)

    async def run() -> None:
        stopped = asyncio.Event()
        control.attach(asyncio.get_running_loop(), lambda _: stopped.set(), lambda: None)
        control.ready()
        while not stopped.is_set():
            board.write_writer(WriterHealth(pid=os.getpid(), heartbeat_us=clock.monotonic_us()))
            await asyncio.wait([asyncio.create_task(stopped.wait())], timeout=0.1)

    asyncio.run(run())
    control.ending("stopped")
    control.flush()
