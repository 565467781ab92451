"""Which rounds are proven fair: verdicts on stored rounds, how many there are, and the wrong rounds."""

from collections.abc import Iterable, Sequence

import apsw

from data_layer.database.lifetime import Lifetime
from data_layer.messages import Verified

_STORED = "SELECT id, verified, hash IS NULL FROM rounds WHERE bookmaker = ? AND round_id = ?"
_MARK = "UPDATE rounds SET verified = ?, hash = ifnull(hash, ?) WHERE id = ?"
_COUNTS = "SELECT bookmaker, verified_yes, verified_no FROM rollup_lifetime"
_FAILED = "SELECT round_id FROM rounds WHERE bookmaker = ? AND verified = 0 ORDER BY id DESC LIMIT ?"


def store(connection: apsw.Connection, lifetime: Lifetime, verdicts: Sequence[Verified]) -> bool:
    """Mark stored rounds of one bookmaker and count them; return whether anything changed.

    A verdict that is stored already changes nothing, nor does one on a round that is not stored.
    """
    changed = False
    for verdict in verdicts:
        found = connection.execute(_STORED, (verdict.bookmaker, verdict.round_id)).fetchone()
        if found is None:
            continue
        key, before, hash_missing = found
        if before == verdict.verified and not (hash_missing and verdict.hash is not None):
            continue
        connection.execute(_MARK, (verdict.verified, verdict.hash, key))
        if before != verdict.verified:
            count(lifetime, (verdict.verified,))
            if before is not None:
                count(lifetime, (bool(before),), -1)
        changed = True
    return changed


def count(lifetime: Lifetime, verdicts: Iterable[bool | None], by: int = 1) -> None:
    """Count verdicts (None: not tried) into the lifetime rollup, or with `by` = -1 out of it."""
    found = tuple(verdicts)
    if found.count(None) == len(found):  # nearly always: a glance at them is all it may cost
        return
    lifetime.verified_yes += by * found.count(True)
    lifetime.verified_no += by * found.count(False)


def verification_counts(connection: apsw.Connection) -> dict[str, tuple[int, int]]:
    """Return for every bookmaker how many of its rounds were verified: right, and wrong. Reads no round."""
    return {name: (int(yes), int(no)) for name, yes, no in connection.execute(_COUNTS)}


def failed_rounds(connection: apsw.Connection, bookmaker: str, limit: int = 10) -> tuple[str, ...]:
    """Return the ids of the newest rounds whose hash gives another crash point, the newest first."""
    return tuple(round_id for (round_id,) in connection.execute(_FAILED, (bookmaker, limit)))
