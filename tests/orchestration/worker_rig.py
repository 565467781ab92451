"""A real worker process with a live board, a control pipe and a writer in memory around it."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from config.specs import BookmakerSpec, SourceSpec
from data_layer.messages import Ending, LiveState, LogLine, Ready, Report, Stop
from orchestration.bookmaker_worker import run_worker
from orchestration.live_board import LiveBoard
from orchestration.processes import Child, Launcher, best_start_method, make_project_importable
from orchestration.worker_spec import WorkerSpec, outbox_file
from tests.orchestration.memory_writer import SECRET, MemoryWriter

_WAIT_S = 60.0


class WorkerRig:
    """Starts one worker after the other on the same data directory."""

    def __init__(self, directory: Path, source: SourceSpec) -> None:
        make_project_importable()
        self.writer = MemoryWriter(directory)
        board_path = directory / "live.board"
        self.board = LiveBoard.create(board_path, 1)
        self.spec = WorkerSpec(
            bookmaker=BookmakerSpec(name="Admiral", source=source),
            slot=0,
            board_path=board_path,
            outbox_path=outbox_file(directory, "Admiral"),
            writer_address=self.writer.address,
            secret=SECRET,
        )
        self.reports: list[Report] = []
        self._launcher = Launcher(best_start_method())
        self._child: Child | None = None

    def change(self, **changes: object) -> None:
        """Change the bookmaker's specification for the next worker."""
        bookmaker = replace(self.spec.bookmaker, **changes)  # type: ignore[arg-type]  # checked by the dataclass
        self.spec = replace(self.spec, bookmaker=bookmaker)

    def start(self) -> None:
        """Start a worker."""
        self.reports = []
        self._child = self._launcher.start(run_worker, self.spec, "Admiral")

    @property
    def child(self) -> Child:
        """The worker's process."""
        assert self._child is not None
        return self._child

    @property
    def live(self) -> LiveState:
        """The worker's slot of the live board, of this worker's life."""
        live = self.board.read_live(0)
        if live is None or (self._child is not None and live.pid != self._child.pid):
            return LiveState(bookmaker="", pid=0, heartbeat_us=0)
        return live

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` holds; fails when it never does."""
        deadline = time.monotonic() + _WAIT_S
        while not condition():
            assert time.monotonic() < deadline, f"never came: {self.live}, {self.reports}"
            self.receive()
            time.sleep(0.002)

    def receive(self) -> list[Report]:
        """Take in what the worker reported."""
        self.reports += self.child.receive()
        return self.reports

    @property
    def lines(self) -> list[str]:
        """What the worker logged."""
        return [report.text for report in self.receive() if isinstance(report, LogLine)]

    def wait_until_ready(self) -> None:
        """Wait until the worker's source runs."""
        self.wait_until(lambda: any(isinstance(report, Ready) for report in self.receive()))

    def wait_for_end(self) -> Ending | None:
        """Wait for the worker's own end; return its last words."""
        self.wait_until(self.child.has_ended)
        self.reports += self.child.last_reports()
        self.end_code = self.child.how_it_ended()
        self.child.close()
        self._child = None
        return next((report for report in self.reports if isinstance(report, Ending)), None)

    def stop(self, drain_s: float = 10.0) -> Ending | None:
        """Stop the worker in order; return its last words."""
        self.child.send(Stop(drain_s=drain_s))
        return self.wait_for_end()

    def kill(self) -> None:
        """End the worker as kill -9 does."""
        self.child.kill()
        self.reports += self.child.last_reports()
        self.child.close()
        self._child = None

    def close(self) -> None:
        """End everything."""
        if self._child is not None:
            self.kill()
        self.writer.stop()
        self.board.close()
