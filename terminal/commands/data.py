"""Commands that carry rounds, and the whole database, in and out."""

from pathlib import Path
from typing import Annotated

import typer

from terminal.commands.words import COMMON, RANGES, Action, AsJson, Bookmaker, option
from terminal.options import CommonOptions


def add_recordings(app: typer.Typer, options: CommonOptions) -> None:
    """Add `import` and `export`."""

    @app.command("import", epilog=COMMON)
    def import_(
        file: Path,
        bookmaker: Annotated[str, option("--bookmaker", "NAME", "Whose rounds they are.")],
        mapping: Annotated[
            list[str] | None,
            option("--mapping", "FIELD=COLUMN,...", "As crash_point=bust; else guessed."),
        ] = None,
        table: Annotated[str | None, option("--table", "NAME", "Of an SQLite file.")] = None,
        timezone: Annotated[str, option("--timezone", "ZONE", "Of times without one.")] = "UTC",
        as_json: AsJson = False,
    ) -> Action:
        """Bring the recorded rounds of FILE (CSV, JSON, JSONL or SQLite) into the database."""
        from terminal import recordings

        return lambda: recordings.bring_in(
            options.load(), file, bookmaker, mapping or (), table=table, timezone=timezone, as_json=as_json
        )

    @app.command(epilog=COMMON)
    def export(
        out: Annotated[Path, option("--out", "FILE", "Ends in csv, jsonl, xlsx or parquet.")],
        range_name: Annotated[str, option("--range", "RANGE", RANGES)] = "all",
        bookmaker: Bookmaker = None,
    ) -> Action:
        """Write recorded rounds to a file for other programs."""
        from terminal import recordings

        return lambda: recordings.write_out(options.load(), out, range_name, bookmaker)


def add_copies(app: typer.Typer, options: CommonOptions) -> None:
    """Add `backup` and `restore`."""

    @app.command(epilog=COMMON)
    def backup(file: Path) -> Action:
        """Copy the database to FILE, also while an instance runs."""
        from terminal import copies

        return lambda: copies.make_backup(options.load(), file)

    @app.command(epilog=COMMON)
    def restore(file: Path) -> Action:
        """Put the backup FILE in the place of the database, which is kept beside it."""
        from terminal import copies

        return lambda: copies.put_back(file, options.load())
