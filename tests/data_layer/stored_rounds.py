"""A real database with rounds in it, for tests of what reads one."""

from collections.abc import Sequence
from pathlib import Path

from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Bet, Committed, Origin, Phase, Record, RgbSample, Round

START_US = 1_750_000_000_000_000


def a_round(
    number: int, bookmaker: str = "Admiral", *, crash_centi: int = 200, origin: Origin = Origin.SIMULATOR
) -> Round:
    """Round `number` of a bookmaker with one every 20 s from `START_US` on."""
    crashed_at_us = START_US + number * 20_000_000
    return Round(
        bookmaker=bookmaker,
        round_id=str(number),
        crash_centi=crash_centi,
        started_at_us=crashed_at_us - 11_000_000,
        crashed_at_us=crashed_at_us,
        duration_ms=11_000,
        received_at_us=crashed_at_us + 1_000,
        origin=origin,
    )


def a_bet(number: int, bookmaker: str = "Admiral", *, payout_minor: int = 200, currency: str = "EUR") -> Bet:
    return Bet(
        bookmaker=bookmaker,
        round_id=str(number),
        strategy="flat",
        placed_at_us=START_US + number * 20_000_000,
        stake_minor=100,
        cashout_centi=200,
        payout_minor=payout_minor,
        bankroll_minor=100_000,
        currency=currency,
    )


def a_sample(number: int, bookmaker: str = "Admiral", region: str = "canvas") -> RgbSample:
    return RgbSample(
        bookmaker=bookmaker,
        region=region,
        sampled_at_us=START_US + number * 1_000_000,
        phase=Phase.FLYING,
        mean_r=float(number),
        mean_g=2.0,
        mean_b=3.0,
        spread_r=1.0,
        spread_g=1.0,
        spread_b=1.0,
    )


class StoredRounds:
    """The one writer of a database, as the writer process would use it."""

    def __init__(self, path: Path, now_us: int = START_US + 86_400_000_000) -> None:
        self.path = path
        self._writer = BatchDatabaseWriter(path, thresholds_centi=(150, 200, 1000), now=lambda: now_us)
        self._keys = 0

    def commit(self, records: Sequence[Record]) -> Committed:
        """Commit `records` in one transaction and return what viewers would be told."""
        for bookmaker in dict.fromkeys(record.bookmaker for record in records):
            self._keys += 1
            own = [record for record in records if record.bookmaker == bookmaker]
            self._writer.add(self._keys, bookmaker, "test", own)
        return self._writer.flush().event

    def close(self) -> None:
        self._writer.close()
