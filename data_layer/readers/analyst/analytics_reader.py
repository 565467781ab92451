"""The one place that answers what may be asked of the recorded rounds, for every view."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path

import msgspec

from data_layer.analytics.checks import check
from data_layer.analytics.claims import Claims
from data_layer.analytics.questions import (
    Answer,
    BacktestQuestion,
    DriftQuestion,
    IntegrityQuestion,
    Question,
)
from data_layer.cache.cache_manager import CacheManager
from data_layer.errors import AviatorError
from data_layer.readers.analyst.answers import ANSWERS, Answering
from data_layer.readers.analyst.question_lane import QuestionLane
from data_layer.readers.analyst.round_history import RoundHistory, Snapshot
from data_layer.readers.analyst.selection import Feeds
from data_layer.readers.stats_database import StatsDatabase
from utils import clock

NAMESPACE = "analytics"

_LIFE_S = 30.0  # of an answer; a named range moves on meanwhile, and the answer says where it began
_END_WITHIN_S = 0.9
_HEAVY = (DriftQuestion, IntegrityQuestion, BacktestQuestion)
_NAMES = "SELECT bookmaker FROM rollup_lifetime ORDER BY bookmaker"


class AnalyticsReader:
    """Answers questions from the rounds in memory, which are read at the first question and kept current.

    There are two threads, so that one who waits for a distribution (some milliseconds) does not also wait
    for a backtest or an integrity check before it (seconds). They share the rounds; each has a connection.
    Answers are kept in the cache, where other processes find them too.
    """

    def __init__(
        self,
        path: Path,
        *,
        groups: Mapping[str, str],
        claims: Claims,
        cache: CacheManager,
        now: Callable[[], int] = clock.now_us,
    ) -> None:
        """`groups` gives the group of each configured bookmaker, empty where it has none, in their order."""
        self._path = path
        self._groups = dict(groups)
        self._claims = claims
        self._cache = cache
        self._now = now
        self._history = RoundHistory()
        self._refreshing = threading.Lock()
        self._feeds = Feeds()
        self._names: tuple[str, ...] = tuple(self._groups)
        self._trouble = ""
        self._stopping = False
        self._light = self._lane("analytics", begin=self._read_names)
        self._heavy = self._lane("analytics-heavy", begin=lambda _: None)

    @property
    def trouble(self) -> str:
        """What hinders reading, for the operator; empty when nothing does."""
        return self._trouble

    def start(self) -> None:
        """Begin to answer. Nothing is read yet but the names of the bookmakers. A reader starts once."""
        self._light.start()
        self._heavy.start()

    def stop(self) -> None:
        """End within a second; whoever waits for an answer is told.

        What is being computed may take longer: then it ends by itself, and nobody hears of it.
        """
        self._stopping = True
        lanes = (self._light, self._heavy)
        for lane in lanes:
            lane.stop()
        deadline = time.monotonic() + _END_WITHIN_S
        for lane in lanes:
            lane.join(max(0.0, deadline - time.monotonic()))

    def ask(self, question: Question) -> "Future[Answer]":
        """Return where the answer will be; never waits.

        Its error is an `AviatorError`: `BadQuestionError` when the question makes no sense,
        `DatabaseUnreadableError` when the rounds cannot be read, `UnansweredError` when it was not tried. A
        future that has not begun may be cancelled. Callbacks of it run on the reader's thread.
        """
        future: Future[Answer] = Future()
        (self._heavy if isinstance(question, _HEAVY) else self._light).put(question, future)
        return future

    def bookmakers(self) -> tuple[str, ...]:
        """Return whose rounds may be asked about: those of the configuration, then all others with rounds."""
        return self._names

    def _lane(self, name: str, begin: Callable[[StatsDatabase], None]) -> QuestionLane:
        database = StatsDatabase(self._path, lambda: self._stopping)
        return QuestionLane(
            name,
            lambda question: self._answer(question, database),
            begin=lambda: begin(database),
            end=database.close,
        )

    # On the reader's threads.

    def _answer(self, question: Question, database: StatsDatabase) -> Answer:
        snapshot = self._refresh(database)
        check(question, snapshot.books.keys(), self._groups)
        answering = Answering(snapshot, self._groups, self._claims, self._feeds, self._now())
        self._cache.note_version(snapshot.version)
        found: Answer = self._cache.compute(
            NAMESPACE,
            self._key(question, snapshot),
            lambda: answering.answer(question, database),
            _LIFE_S,
            type=ANSWERS[type(question)],
            versioned=True,
        )
        return found

    def _refresh(self, database: StatsDatabase) -> Snapshot:
        """Return the rounds as they are now. Raises `AviatorError` when they cannot be read."""
        try:
            with self._refreshing:
                database.ensure_open()
                snapshot = database.read(lambda conn: self._history.refresh(conn, database.file))
        except AviatorError as error:
            self._trouble = str(error)
            raise
        self._trouble = ""
        self._note_names(snapshot.books)
        return snapshot

    def _read_names(self, database: StatsDatabase) -> None:
        try:
            database.ensure_open()
            self._note_names(database.read(lambda conn: [name for (name,) in conn.execute(_NAMES)]))
        except AviatorError as error:
            self._trouble = str(error)

    def _note_names(self, with_rounds: Iterable[str]) -> None:
        self._names = tuple(dict.fromkeys([*self._groups, *with_rounds]))

    def _key(self, question: Question, snapshot: Snapshot) -> str:
        """Return what an answer is kept under: the question and all that it depends on but the time.

        Versions alone would not do: a restored database counts them again, with other rounds.
        """
        claims = [(name, self._claims.of(name)) for name in snapshot.books]
        context = repr((snapshot.fingerprint, self._groups, claims)).encode()
        digest = hashlib.sha256(context + msgspec.json.encode(question)).hexdigest()
        return f"{type(question).__name__} {digest[:32]}"
