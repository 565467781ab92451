"""An analyst over sample rounds: the real analytics over a made-up history, on a thread of its own.

Everything follows from the names and the moment it began, so that the same moment gives the same answers.
StarBet shows Admiral's rounds a little later, Meridian pays back less than it claims, MaxBet never shows more
than 500x, and Soccer lost some rounds: there is something to find.
"""

import logging
import threading
import zlib
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gui.sample.engine import SampleEngine

if TYPE_CHECKING:
    from data_layer.analytics.claims import Claims
    from data_layer.analytics.integrity.feed_facts import FeedFacts
    from data_layer.analytics.questions import Answer, Integrity, IntegrityQuestion, Question
    from data_layer.analytics.rounds import Rounds
    from data_layer.readers.analyst.round_history import Snapshot
    from data_layer.readers.analyst.selection import Feeds

log = logging.getLogger(__name__)

_SECOND_US = 1_000_000
_NOWHERE = Path("no database")
_DAYS, _DAYS_OF_MANY, _MANY = 14, 4, 12
_ROUNDS_A_DAY = 3_850
SAMPLE_RTP, _RTP_OF_MERIDIAN, _CAP_OF_MAXBET = 0.97, 0.94, 50_000
_LAG_US = 1_400_000
_MISSING = 14  # rounds of Soccer
_BETWEEN_US = 8_000_000  # betting window and pause
_GROWTH_A_US = 0.00006 / 1_000


class SampleAnalyst:
    """Answers from rounds in memory; `trouble` may be set, and `failure` is what every question gets."""

    def __init__(self, engine: SampleEngine) -> None:
        self._names = tuple(worker.name for worker in engine.workers)
        self._groups = {worker.name: worker.group for worker in engine.workers}
        self._origin = engine.origin
        self._began_us = engine.began_us
        self._now_us = engine.now_us
        self._snapshot: Snapshot | None = None
        self._feeds: Feeds | None = None
        self._lock = threading.Lock()
        self._questions: deque[tuple[Question, Future[Answer]]] = deque()
        self._works = False
        self.trouble = ""
        self.failure: Exception | None = None

    def bookmakers(self) -> Sequence[str]:
        """Return everybody."""
        return self._names

    def ask(self, question: "Question") -> "Future[Answer]":
        """Have the question answered on the thread."""
        future: Future[Answer] = Future()
        with self._lock:
            self._questions.append((question, future))
            if not self._works:
                self._works = True
                threading.Thread(target=self._work, name="sample analyst", daemon=True).start()
        return future

    def stop(self) -> None:
        """Answer nothing more than what is being answered."""
        with self._lock:
            self._questions.clear()

    def _work(self) -> None:
        """Answer until nothing is asked, then end: nobody has to stop the thread of a sample."""
        while True:
            with self._lock:
                if not self._questions:
                    self._works = False
                    return
                question, future = self._questions.popleft()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._answer(question))
            except Exception as error:
                log.debug("the sample could not be asked that", exc_info=True)
                future.set_exception(error)

    def _answer(self, question: "Question") -> "Answer":
        from data_layer.analytics.checks import check
        from data_layer.analytics.questions import IntegrityQuestion
        from data_layer.readers.analyst.answers import Answering
        from data_layer.readers.stats_database import StatsDatabase

        if self.failure is not None:
            raise self.failure
        check(question, self._names, self._groups)
        if isinstance(question, IntegrityQuestion):
            return self._integrity(question)
        answering = Answering(
            snapshot=self.snapshot,
            groups=self._groups,
            claims=_claims(self._names),
            feeds=self._known_feeds(),
            now_us=self._now_us(),
        )
        return answering.answer(question, StatsDatabase(_NOWHERE, lambda: False))

    def _integrity(self, question: "IntegrityQuestion") -> "Integrity":
        from data_layer.analytics.integrity.answer import integrity
        from data_layer.readers.analyst.selection import names_of, resolved, sample_of

        names = names_of(question.scope, self.snapshot, self._groups)
        moments = resolved(question.span, self._now_us())
        parts = tuple(self.snapshot.part(name, moments.start_us, moments.end_us) for name in names)
        claims = _claims(self._names)
        sample = sample_of(parts, question.scope, question.span, moments, (), self.snapshot, claims)
        return integrity(parts, {part.bookmaker: _facts(part) for part in parts}, sample, claims)

    def _known_feeds(self) -> "Feeds":
        from data_layer.readers.analyst.selection import Feeds

        if self._feeds is None:
            self._feeds = Feeds()
        return self._feeds

    @property
    def snapshot(self) -> "Snapshot":
        """The rounds, made when they are first asked for."""
        if self._snapshot is None:
            self._snapshot = self._make()
        return self._snapshot

    def _make(self) -> "Snapshot":
        from data_layer.readers.analyst.round_history import Snapshot

        days = _DAYS if len(self._names) <= _MANY else _DAYS_OF_MANY
        books = {name: _rounds(name, self._began_us, days * _ROUNDS_A_DAY) for name in self._names}
        if {"Admiral", "StarBet"} <= books.keys():
            first = books["Admiral"]
            books["StarBet"] = replace(first, bookmaker="StarBet", times_us=first.times_us + _LAG_US)
        origins = dict.fromkeys(self._names, (self._origin,))
        return Snapshot(version=1, fingerprint="sample", books=books, origins=origins)


def _rounds(name: str, until_us: int, count: int) -> "Rounds":
    import numpy as np

    from data_layer.analytics.rounds import Rounds

    random = np.random.default_rng(zlib.crc32(name.encode()))
    rtp = _RTP_OF_MERIDIAN if name == "Meridian" else SAMPLE_RTP
    # rtp / U, cut to hundredths and at least 1.00, as Claim has it.
    crashes = np.maximum(np.floor(100 * rtp / (1 - random.random(count))), 100).astype(np.int64)
    if name == "MaxBet":
        crashes = np.minimum(crashes, _CAP_OF_MAXBET)
    flights_us = np.log(crashes / 100) / _GROWTH_A_US
    ends_us = np.cumsum(flights_us + _BETWEEN_US).astype(np.int64)
    times_us = until_us - random.integers(_SECOND_US, 20 * _SECOND_US) - (ends_us[-1] - ends_us)
    return Rounds(name, times_us, crashes, 0, count)


def _facts(part: "Rounds") -> "FeedFacts":
    """Return what a database would know: rounds numbered from 1; of Soccer some in the middle are missing."""
    from array import array

    from data_layer.analytics.integrity.feed_facts import FeedFacts, Refusals

    numbers = array("q", range(part.start + 1, part.stop + 1))
    if part.bookmaker != "Soccer":
        return FeedFacts(ids=numbers)
    middle = len(numbers) // 2
    numbers = numbers[:middle] + array("q", (number + _MISSING for number in numbers[middle:]))
    first_at_us = int(part.times_us[part.start]) if part.count else 0
    refused = {"crash_centi is below 100": Refusals(2, first_at_us)}
    return FeedFacts(ids=numbers, duplicates=3, refused=refused)


def _claims(names: Sequence[str]) -> "Claims":
    from data_layer.analytics.claims import Claim, Claims

    return Claims({name: Claim(SAMPLE_RTP) for name in names})
