"""What `main.py` hands to the command line, and what the command line tells it to run."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import Settings
    from terminal.status import ReadBoard


@dataclass(frozen=True, kw_only=True, slots=True)
class HeadlessOptions:
    """How a headless run ends, and what it prints then."""

    duration_s: float | None = None
    until_exhausted: bool = False
    as_json: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerOptions:
    """Whom a machine without the database collects from, and for how long."""

    bookmakers: tuple[str, ...]
    duration_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What `main.py` puts together for the commands that need more than the data directory."""

    run_headless: Callable[["Settings", HeadlessOptions], int]
    run_worker: Callable[["Settings", WorkerOptions], int]
    run_view: Callable[["Settings", float | None], int]
    read_board: "ReadBoard"
