"""Questions to a real database, with commits, restores and outages between them."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from data_layer.analytics.checks import BadQuestionError
from data_layer.analytics.claims import Claim, Claims
from data_layer.analytics.distribution import answer as distributions
from data_layer.analytics.questions import (
    Answer,
    BacktestQuestion,
    Distribution,
    DistributionQuestion,
    DriftQuestion,
    Integrity,
    IntegrityQuestion,
    IntervalsQuestion,
    Question,
    Sample,
    Scope,
    Span,
    StreaksQuestion,
)
from data_layer.analytics.rounds import Rounds
from data_layer.cache.cache_manager import CacheManager
from data_layer.messages import Origin, Round
from data_layer.readers.analyst import answers
from data_layer.readers.analyst.analytics_reader import AnalyticsReader
from data_layer.readers.analyst.question_lane import UnansweredError
from data_layer.readers.stats_database import DatabaseUnreadableError, StatsDatabase
from tests.data_layer.stored_rounds import START_US, StoredRounds, a_round

WAIT_S = 30.0
_GROUPS = {"Admiral": "A", "Mozzart": "A", "Soccer": "", "Meridian": "B"}
_ALL = Span(name="all")

Start = Callable[..., AnalyticsReader]


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[StoredRounds]:
    found = StoredRounds(tmp_path / "aviator.db")
    yield found
    found.close()


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Start]:
    readers: list[AnalyticsReader] = []

    def start(
        *,
        cache: CacheManager | None = None,
        claims: Mapping[str, Claim] | None = None,
        now: Callable[[], int] = lambda: START_US + 3_600_000_000,
    ) -> AnalyticsReader:
        reader = AnalyticsReader(
            tmp_path / "aviator.db",
            groups=_GROUPS,
            claims=Claims(claims or {"Admiral": Claim(0.97)}),
            cache=cache or CacheManager(),
            now=now,
        )
        readers.append(reader)
        reader.start()
        return reader

    yield start
    for reader in readers:
        reader.stop()


def _asked(reader: AnalyticsReader, question: Question) -> Distribution:
    found = reader.ask(question).result(WAIT_S)
    assert isinstance(found, Distribution)
    return found


def _feed(bookmaker: str, count: int, *, step: int = 0) -> list[Round]:
    """Rounds whose sequence is that of `step`; `bookmaker` shows it."""
    return [
        a_round(number, bookmaker, crash_centi=100 + (number * number * 7 + number * step * 31) % 977)
        for number in range(count)
    ]


def test_a_feed_is_counted_at_the_bookmaker_that_still_shows_it(stored: StoredRounds, started: Start) -> None:
    stored.commit(_feed("Admiral", 300))  # the longer history, which has ended
    stored.commit(_feed("Mozzart", 400)[200:])
    span = Span(start_us=START_US + 300 * 20_000_000, end_us=START_US + 400 * 20_000_000)
    found = _asked(started(), DistributionQuestion(span=span))
    assert found.sample.rounds == 100
    assert found.sample.feeds == (("Mozzart", "Admiral"),)


def test_every_kind_of_question_is_answered_from_the_rounds_of_its_scope_and_span(
    stored: StoredRounds, started: Start
) -> None:
    stored.commit(_feed("Admiral", 150))
    stored.commit(_feed("Mozzart", 50, step=1))
    reader = started()
    scope, span = Scope(bookmaker="Admiral"), Span(start_us=START_US, end_us=START_US + 100 * 20_000_000)
    for question in (
        DistributionQuestion(scope=scope, span=span),
        StreaksQuestion(scope=scope, span=span),
        IntervalsQuestion(scope=scope, span=span, minutes=7),
        DriftQuestion(scope=scope, span=span),
        IntegrityQuestion(scope=scope, span=span),
        BacktestQuestion(bookmaker="Admiral", span=span),
    ):
        answer = reader.ask(question).result(WAIT_S)
        assert type(answer) is answers.ANSWERS[type(question)]
        assert answer.sample.rounds == 100
        assert answer.sample.scope == scope
        assert (answer.sample.start_us, answer.sample.end_us) == (span.start_us, span.end_us)
        assert answer.sample.origins == (Origin.SIMULATOR,)
        assert answer.sample.rtp == 0.97
    assert reader.trouble == ""


def test_integrity_tells_how_many_rounds_were_recomputed_right_and_wrong(
    stored: StoredRounds, started: Start
) -> None:
    verdicts = [True] * 5 + [False] * 2 + [None] * 3
    stored.commit([replace(a_round(number), verified=each) for number, each in enumerate(verdicts)])
    stored.commit(_feed("Mozzart", 4, step=1))
    found = started().ask(IntegrityQuestion()).result(WAIT_S)
    assert isinstance(found, Integrity)
    assert {each.bookmaker: (each.yes, each.no, each.unknown) for each in found.verified} == {
        "Admiral": (5, 2, 3),
        "Mozzart": (0, 0, 4),
    }


def test_a_commit_is_in_the_next_answer(stored: StoredRounds, started: Start) -> None:
    reader = started()
    question = DistributionQuestion(scope=Scope(bookmaker="Admiral"), span=_ALL)
    for number in range(5):
        stored.commit([a_round(number, crash_centi=150)])
        assert _asked(reader, question).sample.rounds == number + 1


def test_a_named_range_ends_now_and_is_compared_with_the_one_before(
    stored: StoredRounds, started: Start
) -> None:
    stored.commit([a_round(number, crash_centi=150 + number) for number in range(400)])
    now_us = START_US + 399 * 20_000_000
    reader = started(now=lambda: now_us)
    found = _asked(reader, DistributionQuestion(scope=Scope(bookmaker="Admiral"), span=Span(name="1h")))
    assert found.sample.rounds == 181  # both ends of the hour belong to it
    assert (found.sample.start_us, found.sample.end_us) == (now_us - 3_600_000_000, now_us + 1)
    assert found.lowest_centi == 150 + 399 - 180
    assert found.rounds_before == 180


def test_an_equal_question_at_an_equal_version_is_computed_once(
    stored: StoredRounds, started: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    computed: list[DistributionQuestion] = []
    real = distributions.distribution

    def counted(
        parts: Sequence[Rounds],
        before: Sequence[Rounds] | None,
        sample: Sample,
        question: DistributionQuestion,
        claims: Claims,
    ) -> Distribution:
        computed.append(question)
        return real(parts, before, sample, question, claims)

    monkeypatch.setattr(distributions, "distribution", counted)
    stored.commit([a_round(1)])
    cache = CacheManager()
    reader, other = started(cache=cache), started(cache=cache)
    question = DistributionQuestion(scope=Scope(bookmaker="Admiral"))
    first = _asked(reader, question)
    assert _asked(reader, question) == _asked(other, question) == first
    assert len(computed) == 1
    stored.commit([a_round(2)])
    assert _asked(reader, question).sample.rounds == 2
    assert len(computed) == 2


def test_readers_with_other_claims_do_not_take_each_others_answers(
    stored: StoredRounds, started: Start
) -> None:
    stored.commit([a_round(1)])
    cache = CacheManager()
    question = DistributionQuestion(scope=Scope(bookmaker="Admiral"), thresholds_centi=(200,))
    one, other = started(cache=cache), started(cache=cache, claims={"Admiral": Claim(0.5)})
    assert _asked(one, question).thresholds[0].expected == pytest.approx(0.97 / 2)
    assert _asked(other, question).thresholds[0].expected == pytest.approx(0.5 / 2)


def test_a_restored_database_is_answered_from_even_when_it_is_older(
    tmp_path: Path, stored: StoredRounds, started: Start
) -> None:
    older = StoredRounds(tmp_path / "older.db")
    older.commit([a_round(1, crash_centi=777)])
    older.close()
    stored.commit([a_round(1, crash_centi=150)])
    stored.commit([a_round(2, crash_centi=150)])
    reader = started()
    question = DistributionQuestion(scope=Scope(bookmaker="Admiral"), span=_ALL)
    assert _asked(reader, question).highest_centi == 150
    stored.close()
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"aviator.db{suffix}").unlink(missing_ok=True)
    os.replace(tmp_path / "older.db", tmp_path / "aviator.db")
    found = _asked(reader, question)
    assert (found.sample.rounds, found.highest_centi) == (1, 777)


def test_a_question_without_a_sense_is_refused(stored: StoredRounds, started: Start) -> None:
    stored.commit([a_round(1)])
    reader = started()
    fault = reader.ask(DistributionQuestion(scope=Scope(bookmaker="Admirl"))).exception(WAIT_S)
    assert isinstance(fault, BadQuestionError)
    assert str(fault) == 'bookmaker "Admirl" is unknown; did you mean Admiral?'


def test_a_configured_bookmaker_without_rounds_has_none(stored: StoredRounds, started: Start) -> None:
    stored.commit([a_round(1)])
    found = _asked(started(), DistributionQuestion(scope=Scope(bookmaker="Soccer")))
    assert found.sample.rounds == 0
    assert found.note == "n too small (no rounds in this span)"


def test_bookmakers_that_show_one_feed_count_once_in_a_group_and_in_all(
    stored: StoredRounds, started: Start
) -> None:
    shown_by_two = _feed("Admiral", 300)
    stored.commit(shown_by_two)
    stored.commit(_feed("Meridian", 200))  # the same, for a shorter time
    stored.commit(_feed("Mozzart", 100, step=1))
    reader = started()
    everything = _asked(reader, DistributionQuestion(span=_ALL))
    assert everything.sample.rounds == 400
    assert everything.sample.feeds == (("Admiral", "Meridian"),)
    group = _asked(reader, DistributionQuestion(scope=Scope(group="A"), span=_ALL))
    assert group.sample.rounds == 400
    assert group.sample.feeds == ()
    alone = _asked(reader, DistributionQuestion(scope=Scope(bookmaker="Meridian"), span=_ALL))
    assert alone.sample.rounds == 200
    checked = reader.ask(IntegrityQuestion()).result(WAIT_S)
    assert checked.sample.rounds == 600  # each feed is looked at


def test_feeds_are_looked_at_again_when_a_bookmaker_joins(stored: StoredRounds, started: Start) -> None:
    stored.commit(_feed("Admiral", 300))
    stored.commit(_feed("Mozzart", 300, step=1))
    reader = started()
    assert _asked(reader, DistributionQuestion(span=_ALL)).sample.feeds == ()
    stored.commit(_feed("Meridian", 200))
    found = _asked(reader, DistributionQuestion(span=_ALL))
    assert found.sample.feeds == (("Admiral", "Meridian"),)
    assert found.sample.rounds == 600


def test_a_light_question_does_not_wait_for_a_heavy_one(
    stored: StoredRounds, started: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.commit([a_round(1)])
    begun, gate = threading.Event(), threading.Event()
    real = answers.Answering.answer

    def held(self: answers.Answering, question: Question, database: StatsDatabase) -> Answer:
        if isinstance(question, DriftQuestion):
            begun.set()
            assert gate.wait(WAIT_S)
        return real(self, question, database)

    monkeypatch.setattr(answers.Answering, "answer", held)
    reader = started()
    heavy = reader.ask(DriftQuestion(scope=Scope(bookmaker="Admiral")))
    assert begun.wait(WAIT_S)
    assert (
        _asked(reader, DistributionQuestion(scope=Scope(bookmaker="Admiral"), span=_ALL)).sample.rounds == 1
    )
    assert not heavy.done()
    gate.set()
    assert heavy.result(WAIT_S).sample.rounds == 1


def test_a_reader_waits_for_a_database_that_is_not_there_yet_and_says_so(
    tmp_path: Path, started: Start
) -> None:
    reader = started()
    question = DistributionQuestion(scope=Scope(bookmaker="Admiral"), span=_ALL)
    fault = reader.ask(question).exception(WAIT_S)
    assert isinstance(fault, DatabaseUnreadableError)
    assert "there is no database yet" in reader.trouble
    assert reader.bookmakers() == tuple(_GROUPS)
    stored = StoredRounds(tmp_path / "aviator.db")
    stored.commit([a_round(1, "Other")])
    stored.close()
    assert _asked(reader, question).sample.rounds == 0
    assert reader.trouble == ""
    assert reader.bookmakers() == (*_GROUPS, "Other")


def test_a_stopped_reader_answers_no_more(stored: StoredRounds, started: Start) -> None:
    stored.commit([a_round(1)])
    reader = started()
    reader.stop()
    assert isinstance(reader.ask(DistributionQuestion()).exception(0), UnansweredError)


def test_nothing_but_a_question_loads_what_takes_long_to_load() -> None:
    code = (
        "import sys, data_layer.readers.analyst.analytics_reader, data_layer.readers.reading;"
        "print(sorted({'redis', 'scipy', 'PySide6', 'pydantic'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
