"""Commands that run something, and those that look at what runs."""

import math
from typing import Annotated

import typer

from terminal.commands.words import COMMON, Action, AsJson, option, switch
from terminal.options import CommonOptions
from terminal.parts import HeadlessOptions, Parts, WorkerOptions

Duration = Annotated[float | None, option("--duration", "S", "Stop after S seconds.", 0.0)]


def add_runs(app: typer.Typer, options: CommonOptions, parts: Parts) -> None:
    """Add `headless`, `worker` and `view`."""

    @app.command(epilog=COMMON)
    def headless(
        duration: Duration = None,
        until_exhausted: Annotated[
            bool, switch("--until-exhausted", "Stop when every finite source has ended.")
        ] = False,
        as_json: AsJson = False,
    ) -> Action:
        """Collect rounds without a window. Ctrl-C ends it after what is under way is stored."""
        _check_duration(duration)
        how = HeadlessOptions(duration_s=duration, until_exhausted=until_exhausted, as_json=as_json)
        return lambda: parts.run_headless(options.load(), how)

    @app.command(epilog=COMMON)
    def worker(
        bookmaker: Annotated[list[str], option("--bookmaker", "NAME", "Whom to collect from; repeatable.")],
        duration: Duration = None,
    ) -> Action:
        """Collect on a machine without the database; the rounds go to the central one through Redis."""
        _check_duration(duration)
        how = WorkerOptions(bookmakers=tuple(bookmaker), duration_s=duration)
        return lambda: parts.run_worker(options.load(), how)

    @app.command(epilog=COMMON)
    def view(duration: Duration = None) -> Action:
        """Show an instance on another machine through Redis, in the window or, without a display, a table."""
        _check_duration(duration)
        return lambda: parts.run_view(options.load(), duration)


def add_views(app: typer.Typer, options: CommonOptions, parts: Parts) -> None:
    """Add `status` and `alerts`."""

    @app.command(epilog=COMMON)
    def status(as_json: AsJson = False) -> Action:
        """Show what the instance running on the data directory does, worker by worker."""
        from terminal import status

        return lambda: status.show(options.load().data_dir, parts.read_board, as_json=as_json)

    @app.command(epilog=COMMON)
    def alerts(
        history: Annotated[bool, switch("--history", "Also those that were.")] = False,
        as_json: AsJson = False,
    ) -> Action:
        """Show what wants the operator on the running instance."""
        from terminal import alerts

        return lambda: alerts.show(options.load().data_dir, history=history, as_json=as_json)


def add_checks(app: typer.Typer, options: CommonOptions, parts: Parts) -> None:
    """Add `metrics` and `diagnose`."""

    @app.command(epilog=COMMON)
    def metrics(
        refresh: Annotated[
            bool, switch("--refresh", "Have the running instance compute them anew first.")
        ] = False,
        as_json: AsJson = False,
    ) -> Action:
        """Show which metrics Redis holds ready, range by range."""
        from terminal import metrics

        return lambda: metrics.show(options.load(), refresh=refresh, as_json=as_json)

    @app.command(epilog=COMMON)
    def diagnose(as_json: AsJson = False) -> Action:
        """Check the health of everything. Exit code 0: healthy, 1: degraded, 2: broken."""
        from terminal import diagnosis

        return lambda: diagnosis.show(options, parts.read_board, as_json=as_json)


def _check_duration(duration: float | None) -> None:
    if duration is not None and math.isnan(duration):
        raise typer.BadParameter("a run cannot last for nan seconds")
