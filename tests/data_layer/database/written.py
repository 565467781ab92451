"""A database with its one writer, for tests of what the writer makes of records."""

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from config.retention import EVERYTHING, Retention
from data_layer.database.connection import open_reader
from data_layer.database.distribution import Bins
from data_layer.database.flushing import Flushed
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Bet, Origin, Phase, RgbSample, Round
from tests.data_layer.database.brute_force import assert_rollups_are_right

THRESHOLDS = (150, 200, 1000)
T0 = 1_750_000_000_000_000
STEP_US = 20_000_000


def a_round(number: int, **changes: Any) -> Round:
    at_us = T0 + number * STEP_US
    plain = Round(
        bookmaker="Admiral",
        round_id=str(number),
        crash_centi=100 + (number * 37) % 400,
        started_at_us=at_us - 8_000_000,
        crashed_at_us=at_us,
        received_at_us=at_us + 1_000,
        origin=Origin.LIVE,
        position=number,
    )
    return replace(plain, **changes)


def rounds(first: int, last: int) -> list[Round]:
    return [a_round(number) for number in range(first, last + 1)]


class Database:
    """A writer on a file, and what the file holds."""

    def __init__(self, path: Path, retention: Retention = EVERYTHING) -> None:
        self.path = path
        self.now_us = T0 + 10**12
        self.writer = BatchDatabaseWriter(
            path, thresholds_centi=THRESHOLDS, retention=retention, now=lambda: self.now_us
        )

    def store(
        self, *records: Any, key: str = "key", bookmaker: str = "Admiral", stream: str = "s"
    ) -> Flushed:
        self.writer.add(key, bookmaker, stream, list(records))
        return self.writer.flush()

    def read(self, sql: str, *bindings: Any) -> list[tuple[Any, ...]]:
        reader = open_reader(self.path)
        try:
            return reader.execute(sql, bindings).fetchall()
        finally:
            reader.close()

    def value(self, sql: str, *bindings: Any) -> Any:
        return self.read(sql, *bindings)[0][0]

    def outcome(self, flushed: Flushed, key: str = "key") -> tuple[int, int, int]:
        found = flushed.outcomes[key]
        return found.committed, found.duplicates, found.quarantined

    def check(self) -> None:
        reader = open_reader(self.path)
        assert_rollups_are_right(reader, Bins(THRESHOLDS))
        reader.close()


def a_bet(number: int, **changes: Any) -> Bet:
    plain = Bet(
        bookmaker="Admiral",
        round_id=str(number),
        strategy="flat",
        placed_at_us=T0 + number,
        stake_minor=100,
        cashout_centi=200,
        payout_minor=200 if number % 2 else 0,
        bankroll_minor=1_000 * number,
        currency="EUR",
    )
    return replace(plain, **changes)


def a_sample(number: int, **changes: Any) -> RgbSample:
    plain = RgbSample(
        bookmaker="Admiral",
        region="canvas",
        sampled_at_us=T0 + number,
        phase=Phase.FLYING,
        mean_r=float(number),
        mean_g=2.5,
        mean_b=3.5,
        spread_r=0.0,
        spread_g=0.5,
        spread_b=255.0,
    )
    return replace(plain, **changes)
