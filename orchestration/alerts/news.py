"""What the alerts read of the database, about once a second: new rounds, gaps, failed rounds and streaks.

A read-only connection of its own. Nothing is read while nobody has written, and a look reads what is new
since the last one, however long the history is.
"""

import contextlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import apsw

from config.alert_specs import AlertKind, Rule
from data_layer.alerts.facts import FailedNews, GapNews, RoundNews
from data_layer.alerts.model import Alert
from data_layer.database import alert_rows, verdicts
from data_layer.database.connection import open_reader, snapshot
from data_layer.database.open_files import OpenFiles
from data_layer.errors import DatabaseUnusableError
from data_layer.messages import Origin

_MOST_ROUNDS = 20_000  # that a look goes back; a source that races is no news
_FRESH_ROUND_US = 600_000_000  # older rounds are history, not news
_FRESH_GAP_US = 3_600_000_000

_ROUNDS = (
    "SELECT bookmaker, round_id, crash_centi, coalesce(crashed_at_us, received_at_us) AS at_us"
    " FROM rounds NOT INDEXED WHERE id > ?1 AND id <= ?2 AND crash_centi >= ?3 AND at_us >= ?4"
    f" AND origin <> {Origin.IMPORT:d} ORDER BY id"
)
_GAPS = (
    "SELECT id, bookmaker, reason, started_at_us, missing FROM gaps"
    " WHERE id > ? AND coalesce(ended_at_us, started_at_us) >= ? ORDER BY id"
)
_STREAKS = "SELECT bookmaker, current FROM streaks WHERE threshold_centi = ?"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class DatabaseFacts:
    """What is new, and how the streaks stand; they are None while the database cannot be read."""

    rounds: tuple[RoundNews, ...] = ()
    gaps: tuple[GapNews, ...] = ()
    failed: tuple[FailedNews, ...] = ()
    streaks: Mapping[tuple[str, int], int] | None = None


class AlertDatabase:
    """The connection and how far it has read. For one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: apsw.Connection | None = None
        self._files: OpenFiles | None = None  # under the connection
        self._seen_version = -1
        self._asked: tuple[float, ...] = ()
        self._last_round = self._last_gap = 0
        self._failed: dict[str, int] | None = None
        self._streaks: Mapping[tuple[str, int], int] | None = None
        self.trouble = ""  # why nothing can be read; empty when it can

    def look(self, rules: Sequence[Rule], now_us: int) -> DatabaseFacts:
        """Return what has happened since the last look. The first one finds no news: they begin there."""
        try:
            if self._files is not None and not self._files.in_place:
                self.close()
            if self._connection is None:
                self._connection = open_reader(self._path)
                self._files = OpenFiles(self._path)
            return self._look(self._connection, rules, now_us)
        except (apsw.Error, DatabaseUnusableError, OSError) as error:
            self.trouble = f"the database cannot be read: {error}"
            self.close()
            return DatabaseFacts()

    def history(self, limit: int) -> tuple[list[Alert], list[Alert]] | None:
        """Return the newest alerts and those that have no end; None while the database cannot be read."""
        try:
            connection = open_reader(self._path)
        except (apsw.Error, DatabaseUnusableError):
            return None
        try:
            with snapshot(connection):
                return alert_rows.newest(connection, limit), alert_rows.open_alerts(connection)
        except apsw.Error:
            return None
        finally:
            connection.close()

    def close(self) -> None:
        """End the connection; a later look makes another."""
        connection, self._connection = self._connection, None
        self._files = None
        self._seen_version = -1
        if connection is not None:
            with contextlib.suppress(apsw.Error):
                connection.close()

    def _look(self, connection: apsw.Connection, rules: Sequence[Rule], now_us: int) -> DatabaseFacts:
        asked = tuple(rule.limit if rule.kind is AlertKind.MULTIPLIER else rule.threshold for rule in rules)
        version = int(connection.pragma("data_version"))
        if version == self._seen_version and asked == self._asked:
            return DatabaseFacts(streaks=self._streaks)
        with snapshot(connection):
            facts = DatabaseFacts(
                rounds=self._rounds(connection, rules, now_us),
                gaps=self._gaps(connection, now_us),
                failed=self._newly_failed(connection),
                streaks=_streaks(connection, rules),
            )
        self._seen_version, self._asked, self._streaks = version, asked, facts.streaks
        self.trouble = ""
        return facts

    def _rounds(
        self, connection: apsw.Connection, rules: Sequence[Rule], now_us: int
    ) -> tuple[RoundNews, ...]:
        newest = int(connection.execute("SELECT ifnull(max(id), 0) FROM rounds").get or 0)
        first_look = self._failed is None
        last = max(self._last_round, newest - _MOST_ROUNDS)
        self._last_round = newest
        limits = [rule.limit for rule in rules if rule.kind is AlertKind.MULTIPLIER]
        if first_look or not limits or newest <= last:
            return ()
        least_centi = round(min(limits) * 100)
        rows = connection.execute(_ROUNDS, (last, newest, least_centi, now_us - _FRESH_ROUND_US))
        return tuple(
            RoundNews(bookmaker=bookmaker, round_id=round_id, crash_centi=crash_centi, at_us=at_us)
            for bookmaker, round_id, crash_centi, at_us in rows
        )

    def _gaps(self, connection: apsw.Connection, now_us: int) -> tuple[GapNews, ...]:
        newest = int(connection.execute("SELECT ifnull(max(id), 0) FROM gaps").get or 0)
        last, self._last_gap = self._last_gap, newest
        if self._failed is None or newest <= last:
            return ()
        return tuple(
            GapNews(bookmaker=bookmaker, reason=reason, started_at_us=started_at_us, missing=missing)
            for _, bookmaker, reason, started_at_us, missing in connection.execute(
                _GAPS, (last, now_us - _FRESH_GAP_US)
            )
        )

    def _newly_failed(self, connection: apsw.Connection) -> tuple[FailedNews, ...]:
        counts = {name: wrong for name, (_, wrong) in verdicts.verification_counts(connection).items()}
        before, self._failed = self._failed, counts
        if before is None:
            return ()
        found = []
        for name, wrong in counts.items():
            more = wrong - before.get(name, 0)
            if more > 0:
                newest = verdicts.failed_rounds(connection, name, 1)
                found.append(FailedNews(bookmaker=name, count=more, round_id=newest[0] if newest else ""))
        return tuple(found)


def _streaks(connection: apsw.Connection, rules: Sequence[Rule]) -> dict[tuple[str, int], int]:
    thresholds = {rule.threshold_centi for rule in rules if rule.kind is AlertKind.STREAK}
    return {
        (bookmaker, threshold): current
        for threshold in thresholds
        for bookmaker, current in connection.execute(_STREAKS, (threshold,))
    }
