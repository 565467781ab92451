"""Recorded rounds that no worker of this run would deliver.

Their bookmaker was taken out of the configuration, or switched off, before its outbox was empty.
"""

import logging
from collections.abc import Callable, Collection
from contextlib import ExitStack, closing
from pathlib import Path

import msgspec

from data_layer.database.writer import FLUSH_ROWS, BatchDatabaseWriter
from data_layer.errors import AviatorError
from data_layer.messages import Record
from orchestration.outbox import FileOutbox

_log = logging.getLogger(__name__)
_decoder = msgspec.msgpack.Decoder(Record)


def deliver(
    directory: Path, attended: Collection[Path], open_writer: Callable[[], BatchDatabaseWriter]
) -> None:
    """Commit what the outboxes in `directory` hold, except for the `attended` ones, which have a worker.

    `open_writer` is called only when there is something; the caller holds the writer lock. What cannot be
    delivered stays where it is, for the next start, and the log says why.
    """
    with ExitStack() as stack:
        writer: BatchDatabaseWriter | None = None
        for path in sorted(set(directory.glob("*.log")).difference(attended)):
            try:
                with closing(FileOutbox(path)) as outbox:
                    if not outbox.entries:
                        continue
                    if writer is None:
                        writer = open_writer()
                        stack.callback(writer.close)
                    _log.info("%s: delivering %d rounds that were left in it", path, outbox.pending)
                    _empty(outbox, writer)
            except (AviatorError, OSError) as error:
                _log.warning("%s: rounds stay in it until the next start: %s", path, error)


def _empty(outbox: FileOutbox, writer: BatchDatabaseWriter) -> None:
    """Raises `CommitFailedError`; what was committed before is forgotten by then."""
    while outbox.peek() is not None:
        entry = outbox.take()
        records = [_decoder.decode(record) for record in entry.records]
        writer.add(outbox.id, records[0].bookmaker, entry.stream, records)
        if writer.pending >= FLUSH_ROWS or outbox.peek() is None:
            writer.flush()
            outbox.forget(entry.sequence)
