"""The commands. What needs the engine is handed in by `main.py`; a command loads nothing it does not use.

typer only reads the words: a command's function returns what is to be done, and that is done outside of
typer, which has its own ways with interruptions and broken pipes.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from data_layer.errors import UsageError
from terminal.options import HELP, CommonOptions

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


Action = Callable[[], int]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Bookmaker = Annotated[str | None, typer.Option("--bookmaker", metavar="NAME", help="Only this one.")]
Duration = Annotated[
    float | None, typer.Option("--duration", metavar="S", min=0.0, help="Stop after S seconds.")
]
Range = Annotated[str, typer.Option("--range", metavar="RANGE", help="1h, 6h, 24h, 3d, 7d, 30d or all.")]

_COMMON = "Every command also takes " + ", ".join(f"{name} {text.split()[0]}" for name, text in HELP.items())


def run(words: Sequence[str], options: CommonOptions, parts: Parts) -> int:
    """Run the command that `words` name and return its exit code.

    Raises `UsageError` for words that do not fit, and whatever the command raises.
    """
    command = typer.main.get_command(_app(options, parts))
    try:
        action = command.main(list(words), prog_name="main.py", standalone_mode=False)
    except typer.TyperException as error:
        fault = " ".join(error.format_message().split())
        raise UsageError(f"{fault.rstrip('.')}; main.py --help shows what there is") from None
    return action() if callable(action) else 0


def _app(options: CommonOptions, parts: Parts) -> typer.Typer:
    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="Watch crash games at many bookmakers. Without a command: the window.",
        epilog=_COMMON,
    )
    _add_views(app, options, parts)
    _add_recordings(app, options)
    _add_copies(app, options)
    _add_fairness(app, options)
    _add_strategies(app, options)
    return app


def _add_views(app: typer.Typer, options: CommonOptions, parts: Parts) -> None:
    @app.command(epilog=_COMMON)
    def headless(
        duration: Duration = None,
        until_exhausted: Annotated[
            bool, typer.Option("--until-exhausted", help="Stop when every finite source has ended.")
        ] = False,
        as_json: AsJson = False,
    ) -> Action:
        """Collect rounds without a window. Ctrl-C ends it after what is under way is stored."""
        _check_duration(duration)
        how = HeadlessOptions(duration_s=duration, until_exhausted=until_exhausted, as_json=as_json)
        return lambda: parts.run_headless(options.load(), how)

    @app.command(epilog=_COMMON)
    def worker(
        bookmaker: Annotated[
            list[str], typer.Option("--bookmaker", metavar="NAME", help="Whom to collect from; repeatable.")
        ],
        duration: Duration = None,
    ) -> Action:
        """Collect on a machine without the database; the rounds go to the central one through Redis."""
        _check_duration(duration)
        how = WorkerOptions(bookmakers=tuple(bookmaker), duration_s=duration)
        return lambda: parts.run_worker(options.load(), how)

    @app.command(epilog=_COMMON)
    def view(duration: Duration = None) -> Action:
        """Show an instance on another machine through Redis, in the window or, without a display, a table."""
        _check_duration(duration)
        return lambda: parts.run_view(options.load(), duration)

    @app.command(epilog=_COMMON)
    def status(as_json: AsJson = False) -> Action:
        """Show what the instance running on the data directory does, worker by worker."""
        from terminal import status

        return lambda: status.show(options.load().data_dir, parts.read_board, as_json=as_json)

    @app.command(epilog=_COMMON)
    def alerts(
        history: Annotated[bool, typer.Option("--history", help="Also those that were.")] = False,
        as_json: AsJson = False,
    ) -> Action:
        """Show what wants the operator on the running instance."""
        from terminal import alerts

        return lambda: alerts.show(options.load().data_dir, history=history, as_json=as_json)

    _add_stats(app, options)

    @app.command(epilog=_COMMON)
    def metrics(
        refresh: Annotated[
            bool, typer.Option("--refresh", help="Have the running instance compute them anew first.")
        ] = False,
        as_json: AsJson = False,
    ) -> Action:
        """Show which metrics Redis holds ready, range by range."""
        from terminal import metrics

        return lambda: metrics.show(options.load(), refresh=refresh, as_json=as_json)

    @app.command(epilog=_COMMON)
    def diagnose(as_json: AsJson = False) -> Action:
        """Check the health of everything. Exit code 0: healthy, 1: degraded, 2: broken."""
        from terminal import diagnosis

        return lambda: diagnosis.show(options, parts.read_board, as_json=as_json)


def _add_stats(app: typer.Typer, options: CommonOptions) -> None:
    @app.command(epilog=_COMMON)
    def stats(
        range_name: Annotated[
            str | None, typer.Option("--range", metavar="RANGE", help="1h, 6h, 24h, 3d, 7d, 30d or all.")
        ] = None,
        bookmaker: Bookmaker = None,
        group: Annotated[str | None, typer.Option("--group", metavar="NAME", help="Only this group.")] = None,
        threshold: Annotated[
            list[str] | None,
            typer.Option(
                "--threshold", metavar="M", help="A cash-out to count at, as 2 or 2.5x; repeatable."
            ),
        ] = None,
        start: Annotated[
            str | None, typer.Option("--from", metavar="TIME", help="As 2025-10-26T14:30; not with --range.")
        ] = None,
        end: Annotated[
            str | None, typer.Option("--to", metavar="TIME", help="Up to, not including; default: now.")
        ] = None,
        timezone: Annotated[
            str | None,
            typer.Option("--timezone", metavar="ZONE", help="Of times and days, as Europe/Belgrade."),
        ] = None,
        streaks: Annotated[bool, typer.Option("--streaks", help="Runs of rounds below a threshold.")] = False,
        intervals: Annotated[
            str | None, typer.Option("--intervals", metavar="LENGTH", help="As 60m, 7m, 2h, 1d or 100r.")
        ] = None,
        heat_map: Annotated[
            bool, typer.Option("--heat-map", help="Shares by weekday and hour, of 30 days.")
        ] = False,
        drift: Annotated[
            bool, typer.Option("--drift", help="Do rounds come as often as claimed? Of all time.")
        ] = False,
        integrity: Annotated[
            bool, typer.Option("--integrity", help="Are the feeds what they say they are? Of all time.")
        ] = False,
        as_json: AsJson = False,
    ) -> Action:
        """Show the statistics of the recorded rounds; with a threshold, times or a section, in depth."""
        from terminal import analytics

        words = analytics.Words(
            range=range_name,
            bookmaker=bookmaker,
            group=group,
            thresholds=tuple(threshold or ()),
            start=start,
            end=end,
            timezone=timezone,
            intervals=intervals,
            streaks=streaks,
            heat_map=heat_map,
            drift=drift,
            integrity=integrity,
            as_json=as_json,
        )
        return lambda: analytics.show_stats(options, words)


def _add_recordings(app: typer.Typer, options: CommonOptions) -> None:
    @app.command("import", epilog=_COMMON)
    def import_(
        file: Path,
        bookmaker: Annotated[str, typer.Option("--bookmaker", metavar="NAME", help="Whose rounds they are.")],
        mapping: Annotated[
            list[str] | None,
            typer.Option("--mapping", metavar="FIELD=COLUMN,...", help="As crash_point=bust; else guessed."),
        ] = None,
        table: Annotated[
            str | None, typer.Option("--table", metavar="NAME", help="Of an SQLite file.")
        ] = None,
        timezone: Annotated[
            str, typer.Option("--timezone", metavar="ZONE", help="Of times without one.")
        ] = "UTC",
        as_json: AsJson = False,
    ) -> Action:
        """Bring the recorded rounds of FILE (CSV, JSON, JSONL or SQLite) into the database."""
        from terminal import recordings

        return lambda: recordings.bring_in(
            options.load(), file, bookmaker, mapping or (), table=table, timezone=timezone, as_json=as_json
        )

    @app.command(epilog=_COMMON)
    def export(
        out: Annotated[
            Path, typer.Option("--out", metavar="FILE", help="Ends in csv, jsonl, xlsx or parquet.")
        ],
        range_name: Range = "all",
        bookmaker: Bookmaker = None,
    ) -> Action:
        """Write recorded rounds to a file for other programs."""
        from terminal import recordings

        return lambda: recordings.write_out(_database_to_read(options), out, range_name, bookmaker)


def _add_copies(app: typer.Typer, options: CommonOptions) -> None:
    @app.command(epilog=_COMMON)
    def backup(file: Path) -> Action:
        """Copy the database to FILE, also while an instance runs."""
        from terminal import copies

        return lambda: copies.make_backup(_database_to_read(options), file)

    @app.command(epilog=_COMMON)
    def restore(file: Path) -> Action:
        """Put the backup FILE in the place of the database, which is kept beside it."""
        from terminal import copies

        return lambda: copies.put_back(file, _database(options))


def _add_fairness(app: typer.Typer, options: CommonOptions) -> None:
    @app.command(epilog=_COMMON)
    def verify(
        scheme: Annotated[str | None, _option("--scheme", "S", "How the site makes its games.")] = None,
        hash_: Annotated[str | None, _option("--hash", "H", "Of a game.")] = None,
        salt: Annotated[str | None, _option("--salt", "T", "Where it is not the published one.")] = None,
        crash: Annotated[str | None, _option("--crash", "M", "The crash point that was shown.")] = None,
        game: Annotated[int | None, _option("--game", "N", "Number of the game of --hash.", 1)] = None,
        games: Annotated[int | None, _option("--games", "N", "So many games back from H.", 1)] = None,
        to: Annotated[str | None, _option("--to", "H2", "Walk from H back to this hash.")] = None,
        at_most: Annotated[int | None, _option("--at-most", "N", "Walk so many games at most.", 1)] = None,
        seed: Annotated[str | None, _option("--seed", "SEED", "duel: the revealed seed.")] = None,
        drand: Annotated[str | None, _option("--drand", "HEX", "duel: the drand randomness.")] = None,
        commitment: Annotated[
            str | None, _option("--commitment", "H", "What the site published before the games.")
        ] = None,
        server_seed: Annotated[str | None, _option("--server-seed", "SEED", "aviator.")] = None,
        client_seed: Annotated[
            list[str] | None, _option("--client-seed", "SEED", "aviator: of three players, in order.")
        ] = None,
        bookmaker: Annotated[
            str | None, _option("--bookmaker", "NAME", "Verify and mark its stored rounds.")
        ] = None,
        range_: Annotated[str | None, _option("--range", "RANGE", "Only these rounds; default: all.")] = None,
        all_: Annotated[bool, typer.Option("--all", help="All rounds of the bookmaker.")] = False,
        as_json: AsJson = False,
    ) -> Action:
        """Recompute provably fair games: by a hash, by seeds, or the stored rounds of a bookmaker.

        Exit code 1: a round or a commitment is wrong, or the hash of --to is not reached.
        """
        from terminal import verify

        words = verify.Words(
            scheme=scheme,
            hash=hash_,
            salt=salt,
            crash=crash,
            game=game,
            games=games,
            to=to,
            at_most=at_most,
            seed=seed,
            drand=drand,
            commitment=commitment,
            server_seed=server_seed,
            client_seed=tuple(client_seed or ()),
            bookmaker=bookmaker,
            range=range_,
            all=all_,
            as_json=as_json,
        )
        return lambda: verify.show(options, words)


def _add_strategies(app: typer.Typer, options: CommonOptions) -> None:
    @app.command(epilog=_COMMON)
    def backtest(
        bookmaker: Annotated[str, _option("--bookmaker", "NAME", "Whose rounds are played.")],
        strategy: Annotated[
            str | None,
            _option(
                "--strategy", "S", "flat, martingale, anti-martingale, dalembert, fibonacci, kelly, python."
            ),
        ] = None,
        stake: Annotated[str | None, _option("--stake", "MONEY", "Of a bet, as 1.00.")] = None,
        cashout: Annotated[str | None, _option("--cashout", "M", "As 2.00 or 1.5x.")] = None,
        set_: Annotated[
            list[str] | None, _option("--set", "NAME=VALUE", "Another parameter, as limit=50; repeatable.")
        ] = None,
        bankroll: Annotated[str | None, _option("--bankroll", "MONEY", "To begin with.")] = None,
        file: Annotated[
            str | None, _option("--file", "FILE:CLASS", "A class of your own, mine.py:Mine.")
        ] = None,
        range_name: Annotated[
            str | None, _option("--range", "RANGE", "Only these rounds; default: all.")
        ] = None,
        start: Annotated[
            str | None, _option("--from", "TIME", "As 2025-10-26T14:30; not with --range.")
        ] = None,
        end: Annotated[str | None, _option("--to", "TIME", "Up to, not including; default: now.")] = None,
        timezone: Annotated[
            str | None, _option("--timezone", "ZONE", "Of times, as Europe/Belgrade.")
        ] = None,
        as_json: AsJson = False,
    ) -> Action:
        """Play a strategy on paper over recorded rounds. Nothing is placed; no strategy changes the edge."""
        from terminal import backtest as command

        words = command.Words(
            bookmaker=bookmaker,
            strategy=strategy,
            stake=stake,
            cashout=cashout,
            parameters=tuple(set_ or ()),
            bankroll=bankroll,
            file=file,
            range=range_name,
            start=start,
            end=end,
            timezone=timezone,
            as_json=as_json,
        )
        return lambda: command.show(options, words)


def _option(name: str, metavar: str, text: str, least: int | None = None) -> Any:
    return typer.Option(name, metavar=metavar, help=text, min=least)


def _database_to_read(options: CommonOptions) -> Path:
    from data_layer.database.file_check import refuse_newer

    path = _database(options)
    refuse_newer(path)
    return path


def _check_duration(duration: float | None) -> None:
    if duration is not None and math.isnan(duration):
        raise typer.BadParameter("a run cannot last for nan seconds")


def _database(options: CommonOptions) -> Path:
    return options.load().data_dir / "aviator.db"
