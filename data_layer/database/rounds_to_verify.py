"""Reading stored rounds to be verified, in pages, so that no reading transaction stays open meanwhile."""

import json
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import apsw

from data_layer.database.schema import MAX_TIME_US

PAGE_ROUNDS = 5_000

_TIMED = (
    "SELECT {columns}, crashed_at_us, id FROM rounds WHERE bookmaker = ?1 AND (crashed_at_us, id) > (?2, ?3)"
    " ORDER BY crashed_at_us, id LIMIT ?4"
)
_UNTIMED = (
    "SELECT {columns}, 0, id FROM rounds WHERE bookmaker = ?1 AND crashed_at_us IS NULL AND id > ?3"
    " ORDER BY id LIMIT ?4"
)
_COLUMNS = "round_id, crash_centi, hash, seed, verified"
_OF_GAMES = (
    f"SELECT {_COLUMNS} FROM json_each(?2) AS game CROSS JOIN rounds"
    " ON rounds.bookmaker = ?1 AND rounds.round_id = game.value"
)
_LONGEST_NUMBER = 15  # digits; no game is numbered beyond


class StoredRound(NamedTuple):
    """What of a round is judged."""

    round_id: str
    crash_centi: int
    hash: str | None
    seed: str | None
    verified: bool | None


def in_pages(
    connection: apsw.Connection, bookmaker: str, since_us: int | None
) -> Iterator[list[StoredRound]]:
    """Yield a bookmaker's rounds that crashed at or after `since_us`, oldest first.

    None: all of them, those without a time first.
    """
    for page in _pages(connection, _COLUMNS, bookmaker, since_us):
        yield [_stored(row) for row in page]


def numbered_games(
    connection: apsw.Connection, bookmaker: str, since_us: int | None
) -> tuple["array[int]", int]:
    """Return the game numbers among a bookmaker's round ids, rising, and how many rounds have other ids.

    Costs 8 bytes a round; 32 more while they are sorted.
    """
    games = array("q")
    others = 0
    for page in _pages(connection, "round_id", bookmaker, since_us):
        for round_id, _, _ in page:
            number = game_number(round_id)
            if number is None:
                others += 1
            else:
                games.append(number)
    return array("q", sorted(games)), others


def of_games(connection: apsw.Connection, bookmaker: str, games: Sequence[int]) -> list[StoredRound]:
    """Return the rounds whose ids are these numbers, in their order."""
    wanted = json.dumps([str(game) for game in games])
    return [_stored(row) for row in connection.execute(_OF_GAMES, (bookmaker, wanted))]


def game_number(round_id: str) -> int | None:
    """Return the number that a round id is: digits only, without a leading zero."""
    if len(round_id) > _LONGEST_NUMBER or not (round_id.isascii() and round_id.isdigit()):
        return None
    number = int(round_id)
    return number if number and round_id[0] != "0" else None


def _pages(
    connection: apsw.Connection, columns: str, bookmaker: str, since_us: int | None
) -> Iterator[list[tuple[Any, ...]]]:
    """Yield pages of rows; the last two columns say where each stands."""
    begins = [(_TIMED, -1 if since_us is None else max(0, min(since_us, MAX_TIME_US)))]
    if since_us is None:
        begins.insert(0, (_UNTIMED, -1))
    for statement, at_us in begins:
        sql, id_ = statement.format(columns=columns), -1
        while True:
            bindings = (bookmaker, at_us, id_, PAGE_ROUNDS)
            page: list[tuple[Any, ...]] = connection.execute(sql, bindings).fetchall()
            if page:
                yield page
                at_us, id_ = page[-1][-2:]
            if len(page) < PAGE_ROUNDS:
                break


def _stored(row: tuple[Any, ...]) -> StoredRound:
    round_id, crash_centi, hash_, seed, verified = row[:5]
    return StoredRound(round_id, crash_centi, hash_, seed, None if verified is None else bool(verified))
