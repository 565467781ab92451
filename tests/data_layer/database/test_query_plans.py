"""How SQLite answers each question: by a search in an index, never by walking through all rounds."""

import re
from collections.abc import Callable, Iterator

import apsw
import pytest

from data_layer.database import queries
from data_layer.database.connection import open_reader
from data_layer.database.writer import BatchDatabaseWriter
from tests.data_layer.stored_rounds import START_US, a_bet, a_round, a_sample

_NAMES_OF_LARGE = (
    r"\b(rounds|threshold_crossings|rollup_hour|rollup_day|inside|hour|day|bets|rgb_samples|sample)\b"
)

Question = Callable[[apsw.Connection], object]
QUESTIONS: dict[str, Question] = {
    **{
        f"range {name}": lambda reader, name=name: queries.round_stats_with_total(reader, name, START_US)  # type: ignore[misc]  # no type of its own
        for name in queries.RANGES
    },
    "window": lambda reader: queries.window_stats(reader, START_US - 10**12, START_US + 10**9),
    "newest": lambda reader: queries.newest_rounds(reader, 200),
    "bets": queries.betting_stats,
    "rgb": queries.rgb_stats,
    "version": queries.version,
    "counters": queries.counters,
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[apsw.Connection]:
    path = tmp_path_factory.mktemp("plans") / "aviator.db"
    writer = BatchDatabaseWriter(path)
    for name in ("Admiral", "Mozzart"):
        writer.add("", name, "s", [a_round(number, name) for number in range(2_000)])
        writer.add("", name, "s", [a_bet(number, name) for number in range(50)])
        writer.add("", name, "s", [a_sample(number, name) for number in range(50)])
    writer.flush()
    writer.close()
    connection = open_reader(path)
    yield connection
    connection.close()


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS.keys())
def test_no_statistic_walks_through_a_large_table(reader: apsw.Connection, question: Question) -> None:
    statements: list[tuple[str, object]] = []

    def note(_cursor: apsw.Cursor, sql: str, bindings: object) -> bool:
        statements.append((sql, bindings))
        return True

    reader.exec_trace = note
    try:
        question(reader)
    finally:
        reader.exec_trace = None
    selects = [(sql, bindings) for sql, bindings in statements if "SELECT" in sql]
    assert selects
    for sql, bindings in selects:
        for *_, step in reader.execute(f"EXPLAIN QUERY PLAN {sql}", bindings):  # type: ignore[arg-type]  # bindings of any kind
            assert not re.match(rf"SCAN {_NAMES_OF_LARGE}", str(step)), f"{step} in {sql}"
            assert "USE TEMP B-TREE FOR GROUP BY" not in str(step)


def test_the_newest_rounds_come_from_the_index_alone(reader: apsw.Connection) -> None:
    plan = reader.execute(f"EXPLAIN QUERY PLAN {queries._NEWEST}", ("Admiral", 200)).fetchall()
    assert [str(step[-1]) for step in plan] == [
        "SEARCH rounds USING COVERING INDEX rounds_by_time (bookmaker=?)"
    ]
