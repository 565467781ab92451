"""Why the database refused rows of an import that were good by themselves, read from its quarantine."""

from contextlib import closing
from pathlib import Path

import msgspec

from data_layer.database.connection import open_reader
from data_layer.errors import DatabaseUnusableError
from data_layer.recordings.importer import REFUSED, ImportReport, QuarantineReason

_NEWEST = "SELECT ifnull(max(id), 0) FROM quarantine"
# Rows that the recording itself was at fault for have a line or an item as their place.
_REASONS = """
SELECT reason, count, (SELECT place FROM quarantine WHERE id = first_id) FROM
    (SELECT reason, count(*) AS count, min(id) AS first_id FROM quarantine
     WHERE bookmaker = ? AND id > ? AND place LIKE 'round %' GROUP BY reason)
ORDER BY count DESC, reason
"""


class Refusals:
    """Notes at its making how far the quarantine goes, and finds afterwards what an import added to it."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._newest: int | None = 0
        if not database.exists():
            return
        try:
            with closing(open_reader(database)) as conn:
                self._newest = int(conn.execute(_NEWEST).get)
        except DatabaseUnusableError:  # an older schema, or worse, which the import itself will tell
            self._newest = None

    def told_in(self, report: ImportReport) -> ImportReport:
        """Return `report` with the reasons for what the database refused, if they explain all of it."""
        refused = next((reason.count for reason in report.reasons if reason.reason == REFUSED), 0)
        if not refused or self._newest is None:
            return report
        with closing(open_reader(self._database)) as conn:
            found = [
                QuarantineReason(reason=reason, count=count, first_place=place)
                for reason, count, place in conn.execute(_REASONS, (report.bookmaker, self._newest))
            ]
        if sum(reason.count for reason in found) != refused:
            return report  # a running instance had something refused meanwhile
        own = [reason for reason in report.reasons if reason.reason != REFUSED]
        return msgspec.structs.replace(report, reasons=(*own, *found))
