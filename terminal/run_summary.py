"""What a headless run prints besides its live table: log lines meanwhile, and what it did at the end."""

import logging
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any

from data_layer.engine import BoardSnapshot
from data_layer.messages import LogLine, WorkerState
from gui.view_models.words import count_text
from terminal import exits, texts
from terminal.texts import Column, Sheet
from utils import logs

_COLUMNS = ("received", "committed", "duplicates", "quarantined", "outbox", "restarts")


def log_printer(level: str) -> Callable[[LogLine], None]:
    """Return what writes log lines to standard error: warnings and worse, with level "debug" all of them."""
    least = logging.DEBUG if level == "debug" else logging.WARNING

    def write(line: LogLine) -> None:
        if line.level >= least:
            text = logs.format_line(line.at_us, line.level, line.process, line.logger, line.text)
            sys.stderr.write(f"{text}\n")

    return write


def show(report: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the report of a run, one JSON object or a table."""
    if as_json:
        texts.write_json(report)
        return
    table = Sheet(Column("bookmaker"), *(Column(name, number=True) for name in _COLUMNS))
    for name, counts in report["bookmakers"].items():
        table.add(texts.safe(name), *(count_text(counts[column]) for column in _COLUMNS))
    if len(report["bookmakers"]) != 1:
        table.add("all", *(count_text(report[column]) for column in _COLUMNS), style="bold")
    console = texts.console()
    console.print(f"\nthis run, {report['duration_s']:.1f} s:")
    console.print(table)


def failed_sources(snapshot: BoardSnapshot, finite: Collection[str]) -> dict[str, str]:
    """Return the bookmakers whose finite source did not come to its end, each with the reason."""
    return {
        view.status.bookmaker: view.status.reason or str(view.status.state)
        for view in snapshot.workers
        if view.status.bookmaker in finite and view.status.state is WorkerState.FAILED
    }


def complain_about(failed: Mapping[str, str]) -> int:
    """Write a line for each failed source; return the exit code."""
    for name, reason in failed.items():
        exits.complain(f"{name}: {reason}")
    return exits.FAILED if failed else exits.FINE
