"""Making the rollups and streaks anew from the rounds, as opening with other thresholds requires."""

import logging
from itertools import islice

import apsw
import msgspec

from data_layer.database import lifetime as lifetimes
from data_layer.database.distribution import Bins
from data_layer.database.lifetime import Lifetime
from data_layer.database.rollups import Rollups
from data_layer.database.streaks import Streaks

_CHUNK = 20_000  # rounds held in memory at once
_thresholds = msgspec.json.Decoder(list[int])
_logger = logging.getLogger(__name__)


def rebuild_if_needed(connection: apsw.Connection, bins: Bins) -> None:
    """Make all rollups anew when the database counts other thresholds than `bins`, in one transaction."""
    stored = tuple(_thresholds.decode(connection.execute("SELECT thresholds FROM state").get))
    if stored == bins.thresholds_centi:
        return
    thresholds = ", ".join(f"{centi / 100:g}x" for centi in bins.thresholds_centi)
    _logger.info("making the rollups anew for the thresholds %s", thresholds)
    connection.execute("BEGIN IMMEDIATE")
    try:
        rebuild(connection, bins)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def rebuild(connection: apsw.Connection, bins: Bins) -> None:
    """Replace every rollup and streak by what the rounds say. The caller owns the transaction.

    Takes about a second per million rounds. Counts of duplicates, quarantined inputs and
    verdicts are kept.
    """
    names = [name for (name,) in connection.execute("SELECT bookmaker FROM rollup_lifetime")]
    for table in ("rollup_day", "rollup_hour", "streaks"):
        connection.execute(f"DELETE FROM {table}")
    rollups = Rollups(connection, bins)
    streaks = Streaks(connection, bins.thresholds_centi)
    for name in names:
        kept = lifetimes.load(connection, name)
        row = Lifetime(
            name,
            origins=kept.origins,
            duplicates=kept.duplicates,
            quarantined=kept.quarantined,
            verified_yes=kept.verified_yes,
            verified_no=kept.verified_no,
        )
        cursor = connection.execute(
            "SELECT crashed_at_us, crash_centi FROM rounds WHERE bookmaker = ? ORDER BY crashed_at_us, id",
            (name,),
        )
        while chunk := list(islice(cursor, _CHUNK)):
            values = [value for _, value in chunk]
            rollups.add(row, [at_us for at_us, _ in chunk], values)
            streaks.append(name, values)
        lifetimes.save(connection, bins, row)
    connection.execute(
        "UPDATE state SET thresholds = ?, version = version + ?",
        (str(list(bins.thresholds_centi)), bool(names)),
    )
