"""One sample of the engine turned into everything that the frame of the window and its wall show."""

from collections.abc import Sequence
from dataclasses import dataclass

from data_layer.alerts.model import Alert
from data_layer.engine import BoardSnapshot, RedisStatus
from data_layer.messages import LogLine, WorkerState
from data_layer.statistics import RoundStats
from gui.dependencies import LastRounds, StatsReader
from gui.view_models.attention import Problem, problems
from gui.view_models.cards import REMEMBERED, CardMaker, CardModel
from gui.view_models.details import DetailsModel, details_model
from gui.view_models.header import HeaderModel, header_model
from gui.view_models.restarts import RestartMemory
from gui.view_models.round_news import RoundNews
from gui.view_models.status import StatusModel, status_model


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the pages. Changes slowly and is made a few times a second."""

    header: HeaderModel
    problems: tuple[Problem, ...]
    status: StatusModel


class Overview:
    """Makes the models of all cards and of the frame; keeps what need not be made again."""

    def __init__(self, reader: StatsReader, last_rounds: LastRounds) -> None:
        self._reader = reader
        self._last_rounds = last_rounds
        self._makers: dict[str, CardMaker] = {}
        self._stats: dict[str, RoundStats] = {}
        self._total: RoundStats | None = None
        self._collected: object = None
        self._stats_at_us = 0
        self._restarts = RestartMemory()
        self._news: dict[str, RoundNews] = {}
        self.cards: tuple[CardModel, ...] = ()

    @property
    def states(self) -> dict[str, WorkerState]:
        """Return the state of each worker, by bookmaker in the order of the wall."""
        return {card.head.name: card.state for card in self.cards}

    def update(self, snapshot: BoardSnapshot, now_us: int, monotonic_us: int) -> tuple[CardModel, ...]:
        """Return the cards at this moment, in the order of the configuration."""
        self._take_stats()
        self._restarts.watch(snapshot, now_us)
        makers, recent = self._makers, self._last_rounds.recent
        cards = []
        for view in snapshot.workers:
            name = view.status.bookmaker
            maker = makers.get(name)
            if maker is None:
                maker = makers[name] = CardMaker()
            cards.append(
                maker.make(
                    view,
                    recent(name, REMEMBERED),
                    self._stats.get(name),
                    self._stats_at_us,
                    now_us,
                    monotonic_us,
                )
            )
        self.cards = tuple(cards)
        return self.cards

    def frame(
        self,
        snapshot: BoardSnapshot,
        *,
        engine_trouble: str,
        redis: RedisStatus,
        alerts: Sequence[Alert] = (),
        now_us: int,
        monotonic_us: int,
    ) -> Frame:
        """Return header, attention list and status line for the cards of the last `update`."""
        return Frame(
            header=header_model(self.cards, self._total, self._stats_at_us, now_us),
            problems=problems(
                snapshot,
                self.cards,
                restarts=self._restarts.told(snapshot, now_us),
                alerts=alerts,
                engine_trouble=engine_trouble,
                reader_trouble=self._reader.trouble,
                redis=redis,
                now_us=now_us,
                monotonic_us=monotonic_us,
            ),
            status=status_model(snapshot, redis, now_us, monotonic_us),
        )

    def news(self, snapshot: BoardSnapshot, now_us: int) -> list[LogLine]:
        """Return what the log should say of the rounds that have come since the last call."""
        found = []
        for view in snapshot.workers:
            name = view.status.bookmaker
            recent = self._last_rounds.recent(name, REMEMBERED)
            line = self._news.setdefault(name, RoundNews()).line(name, recent, now_us)
            if line is not None:
                found.append(line)
        return found

    def details(self, name: str, snapshot: BoardSnapshot, now_us: int) -> DetailsModel | None:
        """Return one bookmaker closely looked at, as of the last `update`; None where it is not known."""
        for card, view in zip(self.cards, snapshot.workers, strict=False):
            if card.head.name == name:
                recent = self._last_rounds.recent(name, REMEMBERED)
                return details_model(card, view, recent, self._stats.get(name), now_us)
        return None

    def _take_stats(self) -> None:
        collected = self._reader.peek("data_collector")
        if collected is None or collected is self._collected:
            return
        self._collected = collected
        self._stats_at_us = collected.computed_at_us
        self._stats = {row.bookmaker: row for row in collected.rows if isinstance(row, RoundStats)}
        self._total = collected.total if isinstance(collected.total, RoundStats) else None
