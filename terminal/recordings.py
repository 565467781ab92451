"""`import` and `export`: recorded rounds into the database, and rounds of the database into a file."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from config.layers import neighbour
from config.model import bookmaker_name
from config.problems import RefusedValueError
from config.settings import Settings
from data_layer import writer_endpoint
from data_layer.database import connection, export
from data_layer.database.connection import check_usable
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.errors import UsageError
from data_layer.instance import InstanceLock, running_instance, sole_writer
from data_layer.messages import Record
from data_layer.recordings.importer import DirectSink, ImportReport, RecordSink, SinkTotals, import_file
from data_layer.recordings.socket_sink import SocketSink
from gui.view_models.words import count_text
from terminal import exits, texts


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
    if not file.is_file():
        nearest = neighbour(file)
        raise UsageError(f"no such file: {file}" + (f"; nearest: {nearest}" if nearest else ""))
    with _sink(settings) as sink, _progress() as progress:
        report = import_file(
            file,
            name,
            sink,
            mapping=_mapping(mapping) or None,
            table=table,
            timezone=timezone,
            on_progress=progress,
        )
    if as_json:
        texts.write_json(msgspec.to_builtins(report))
    else:
        for line in report.lines():
            texts.console().print(texts.safe(line), soft_wrap=True)
    return _verdict(report)


def write_out(database: Path, out: Path, range_name: str, bookmaker: str | None) -> int:
    """Export rounds. Raises `UsageError`, and what `export.export` raises."""
    with contextlib.closing(connection.open_reader(database)) as conn:
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


@contextlib.contextmanager
def _sink(settings: Settings) -> Iterator[RecordSink]:
    """Offer the way into the database. It opens with the first rows: a file that has none leaves no trace."""
    with contextlib.ExitStack() as stack:
        yield _LateSink(lambda: _open_sink(settings, stack))


def _open_sink(settings: Settings, stack: contextlib.ExitStack) -> RecordSink:
    data_dir = settings.data_dir
    record = running_instance(data_dir)
    endpoint = writer_endpoint.read(data_dir) if record is not None else None
    if endpoint is not None:
        through = SocketSink(endpoint.address, endpoint.secret)
        stack.callback(through.close)
        return through
    stack.enter_context(InstanceLock(data_dir, "import"))
    stack.enter_context(sole_writer(data_dir))
    check_usable(data_dir)
    writer = BatchDatabaseWriter(
        data_dir / connection.DATABASE_NAME, thresholds_centi=settings.thresholds_centi
    )
    stack.callback(writer.close)
    return DirectSink(writer)


class _LateSink:
    """A sink that is opened when there is something to write."""

    def __init__(self, open_sink: Callable[[], RecordSink]) -> None:
        self._open = open_sink
        self._sink: RecordSink | None = None

    def write(self, bookmaker: str, stream: str, records: Sequence[Record]) -> None:
        """See `RecordSink`."""
        if self._sink is None:
            self._sink = self._open()
        self._sink.write(bookmaker, stream, records)

    def finish(self) -> SinkTotals:
        """See `RecordSink`."""
        if self._sink is None:
            return SinkTotals(committed=0, duplicates=0, quarantined=0)
        return self._sink.finish()


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Count rows on the terminal's last line while somebody watches."""
    if not sys.stderr.isatty():
        yield lambda rows: None
        return
    try:
        yield lambda rows: _write_now(f"\r{rows:,} rows")
    finally:
        _write_now("\r\x1b[K")


def _write_now(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
