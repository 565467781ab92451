"""BatchDatabaseWriter: the only writer of `aviator.db`.

Records are collected and stored in groups, one transaction each: the rows, their rollups and streaks, how
far each stream came, and the version. Either all of it is on disk or nothing is, and only then is anything
acknowledged.
"""

import logging
import time
from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from pathlib import Path

import apsw

from config.retention import EVERYTHING, Retention
from config.specs import DEFAULT_THRESHOLDS_CENTI
from data_layer.database import alert_rows, side_records, verdicts
from data_layer.database import lifetime as lifetimes
from data_layer.database.connection import open_writer, unusable
from data_layer.database.distribution import Bins
from data_layer.database.flushing import (
    FAULTS_OF_THE_ENVIRONMENT,
    CommitFailedError,
    Flushed,
    Transaction,
)
from data_layer.database.intake import Delivery, Sifted, quarantine_row, sift
from data_layer.database.lifetime import Lifetime
from data_layer.database.open_files import OpenFiles
from data_layer.database.rebuild import rebuild_if_needed
from data_layer.database.retention import Pruning, kept_from_us
from data_layer.database.rollups import Rollups
from data_layer.database.round_rows import (
    CRASH,
    CRASHED_AT,
    DURATION,
    ORIGIN,
    ROUND_ID,
    VERIFIED,
    RoundRows,
    Row,
)
from data_layer.database.round_store import Stored, store_crossings, store_rounds
from data_layer.database.streaks import Streaks
from data_layer.database.validation import NOBODY, name_fault, owner_fault, readable
from data_layer.errors import DatabaseBlockedError, DatabaseUnusableError
from data_layer.messages import Committed, CommittedRounds, Record, RoundBrief, Welcome
from utils import clock

FLUSH_ROWS = 1_000  # in one commit at least, where so many come
BRIEFS_A_COMMIT = 32  # newest rounds of each bookmaker in a `Committed`

_log = logging.getLogger(__name__)


class BatchDatabaseWriter:
    """Collects records and commits them in groups. For one thread.

    Raises `DatabaseUnusableError` when the database cannot be opened. When other thresholds are given than
    the database counts, all its rollups are made anew first, which takes about a second per million rounds.
    """

    def __init__(
        self,
        path: Path,
        *,
        thresholds_centi: Sequence[int] = DEFAULT_THRESHOLDS_CENTI,
        retention: Retention = EVERYTHING,
        now: Callable[[], int] = clock.now_us,
    ) -> None:
        self._now = now
        self._path = path
        self._bins = Bins(thresholds_centi)
        self._retention = retention
        self._pending: list[Delivery] = []
        self._pending_records = 0
        self._closed = False
        self._use(open_writer(path))

    def _use(self, connection: apsw.Connection) -> None:
        """Work with `connection`, just opened, from now on; it is closed when it cannot be worked with."""
        try:
            files = OpenFiles(self._path)
            rebuild_if_needed(connection, self._bins)
            version = int(connection.execute("SELECT version FROM state").get)
        except (apsw.Error, OSError) as error:
            connection.close()
            if isinstance(error, OSError):
                raise DatabaseBlockedError(f"{self._path}: {error}") from error
            raise unusable(self._path, error) from error
        self._connection, self._files, self._version = connection, files, version
        self._rollups = Rollups(connection, self._bins)
        self._streaks = Streaks(connection, self._bins.thresholds_centi)
        self._pruning = Pruning(connection, self._retention, self._now)

    @property
    def pending(self) -> int:
        """Records added but not committed."""
        return self._pending_records

    @property
    def in_place(self) -> bool:
        """Whether the files are in their places; else the next commit copies the whole database."""
        try:
            return self._files.in_place
        except OSError:
            return False

    @property
    def version(self) -> int:
        """The version of the newest commit that changed a statistic."""
        return self._version

    def add(self, key: Hashable, bookmaker: str, stream: str, records: Sequence[Record]) -> None:
        """Take records of one bookmaker, in the order of their stream, for the next commit.

        `key` names who brought them in `Flushed.outcomes`. Records are judged when they are stored; only a
        bookmaker or stream that no row could carry is refused at once, with `ValueError`. Of `NOBODY` only
        what is quarantined can be stored.
        """
        fault = owner_fault(bookmaker) or name_fault(stream)
        if fault:
            raise ValueError(f"the name of a bookmaker or stream {fault}")
        self._pending.append(Delivery(key, bookmaker, stream, records))
        self._pending_records += len(records)

    def flush(self) -> Flushed:
        """Commit everything that is pending, in one transaction synced to disk.

        Raises `CommitFailedError` when the disk is full, the database locked or cannot be written;
        everything is still pending then, and nothing of it is in the database.
        """
        began = time.perf_counter_ns()
        self._hold_on_to_files()
        transaction = Transaction()
        version = self._version
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._store(transaction)
            if transaction.changed:
                version += 1
                self._connection.execute("UPDATE state SET version = ?", (version,))
            self._connection.execute("COMMIT")
        except FAULTS_OF_THE_ENVIRONMENT as error:
            self._roll_back()
            raise CommitFailedError(f"{self._path}: {error}") from error
        except BaseException:
            self._roll_back()
            raise
        self._version = version
        self._pending = []
        self._pending_records = 0
        event = Committed(
            version=version,
            committed_at_us=self._now(),
            rounds=tuple(transaction.rounds),
            bets=transaction.bets,
            rgb_samples=transaction.samples,
        )
        return Flushed(transaction.outcomes, event, (time.perf_counter_ns() - began) // 1_000)

    def prune(self) -> bool:
        """Delete some of what was kept long enough, in a transaction of its own; tell whether more may go.

        Touches no round, no bet and no count. Raises `CommitFailedError`, and may be called again then.
        """
        if not self.in_place:
            return False  # the next commit sees to that
        try:
            return self._pruning.step()
        except FAULTS_OF_THE_ENVIRONMENT as error:
            self._roll_back()
            raise CommitFailedError(f"{self._path}: {error}") from error

    def welcome(self, bookmaker: str, stream: str) -> Welcome:
        """Return where a stream is to go on."""
        return Welcome(
            last_position=side_records.last_position(self._connection, bookmaker, stream),
            paper_profit_minor=side_records.paper_profit(self._connection, bookmaker),
        )

    def close(self) -> None:
        """Close the database; what is pending is dropped, so flush before. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        try:
            self._hold_on_to_files()
        except CommitFailedError as error:
            _log.error("the files of the database are not in their places any more: %s", error)
        self._connection.close()

    def _hold_on_to_files(self) -> None:
        """Have the files of the database in their places, or raise `CommitFailedError`."""
        try:
            if self._files.in_place:
                return
            self._files.rescue(self._connection, self._now())
            before = self._connection
            self._use(open_writer(self._path))
            before.close()  # SQLite leaves the log there by itself: it sees that its database is not
        except (apsw.Error, OSError, DatabaseUnusableError) as error:
            raise CommitFailedError(str(error)) from error

    def _roll_back(self) -> None:
        # SQLite ends the transaction itself when the disk is full.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _store(self, transaction: Transaction) -> None:
        by_bookmaker: dict[str, list[Delivery]] = {}
        for delivery in self._pending:
            by_bookmaker.setdefault(delivery.bookmaker, []).append(delivery)
        for bookmaker, deliveries in by_bookmaker.items():
            self._store_bookmaker(transaction, bookmaker, deliveries)

    def _store_bookmaker(self, transaction: Transaction, bookmaker: str, deliveries: list[Delivery]) -> None:
        connection = self._connection
        now_us = self._now()
        positions: dict[str, int] = {}
        sifted: list[Sifted] = []
        for delivery in deliveries:
            stream = delivery.stream
            if stream not in positions:
                positions[stream] = side_records.last_position(connection, bookmaker, stream)
            part = sift(delivery, positions[stream], now_us)
            if part.last_position > positions[stream]:
                positions[stream] = part.last_position
                side_records.store_position(connection, bookmaker, stream, part.last_position)
            sifted.append(part)
        lifetime = lifetimes.load(connection, bookmaker)
        counted = self._store_rounds(transaction, lifetime, deliveries, sifted)
        for delivery, part in zip(deliveries, sifted, strict=True):
            counted |= self._store_others(transaction, lifetime, delivery, part)
        if counted and bookmaker != NOBODY:
            lifetimes.save(connection, self._bins, lifetime)
            transaction.changed = True
        for delivery in deliveries:
            transaction.outcome(delivery.key)  # also of one that brought nothing new: it waits for an answer

    def _store_rounds(
        self,
        transaction: Transaction,
        lifetime: Lifetime,
        deliveries: list[Delivery],
        sifted: list[Sifted],
    ) -> bool:
        """Store the rounds of one bookmaker with all that follows; return whether there were any."""
        rounds = sifted[0].rounds
        if len(sifted) > 1:
            rounds = RoundRows.of([row for part in sifted for row in part.rounds.rows])
        if not len(rounds):
            return False
        newest_before_us = lifetime.newest_at_us
        in_order = rounds.in_order_after(newest_before_us)
        if not in_order:
            rounds = rounds.with_late_marked(newest_before_us)
        stored = store_rounds(self._connection, rounds, lifetime.bookmaker)
        self._count_outcomes(transaction, lifetime, deliveries, sifted, stored)
        verdicts.count(lifetime, stored.verdicts)
        verdicts.count(lifetime, stored.new.columns[VERIFIED] if len(stored.new) else ())
        refused_ids = {rounds.rows[index][ROUND_ID] for index, _ in stored.refused}
        for part in sifted:
            if part.crossings:
                kept = {key: crossed for key, crossed in part.crossings.items() if key not in refused_ids}
                store_crossings(self._connection, lifetime.bookmaker, kept)
        if len(stored.new):
            self._count_in(transaction, lifetime, stored, newest_before_us, in_order=in_order)
        return True

    def _count_in(
        self,
        transaction: Transaction,
        lifetime: Lifetime,
        stored: Stored,
        newest_before_us: int | None,
        *,
        in_order: bool,
    ) -> None:
        """Carry new rounds into the rollups, the streaks and the event."""
        new = stored.new
        times, values = new.times_us, new.columns[CRASH]
        for origin in set(new.columns[ORIGIN]):
            lifetime.origins |= 1 << origin
        self._rollups.add(lifetime, times, values)
        if in_order:
            self._streaks.append(lifetime.bookmaker, values)
            newest = list(zip(*(column[-BRIEFS_A_COMMIT:] for column in new.columns), strict=True))
        else:
            places = [
                (-1 if at_us is None else at_us, stored.first_id + index, value)
                for index, (at_us, value) in enumerate(zip(times, values, strict=True))
            ]
            self._streaks.add(lifetime.bookmaker, sorted(places), newest_before_us)
            by_time = sorted(new.rows, key=lambda row: -1 if row[CRASHED_AT] is None else row[CRASHED_AT])
            newest = by_time[-BRIEFS_A_COMMIT:]
        transaction.rounds.append(
            CommittedRounds(
                bookmaker=lifetime.bookmaker, count=len(new), newest=tuple(_brief(row) for row in newest)
            )
        )

    def _count_outcomes(
        self,
        transaction: Transaction,
        lifetime: Lifetime,
        deliveries: list[Delivery],
        sifted: list[Sifted],
        stored: Stored,
    ) -> None:
        """Tell each delivery what became of its rounds, and quarantine those that were refused."""
        begin = 0
        ends = [begin := begin + len(part.rounds) for part in sifted]
        if len(deliveries) == 1:
            transaction.outcome(deliveries[0].key).committed += len(stored.new)
        else:
            for index in stored.new_indexes:
                transaction.outcome(deliveries[bisect_right(ends, index)].key).committed += 1
        for index in stored.duplicates:
            transaction.outcome(deliveries[bisect_right(ends, index)].key).duplicates += 1
        lifetime.duplicates += len(stored.duplicates)
        for index, reason in stored.refused:
            owner = bisect_right(ends, index)
            part = sifted[owner]
            row = part.rounds.rows[index - ends[owner]]  # counted from the end
            place = f"round {readable(row[ROUND_ID], 100)}"
            part.quarantine.append(quarantine_row(deliveries[owner], reason, place, row, self._now()))

    def _store_others(
        self, transaction: Transaction, lifetime: Lifetime, delivery: Delivery, part: Sifted
    ) -> bool:
        """Store what is no round; return whether a number of the lifetime rollup changed."""
        connection = self._connection
        if part.quarantine:
            side_records.store_quarantine(connection, part.quarantine)
            transaction.outcome(delivery.key).quarantined += len(part.quarantine)
            lifetime.quarantined += len(part.quarantine)
        if part.gaps:
            side_records.store_gaps(connection, part.gaps)
        if part.alerts:
            alert_rows.store(connection, part.alerts)
        bets = side_records.store_bets(connection, part.bets)
        kept_us = kept_from_us(self._retention.rgb_days, self._now())
        samples = side_records.store_samples(connection, part.samples, kept_us)
        transaction.bets += bets
        transaction.samples += samples
        transaction.changed |= bool(bets or samples)
        return verdicts.store(connection, lifetime, part.verdicts) or bool(part.quarantine)


def _brief(row: Row) -> RoundBrief:
    return RoundBrief(
        round_id=row[ROUND_ID],
        crash_centi=row[CRASH],
        crashed_at_us=row[CRASHED_AT],
        duration_ms=row[DURATION],
    )
