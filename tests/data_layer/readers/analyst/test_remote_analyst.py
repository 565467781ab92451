"""Questions of a window without a database, answered by the instance that has one, through a real Redis."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import msgspec
import pytest

from data_layer.analytics.checks import BadQuestionError
from data_layer.analytics.claims import Claims
from data_layer.analytics.questions import (
    Answer,
    BacktestQuestion,
    Distribution,
    DistributionQuestion,
    Question,
    Scope,
    Span,
    StreaksQuestion,
)
from data_layer.cache.cache_manager import CacheManager
from data_layer.cache.question_channel import LONGEST_QUESTION
from data_layer.errors import AviatorError
from data_layer.readers.analyst import question_server, remote_analyst
from data_layer.readers.analyst.analytics_reader import AnalyticsReader
from data_layer.readers.analyst.question_lane import UnansweredError
from data_layer.readers.analyst.question_server import QuestionServer
from data_layer.readers.analyst.remote_analyst import RemoteAnalyst
from tests.data_layer.stored_rounds import StoredRounds, a_round
from tests.redis_server import RedisServer, needs_redis_server, wait_until

pytestmark = needs_redis_server

WAIT_S = 20.0
EVERYTHING = DistributionQuestion(span=Span(name="all"))


class CountingAnalyst:
    """The instance's analyst, with a count of what it is asked."""

    def __init__(self, reader: AnalyticsReader) -> None:
        self.asked: list[Question] = []
        self._reader = reader

    def ask(self, question: Question) -> "Future[Answer]":
        self.asked.append(question)
        return self._reader.ask(question)


@pytest.fixture
def stored(stored: StoredRounds) -> StoredRounds:
    stored.commit([a_round(number) for number in range(1, 11)])
    return stored


@pytest.fixture
def reader(stored: StoredRounds) -> Iterator[AnalyticsReader]:
    made = AnalyticsReader(stored.path, groups={"Admiral": "A"}, claims=Claims({}), cache=CacheManager())
    made.start()
    yield made
    made.stop()


@pytest.fixture
def central(reader: AnalyticsReader) -> CountingAnalyst:
    return CountingAnalyst(reader)


@pytest.fixture
def serving(server: RedisServer, central: CountingAnalyst) -> Iterator[QuestionServer]:
    made = QuestionServer(server.target, lambda: central)
    made.start()
    yield made
    made.stop()


View = Callable[[], RemoteAnalyst]


@pytest.fixture
def view(server: RedisServer) -> Iterator[View]:
    made: list[RemoteAnalyst] = []

    def open_one() -> RemoteAnalyst:
        made.append(RemoteAnalyst(server.target, lambda: ("Admiral",)))
        made[-1].start()
        return made[-1]

    yield open_one
    for one in made:
        one.stop()


def test_an_answer_from_afar_is_that_of_the_instance(
    serving: QuestionServer, reader: AnalyticsReader, view: View
) -> None:
    there = view()
    found = there.ask(EVERYTHING).result(WAIT_S)
    assert isinstance(found, Distribution)
    assert found.sample.rounds == 10
    assert found == reader.ask(EVERYTHING).result(WAIT_S)
    streaks = StreaksQuestion(span=Span(name="all"))
    assert there.ask(streaks).result(WAIT_S) == reader.ask(streaks).result(WAIT_S)
    assert (there.bookmakers(), there.trouble) == (("Admiral",), "")


def test_equal_questions_of_several_windows_are_answered_once_until_a_commit(
    serving: QuestionServer, central: CountingAnalyst, view: View, stored: StoredRounds, server: RedisServer
) -> None:
    server.command("SET", "version", 1)
    one, other = view(), view()
    futures = [one.ask(EVERYTHING) for _ in range(3)]
    first = [future.result(WAIT_S) for future in futures]
    assert other.ask(EVERYTHING).result(WAIT_S) == first[0]
    assert len(central.asked) == 1
    stored.commit([a_round(11)])
    server.command("SET", "version", 2)
    again = other.ask(EVERYTHING).result(WAIT_S)
    assert isinstance(again, Distribution)
    assert again.sample.rounds == 11
    assert len(central.asked) == 2
    server.command("SET", "version", 1)
    server.command("SET", "cache:era", "another")  # a backup was restored: what there is counts no more
    other.ask(EVERYTHING).result(WAIT_S)
    assert len(central.asked) == 3


def test_a_question_of_no_sense_comes_back_with_the_reason(serving: QuestionServer, view: View) -> None:
    with pytest.raises(BadQuestionError, match="Admirall"):
        view().ask(DistributionQuestion(scope=Scope(bookmaker="Admirall"))).result(WAIT_S)


def test_nothing_of_the_users_own_is_executed_for_another_machine(
    serving: QuestionServer, central: CountingAnalyst, view: View, tmp_path: Path
) -> None:
    trap, sprung = tmp_path / "trap.py", tmp_path / "sprung"
    trap.write_text(f"open({str(sprung)!r}, 'w').close()\nclass Trap: pass\n", encoding="utf-8")
    question = BacktestQuestion(
        bookmaker="Admiral", strategy="python", parameters=(("file", f"{trap}:Trap"),)
    )
    with pytest.raises(BadQuestionError, match="'python' is none that is answered"):
        view().ask(question).result(WAIT_S)
    assert central.asked == []
    assert not sprung.exists()


FOREIGN = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"\x80\x05.",
    b'{"type": "os.system"}',
    b'{"type": "DistributionQuestion", "span": 5}',
    b'{"type": "DistributionQuestion", "thresholds_centi": [NaN]}',
    b"[" * 100_000,
    json.dumps({"type": "DistributionQuestion", "scope": {"bookmaker": "x" * LONGEST_QUESTION}}).encode(),
]


def test_what_is_no_question_is_dropped_and_the_next_one_answered(
    serving: QuestionServer, server: RedisServer, central: CountingAnalyst, view: View
) -> None:
    with server.client() as client:
        client.rpush("analytics:questions", *FOREIGN)
    assert view().ask(EVERYTHING).result(WAIT_S)
    assert central.asked == [EVERYTHING]


@pytest.mark.parametrize("key", ["analytics:questions", "analytics:server", "version", "cache:era"])
def test_a_key_of_another_type_costs_no_more_than_the_question(
    serving: QuestionServer, server: RedisServer, view: View, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(remote_analyst, "AGAIN_S", 0.2)
    server.command("DEL", key)
    server.command("SADD", key, "x")
    there = view()
    future = there.ask(EVERYTHING)
    server.command("DEL", key)
    assert future.result(WAIT_S)


def test_a_foreign_answer_is_not_taken_for_ours(
    server: RedisServer, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    from data_layer.cache.question_channel import digest_of

    digest = digest_of(msgspec.json.encode(EVERYTHING))
    server.command("SET", "analytics:server", "1")
    server.command("SET", f"analytics:answer:{digest}", '{"version": 1, "answer": {"type": "Distribution"}}')
    with pytest.raises(UnansweredError, match="cannot be read"):
        view().ask(EVERYTHING).result(WAIT_S)


def test_without_an_instance_that_answers_the_wait_ends(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_analyst, "UNSERVED_S", 0.2)
    with pytest.raises(UnansweredError, match="no instance with the database"):
        view().ask(EVERYTHING).result(WAIT_S)


def test_without_redis_the_wait_ends_with_the_reason_and_the_next_question_finds_it(
    serving: QuestionServer, server: RedisServer, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = view()
    assert there.ask(EVERYTHING).result(WAIT_S)
    monkeypatch.setattr(remote_analyst, "UNSERVED_S", 0.2)
    server.suspend()
    with pytest.raises(AviatorError, match="Redis does not answer in time"):
        there.ask(EVERYTHING).result(WAIT_S)
    assert there.trouble == "Redis does not answer in time"
    server.resume()
    monkeypatch.setattr(remote_analyst, "UNSERVED_S", WAIT_S)
    assert there.ask(EVERYTHING).result(WAIT_S)
    assert there.trouble == ""


def test_an_answer_that_is_too_long_is_told(
    serving: QuestionServer, view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_layer.cache.question_channel.LONGEST_ANSWER", 100)
    with pytest.raises(UnansweredError, match="too long for Redis"):
        view().ask(EVERYTHING).result(WAIT_S)


def test_a_question_that_is_too_long_is_not_sent(view: View) -> None:
    question = DistributionQuestion(thresholds_centi=tuple(range(100, 2_000)))
    with pytest.raises(UnansweredError, match="too long to be sent"):
        view().ask(question).result(WAIT_S)


def test_no_more_questions_are_under_way_than_allowed(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question_server, "LOOK_S", 0.01)
    asked: list[Future[Answer]] = []
    news = threading.Event()

    class Slow:
        def ask(self, question: Question) -> "Future[Answer]":
            asked.append(Future())
            news.set()
            return asked[-1]

    made = QuestionServer(server.target, Slow)
    with server.client() as client:
        client.rpush("analytics:questions", *(msgspec.json.encode(EVERYTHING) for _ in range(20)))
    made.start()
    try:
        wait_until(lambda: len(asked) == question_server.MOST_AT_ONCE, "as many as allowed")
        server.command("DEL", "analytics:server")
        wait_until(lambda: server.command("EXISTS", "analytics:server") == 1, "it has looked again")
        assert len(asked) == question_server.MOST_AT_ONCE
        asked[0].set_exception(UnansweredError("x"))
        wait_until(lambda: len(asked) == question_server.MOST_AT_ONCE + 1, "one more")
    finally:
        made.stop()


def test_stopping_tells_who_waits(view: View) -> None:
    there = view()
    future = there.ask(EVERYTHING)
    there.stop()
    with pytest.raises(UnansweredError, match="have stopped"):
        future.result(WAIT_S)
    with pytest.raises(UnansweredError, match="have stopped"):
        there.ask(EVERYTHING).result(WAIT_S)
    RemoteAnalyst(there._target, tuple).stop()  # one that was never started
