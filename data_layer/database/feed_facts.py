"""Reads what the database knows of a bookmaker's feed beside the rounds: ids, gaps, duplicates, refusals."""

from array import array
from collections.abc import Sequence
from string import digits
from typing import Any

import apsw

from data_layer.analytics.integrity.feed_facts import FeedFacts, KnownGap, Refusals
from data_layer.database.connection import snapshot

MOST_IDS = 100_000  # the newest; three weeks with a round every 20 s
MOST_GAPS = 10_000
_MOST_DIGITS = 18  # that surely fit 64 bits

_IDS = "SELECT round_id FROM rounds WHERE bookmaker = ? {span} ORDER BY crashed_at_us DESC, id DESC LIMIT ?"
_GAPS = """
SELECT started_at_us, ended_at_us, reason, missing FROM gaps
WHERE bookmaker = :bookmaker AND started_at_us < :end AND ifnull(ended_at_us, started_at_us) >= :start
ORDER BY started_at_us DESC LIMIT :most
"""
_REFUSED = """
SELECT reason, count(*), min(received_at_us) FROM quarantine
WHERE bookmaker = :bookmaker AND received_at_us >= :start AND received_at_us < :end
GROUP BY reason ORDER BY reason
"""
_DUPLICATES = "SELECT duplicates FROM rollup_lifetime WHERE bookmaker = ?"
_END_OF_TIME_US = 2**62


def feed_facts(
    connection: apsw.Connection, bookmaker: str, start_us: int | None, end_us: int | None
) -> FeedFacts:
    """Return the facts of a bookmaker's feed from `start_us` up to, not including, `end_us`.

    With both None that is everything, rounds without a time included. Ids are those of the newest
    `MOST_IDS` rounds. Duplicates have no time: they are those of all time. A bookmaker that nothing is known
    of has none of it.
    """
    start = 0 if start_us is None else start_us
    end = _END_OF_TIME_US if end_us is None else end_us
    span = {"bookmaker": bookmaker, "start": start, "end": end}
    timed = "" if start_us is None and end_us is None else "AND crashed_at_us >= ? AND crashed_at_us < ?"
    moments = (start, end) if timed else ()
    with snapshot(connection):
        ids: list[Any] = connection.execute(
            _IDS.format(span=timed), (bookmaker, *moments, MOST_IDS)
        ).fetchall()
        gaps: list[Any] = connection.execute(_GAPS, {**span, "most": MOST_GAPS}).fetchall()
        refused: list[Any] = connection.execute(_REFUSED, span).fetchall()
        duplicates = connection.execute(_DUPLICATES, (bookmaker,)).get
    prefix, numbers = _counted_ids([row[0] for row in reversed(ids)]) or ("", None)
    return FeedFacts(
        ids=None if numbers is None else array("q", map(int, numbers)),
        id_prefix=prefix,
        id_digits=min(map(len, numbers)) if numbers else 0,
        gaps=tuple(KnownGap(*row) for row in reversed(gaps)),
        duplicates=int(duplicates or 0),
        refused={reason: Refusals(count, first_at_us) for reason, count, first_at_us in refused},
    )


def _counted_ids(ids: Sequence[str]) -> tuple[str, Sequence[str]] | None:
    """Return the text that all ids begin with and the digits behind it, None where there is more to them."""
    prefix = ids[0].rstrip(digits) if ids else ""
    numbers = [id_[len(prefix) :] for id_ in ids if id_.startswith(prefix)]
    joined = "".join(numbers)
    if len(numbers) < len(ids) or not (joined.isascii() and joined.isdecimal()):
        return None
    lengths = set(map(len, numbers))
    return (prefix, numbers) if 0 not in lengths and max(lengths) <= _MOST_DIGITS else None
