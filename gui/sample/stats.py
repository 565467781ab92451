"""Statistics and log lines of the sample engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from data_layer.messages import LogLine, Phase, RgbSample
from data_layer.statistics import BettingStats, RgbStats, RoundStats, ThresholdCount
from gui.sample.engine import SampleEngine, SampleWorker

_SECOND_US = 1_000_000
_STRATEGIES = (
    "flat stake=1.00 cashout=2.00x",
    "martingale stake=1.00 cashout=2.00x factor=2.00x limit=100.00",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleStats:
    """One result of the sample reader."""

    computed_at_us: int
    version: int
    range: str
    total: RoundStats | BettingStats | RgbStats | None
    rows: Sequence[RoundStats | BettingStats | RgbStats]


class SampleReader:
    """Serves statistics made up once from the bookmakers' names; `trouble` may be set."""

    def __init__(self, engine: SampleEngine) -> None:
        self._engine = engine
        self._stats: dict[str, SampleStats] = {}
        self._callbacks: list[Callable[[str], None]] = []
        self.trouble = ""

    def subscribe(self, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call `callback` at each `refresh`."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def refresh(self) -> None:
        """Compute everything anew and tell the subscribers, on the caller's thread."""
        self._stats.clear()
        for callback in list(self._callbacks):
            for collector_type in ("data_collector", "betting_agent", "rgb_collector"):
                callback(collector_type)

    def peek(self, collector_type: str) -> SampleStats | None:
        """Return statistics of one collector."""
        if collector_type not in self._stats:
            self._stats[collector_type] = self._collect(collector_type)
        return self._stats[collector_type]

    def get_round_stats(self, range_name: str) -> SampleStats:
        """Return round statistics, the same for every range but for its name."""
        return self._collect("data_collector", range_name)

    def _collect(self, collector_type: str, range_name: str = "24h") -> SampleStats:
        rows: list[RoundStats | BettingStats | RgbStats]
        total: RoundStats | BettingStats | RgbStats
        each = list(enumerate(self._engine.workers))
        if collector_type == "data_collector":
            rounds = [self._round_stats(index, worker, range_name) for index, worker in each]
            rows, total = list(rounds), self._round_total(rounds, range_name)
        elif collector_type == "betting_agent":
            range_name = "all"
            bets = [self._betting(index, worker.name) for index, worker in each]
            rows, total = list(bets), self._betting_total(bets)
        else:
            range_name = "all"
            rows = [
                self._rgb(index, worker.name, region)
                for index, worker in each
                for region in ("multiplier", "canvas")
            ]
            total = RgbStats(bookmaker="", samples=120 * len(rows))
        return SampleStats(
            computed_at_us=self._engine.now_us(), version=30_724, range=range_name, total=total, rows=rows
        )

    def _round_stats(self, index: int, worker: SampleWorker, range_name: str) -> RoundStats:
        count = 3_816 + 7 * index
        return RoundStats(
            bookmaker=worker.name,
            range=range_name,
            count=count,
            per_hour=count / 24,
            sum_centi=count * 860,
            min_centi=100,
            max_centi=98_211,
            median_centi=193 + index % 8,
            at_or_above=(
                ThresholdCount(threshold_centi=200, count=count * 48 // 100),
                ThresholdCount(threshold_centi=1000, count=count * 99 // 1000),
            ),
            current_below_2x=(3, 0, 7, 1, 2, 4, 11, 5)[index % 8],
            longest_below_2x=17 + index % 5,
            newest_at_us=worker.rounds.finished[-1].crashed_at_us,
            origins=(self._engine.origin,),
        )

    def _round_total(self, rounds: Sequence[RoundStats], range_name: str) -> RoundStats:
        count = sum(each.count for each in rounds)
        return RoundStats(
            bookmaker="",
            range=range_name,
            count=count,
            per_hour=count / 24,
            sum_centi=count * 860,
            min_centi=100,
            max_centi=98_211,
            median_centi=197,
            at_or_above=(
                ThresholdCount(threshold_centi=200, count=count * 48 // 100),
                ThresholdCount(threshold_centi=1000, count=count * 99 // 1000),
            ),
            longest_below_2x=21,
            newest_at_us=max((each.newest_at_us or 0 for each in rounds), default=None),
            origins=(self._engine.origin,),
        )

    def _betting(self, index: int, name: str) -> BettingStats:
        bets = 3_800 + index
        return BettingStats(
            bookmaker=name,
            bets=bets,
            won=bets * 48 // 100,
            staked_minor=bets * 100,
            paid_out_minor=bets * (94 + 3 * index % 8),
            bankroll_minor=100_000 + bets * (3 * index % 8 - 6),
            strategy=_STRATEGIES[index % len(_STRATEGIES)],
            per_hour_minor=bets * (3 * index % 8 - 6) / 72,
            drawdown_minor=8 * bets,
            longest_losing=9 + index % 5,
            currency="EUR",
            newest_at_us=self._engine.began_us - 9 * _SECOND_US,
        )

    @staticmethod
    def _betting_total(bets: Sequence[BettingStats]) -> BettingStats:
        return BettingStats(
            bookmaker="",
            bets=sum(each.bets for each in bets),
            won=sum(each.won for each in bets),
            staked_minor=sum(each.staked_minor for each in bets),
            paid_out_minor=sum(each.paid_out_minor for each in bets),
            bankroll_minor=sum(each.bankroll_minor or 0 for each in bets),
            currency="EUR",
        )

    def _rgb(self, index: int, name: str, region: str) -> RgbStats:
        newest = RgbSample(
            bookmaker=name,
            region=region,
            sampled_at_us=self._engine.began_us - 12 * _SECOND_US,
            phase=Phase.FLYING,
            mean_r=(37.0 * index) % 255,
            mean_g=(91.0 * index + 60) % 255,
            mean_b=(53.0 * index + 120) % 255,
            spread_r=4.2,
            spread_g=5.1,
            spread_b=3.9,
        )
        return RgbStats(bookmaker=name, samples=120, newest=newest)


class SampleLogs:
    """A log tap that says what it is told to say."""

    def __init__(self, engine: SampleEngine) -> None:
        self._engine = engine
        self._callbacks: list[Callable[[LogLine], None]] = []

    def subscribe(self, callback: Callable[[LogLine], None]) -> Callable[[], None]:
        """Call `callback` for each line of `emit`."""
        self._callbacks.append(callback)
        return lambda: self._callbacks.remove(callback)

    def emit(self, line: LogLine) -> None:
        """Hand a line to the subscribers, on the caller's thread."""
        for callback in list(self._callbacks):
            callback(line)

    def emit_samples(self) -> None:
        """Say what an hour of work leaves behind, oldest first."""
        said = (
            (48, 20, "main", "reader refreshed in 2.1 ms"),
            (40, 20, "Mozzart", "crashed at 1.08x"),
            (39, 20, "writer", "committed 3 rows in 0.5 ms"),
            (36, 30, "StarBet", "silent for 41 s"),
            (5, 20, "MaxBet", "crossed 2x"),
            (4, 20, "Meridian", "crashed at 1.69x"),
            (2, 40, "VolcanoBet", "worker exited (signal 9), restart in 4 s"),
            (1, 20, "Soccer", "betting opens"),
            (0, 20, "Admiral", "crashed at 1.42x"),
            (0, 20, "writer", "committed 4 rows in 0.6 ms"),
        )
        for ago_s, level, process, text in said:
            at_us = self._engine.began_us - ago_s * _SECOND_US
            self.emit(LogLine(at_us=at_us, level=level, logger="aviator", process=process, text=text))
