"""`import` and `export`: recorded rounds into the database, and rounds of the database into a file."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from config.layers import neighbour
from config.model import bookmaker_name
from config.problems import RefusedValueError
from config.settings import Settings
from config.time_zones import nearest_zone, zone_or_offset
from data_layer.database import connection, export
from data_layer.errors import UsageError
from data_layer.recordings.importer import ImportReport, import_file
from data_layer.recordings.refusals import Refusals
from gui.view_models.words import count_text
from terminal import exits, progress, sinks, texts
from terminal.database_file import database_to_read


def bring_in(
    settings: Settings,
    file: Path,
    bookmaker: str,
    mapping: Sequence[str],
    *,
    table: str | None,
    timezone: str,
    as_json: bool,
) -> int:
    """Import a recording and print the report; 1 when not one row of it is a round.

    Goes through the writer of the running instance where there is one. Raises `UsageError`,
    `InstanceRunningError` while another command owns the data directory, and what `import_file` raises.
    """
    name = _checked_name(bookmaker, [spec.name for spec in settings.bookmakers])
    if file.exists() and not file.is_file():
        raise UsageError(f"{file} is not a file")
    if not file.is_file():
        nearest = neighbour(file)
        raise UsageError(f"no such file: {file}" + (f"; nearest: {nearest}" if nearest else ""))
    if zone_or_offset(timezone) is None:
        raise UsageError(
            f"--timezone {timezone}: is neither a time zone nor an offset like +02:00; "
            f"nearest valid: {nearest_zone(timezone)}"
        )
    refusals = Refusals(database_to_read(settings))
    with sinks.opened_when_needed(settings, "import") as sink, progress.counted("rows") as count:
        report = import_file(
            file,
            name,
            sink,
            mapping=_mapping(mapping) or None,
            table=table,
            timezone=timezone,
            on_progress=count,
        )
    report = refusals.told_in(report)
    if as_json:
        texts.write_json(msgspec.to_builtins(report))
    else:
        for line in report.lines():
            texts.console().print(texts.safe(line), soft_wrap=True)
    return _verdict(report)


def write_out(settings: Settings, out: Path, range_name: str, bookmaker: str | None) -> int:
    """Export rounds. Raises `UsageError`, and what `export.export` raises."""
    with contextlib.closing(connection.open_reader(database_to_read(settings))) as conn:
        count = export.export(conn, out, range_name, bookmaker)
    texts.console().print(f"{out}: {count_text(count)} rounds", soft_wrap=True)
    return exits.FINE


def _verdict(report: ImportReport) -> int:
    if report.committed or report.duplicates:
        return exits.FINE
    exits.complain(f"{report.path}: not one of its {report.rows} rows is a round")
    return exits.FAILED


def _checked_name(name: str, known: Sequence[str]) -> str:
    try:
        bookmaker_name(name)
    except RefusedValueError as error:
        nearest = f"; nearest valid: {error.nearest}" if error.nearest else ""
        raise UsageError(f"--bookmaker: {error}{nearest}") from None
    twin = next((other for other in known if other.casefold() == name.casefold() and other != name), None)
    if twin is not None:
        raise UsageError(f"--bookmaker {name}: differs only in case from {twin}, which is configured")
    return name


def _mapping(words: Sequence[str]) -> dict[str, str]:
    """Return what `--mapping crash_point=bust,round_id=id` says."""
    found = {}
    for pair in (pair for word in words for pair in word.split(",") if pair):
        field, equals, column = pair.partition("=")
        if not equals or not field.strip() or not column.strip():
            raise UsageError(f"--mapping {pair}: is no FIELD=COLUMN, such as crash_point=multiplier")
        found[field.strip()] = column.strip()
    return found
