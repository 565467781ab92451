"""From a question to its answer: the rounds are chosen, and the mathematics of its kind is asked."""

from collections.abc import Mapping
from dataclasses import dataclass

import apsw
import msgspec

from data_layer.analytics.claims import Claims
from data_layer.analytics.questions import (
    Answer,
    Backtest,
    BacktestQuestion,
    Distribution,
    DistributionQuestion,
    Drift,
    DriftQuestion,
    Integrity,
    IntegrityQuestion,
    Intervals,
    IntervalsQuestion,
    Question,
    Sample,
    Scope,
    Span,
    Streaks,
    StreaksQuestion,
    VerifiedRounds,
)
from data_layer.analytics.rounds import Rounds
from data_layer.readers.analyst.round_history import Snapshot
from data_layer.readers.analyst.selection import Feeds, Moments, names_of, reduced, resolved, sample_of
from data_layer.readers.stats_database import StatsDatabase

ANSWERS: Mapping[type[Question], type[Answer]] = {
    DistributionQuestion: Distribution,
    StreaksQuestion: Streaks,
    IntervalsQuestion: Intervals,
    DriftQuestion: Drift,
    IntegrityQuestion: Integrity,
    BacktestQuestion: Backtest,
}


@dataclass(frozen=True, slots=True)
class _Selected:
    """The rounds of a question."""

    parts: tuple[Rounds, ...]
    sample: Sample
    moments: Moments


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers questions from one state of the rounds."""

    snapshot: Snapshot
    groups: Mapping[str, str]  # bookmaker -> group
    claims: Claims
    feeds: Feeds
    now_us: int

    def answer(self, question: Question, database: StatsDatabase) -> Answer:
        """Return the answer to a question that was checked; `database` has what is not kept in memory."""
        if isinstance(question, DistributionQuestion):
            return self._distribution(question)
        if isinstance(question, StreaksQuestion):
            from data_layer.analytics.streaks.answer import streaks

            chosen = self._select(question.scope, question.span)
            return streaks(chosen.parts, chosen.sample, question)
        if isinstance(question, IntervalsQuestion):
            from data_layer.analytics.intervals.answer import intervals

            chosen = self._select(question.scope, question.span)
            return intervals(chosen.parts, chosen.sample, question, self.now_us)
        if isinstance(question, DriftQuestion):
            from data_layer.analytics.drift.answer import drift

            chosen = self._select(question.scope, question.span)
            return drift(chosen.parts, chosen.sample, question, self.claims)
        if isinstance(question, IntegrityQuestion):
            return self._integrity(question, database)
        return self._backtest(question)

    def _distribution(self, question: DistributionQuestion) -> Distribution:
        from data_layer.analytics.distribution.answer import distribution

        chosen = self._select(question.scope, question.span)
        earlier = chosen.moments.before(self.now_us)
        before = None
        if earlier is not None:
            names = [part.bookmaker for part in chosen.parts]
            before = [self.snapshot.part(name, earlier.start_us, earlier.end_us) for name in names]
        return distribution(chosen.parts, before, chosen.sample, question, self.claims)

    def _integrity(self, question: IntegrityQuestion, database: StatsDatabase) -> Integrity:
        from data_layer.analytics.integrity.answer import integrity
        from data_layer.analytics.integrity.feed_facts import FeedFacts
        from data_layer.database.feed_facts import feed_facts
        from data_layer.database.verdicts import verification_counts

        chosen = self._select(question.scope, question.span, every_feed=True)
        moments = chosen.moments

        def read(connection: apsw.Connection) -> tuple[dict[str, FeedFacts], dict[str, tuple[int, int]]]:
            facts = {
                part.bookmaker: feed_facts(connection, part.bookmaker, moments.start_us, moments.end_us)
                for part in chosen.parts
            }
            return facts, verification_counts(connection)

        facts, counts = database.read(read)
        found = integrity(chosen.parts, facts, chosen.sample, self.claims)
        names = [part.bookmaker for part in chosen.parts]
        return msgspec.structs.replace(
            found, verified=tuple(self._verified(name, *counts.get(name, (0, 0))) for name in names)
        )

    def _verified(self, bookmaker: str, yes: int, no: int) -> VerifiedRounds:
        unknown = self.snapshot.part(bookmaker, None, None).count - yes - no
        return VerifiedRounds(bookmaker=bookmaker, yes=yes, no=no, unknown=max(unknown, 0))

    def _backtest(self, question: BacktestQuestion) -> Backtest:
        from data_layer.analytics.backtest.answer import backtest

        chosen = self._select(Scope(bookmaker=question.bookmaker), question.span)
        return backtest(chosen.parts[0], chosen.sample, question, self.claims.of(question.bookmaker))

    def _select(self, scope: Scope, span: Span, *, every_feed: bool = False) -> _Selected:
        """Return the rounds of a scope in a span; of bookmakers that show one feed those of one."""
        names = names_of(scope, self.snapshot, self.groups)
        moments = resolved(span, self.now_us)
        parts = tuple(self.snapshot.part(name, moments.start_us, moments.end_us) for name in names)
        shared: tuple[tuple[str, ...], ...] = ()
        if len(parts) > 1 and not every_feed:
            parts, shared = reduced(parts, self.feeds.of(self.snapshot))
        sample = sample_of(parts, scope, span, moments, shared, self.snapshot, self.claims)
        return _Selected(parts, sample, moments)
