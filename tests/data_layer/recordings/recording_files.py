"""Recordings written for a test, and what they tell."""

from collections.abc import Callable, Iterable
from pathlib import Path

import apsw

from data_layer.recordings.columns import BadRow
from data_layer.recordings.recording import Recording

Opener = Callable[..., Recording]

ROUNDS = [("101", 150), ("102", 2000), ("103", 101), ("104", 333), ("105", 100)]


def told(recording: Recording, after: int = 0) -> tuple[list[tuple[str, int]], list[BadRow]]:
    """Return all (round id, crash point) oldest first, and the bad rows; positions are checked on the way."""
    rounds: list[tuple[str, int]] = []
    bad: list[BadRow] = []
    positions: list[int] = []
    for columns, bad_rows in recording.batches(after):
        rounds += zip(columns.round_id, columns.crash_centi, strict=True)
        bad += bad_rows
        positions += [*columns.positions, *(row.position for row in bad_rows)]
    assert sorted(positions) == list(range(after + 1, after + 1 + len(positions)))
    return rounds, bad


def write(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="")
    return path


def csv_lines(header: str | None = "round_id,crash_point") -> list[str]:
    rows = [f"{round_id},{centi / 100}" for round_id, centi in ROUNDS]
    return [header, *rows] if header else rows


def database(path: Path, *statements: str) -> Path:
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement)
    connection.close()
    return path


def as_objects() -> list[dict[str, object]]:
    return [{"id": int(round_id), "multiplier": centi / 100} for round_id, centi in ROUNDS]
