"""The way of a command's records into the database: through the running instance, or as its only writer."""

import contextlib
from collections.abc import Callable, Iterator, Sequence

from config.settings import Settings
from data_layer import writer_endpoint
from data_layer.database import connection
from data_layer.database.connection import check_usable
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.instance import InstanceLock, running_instance, sole_writer
from data_layer.messages import Record
from data_layer.recordings.importer import DirectSink, RecordSink, SinkTotals
from data_layer.recordings.socket_sink import SocketSink


@contextlib.contextmanager
def opened(settings: Settings, command: str) -> Iterator[RecordSink]:
    """Offer the way into the database.

    Raises `InstanceRunningError` while another command owns the data directory, `DeliveryFailedError` when
    the running instance does not answer, and what opening the database raises.
    """
    with contextlib.ExitStack() as stack:
        yield _open(settings, command, stack)


@contextlib.contextmanager
def opened_when_needed(settings: Settings, command: str) -> Iterator[RecordSink]:
    """The same, opened with the first records: where there are none, no trace is left."""
    with contextlib.ExitStack() as stack:
        yield _LateSink(lambda: _open(settings, command, stack))


def _open(settings: Settings, command: str, stack: contextlib.ExitStack) -> RecordSink:
    data_dir = settings.data_dir
    record = running_instance(data_dir)
    endpoint = writer_endpoint.read(data_dir) if record is not None else None
    if endpoint is not None:
        through = SocketSink(endpoint.address, endpoint.secret)
        stack.callback(through.close)
        return through
    stack.enter_context(InstanceLock(data_dir, command))
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
