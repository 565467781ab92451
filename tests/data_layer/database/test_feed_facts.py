from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest
from msgspec.structs import replace

from data_layer.analytics.integrity.feed_facts import FeedFacts, KnownGap, Refusals
from data_layer.database import feed_facts as module
from data_layer.database.connection import open_reader
from data_layer.database.feed_facts import feed_facts
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Gap, Rejected, Round
from tests.data_layer.stored_rounds import START_US, a_round

STEP_US = 20_000_000  # between two rounds


def at_us(number: int) -> int:
    return START_US + number * STEP_US


def without_time(number: int) -> Round:
    return replace(a_round(number), started_at_us=None, crashed_at_us=None)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[apsw.Connection]:
    writer = BatchDatabaseWriter(tmp_path / "aviator.db", now=lambda: START_US)
    admiral = [a_round(number) for number in (5, 3, 4)]  # out of order
    rejected = [
        Rejected(
            bookmaker="Admiral",
            reason="crash point is below 1.00",
            place="1",
            raw="x",
            received_at_us=at_us(n),
        )
        for n in (4, 2, 9)
    ]
    gaps = [
        Gap(bookmaker="Admiral", started_at_us=at_us(1), ended_at_us=at_us(2), reason="asleep", missing=3),
        Gap(bookmaker="Admiral", started_at_us=at_us(8), reason="cut off"),
    ]
    writer.add("", "Admiral", "s", [*admiral, without_time(900), *rejected, *gaps])
    writer.add("", "Admiral", "t", [a_round(3), replace(a_round(4), crash_centi=999)])
    writer.add("", "Mozzart", "s", [a_round(1, "Mozzart"), replace(a_round(2, "Mozzart"), round_id="2a")])
    writer.flush()
    writer.close()
    connection = open_reader(tmp_path / "aviator.db")
    yield connection
    connection.close()


def test_all_of_a_feed_is_told_in_the_order_of_play(reader: apsw.Connection) -> None:
    found = feed_facts(reader, "Admiral", None, None)
    assert found.ids == array("q", [900, 3, 4, 5])  # rounds without a time come first
    assert found.gaps == (
        KnownGap(at_us(1), at_us(2), "asleep", 3),
        KnownGap(at_us(8), None, "cut off", None),
    )
    assert found.duplicates == 1
    assert found.refused["crash point is below 1.00"] == Refusals(3, at_us(2))
    assert found.refused["crash point differs from the one stored for this round"] == Refusals(1, START_US)


def test_a_span_is_half_open(reader: apsw.Connection) -> None:
    found = feed_facts(reader, "Admiral", at_us(3), at_us(5))
    assert found.ids == array("q", [3, 4])
    assert found.gaps == ()
    assert found.refused == {"crash point is below 1.00": Refusals(1, at_us(4))}
    later = feed_facts(reader, "Admiral", at_us(4), None)
    assert later.ids == array("q", [4, 5])
    assert [gap.reason for gap in later.gaps] == ["cut off"]
    assert [gap.reason for gap in feed_facts(reader, "Admiral", None, at_us(2)).gaps] == ["asleep"]


def test_a_gap_without_an_end_belongs_to_the_moment_it_began(reader: apsw.Connection) -> None:
    assert [gap.reason for gap in feed_facts(reader, "Admiral", at_us(8), at_us(9)).gaps] == ["cut off"]
    assert feed_facts(reader, "Admiral", at_us(100), at_us(101)).gaps == ()


def test_ids_that_are_not_all_numbers_are_none(reader: apsw.Connection) -> None:
    assert feed_facts(reader, "Mozzart", None, None).ids is None
    assert feed_facts(reader, "Mozzart", None, at_us(2)).ids == array("q", [1])


@pytest.mark.parametrize(
    ("ids", "prefix", "digits", "numbers"),
    [
        (["demo-9", "demo-10", "demo-12"], "demo-", 1, [9, 10, 12]),
        (["x0100", "x0101", "x0102"], "x", 4, [100, 101, 102]),
        (["100", "101", "102"], "", 3, [100, 101, 102]),
        (["2-1", "2-2", "3-1"], "", 0, None),
        (["a", "a1", "a2"], "", 0, None),
    ],
)
def test_ids_may_be_numbers_behind_one_text(
    tmp_path: Path, ids: list[str], prefix: str, digits: int, numbers: list[int] | None
) -> None:
    writer = BatchDatabaseWriter(tmp_path / "aviator.db")
    writer.add("", "Admiral", "s", [replace(a_round(place), round_id=id_) for place, id_ in enumerate(ids)])
    writer.flush()
    writer.close()
    connection = open_reader(tmp_path / "aviator.db")
    found = feed_facts(connection, "Admiral", None, None)
    connection.close()
    assert (found.ids, found.id_prefix) == (numbers and array("q", numbers), prefix)
    assert found.id_digits == digits


@pytest.mark.parametrize("name", ["1" * 19, "٣", "demo", "1.", "²"])
def test_an_id_that_only_resembles_a_number_is_none(tmp_path: Path, name: str) -> None:
    writer = BatchDatabaseWriter(tmp_path / "aviator.db")
    writer.add("", "Admiral", "s", [replace(a_round(1), round_id=name)])
    writer.flush()
    writer.close()
    connection = open_reader(tmp_path / "aviator.db")
    assert feed_facts(connection, "Admiral", None, None).ids is None
    connection.close()


def test_nothing_is_known_of_a_stranger(reader: apsw.Connection) -> None:
    assert feed_facts(reader, "Soccer", None, None) == FeedFacts()


def test_only_the_newest_ids_are_read(reader: apsw.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_IDS", 2)
    assert feed_facts(reader, "Admiral", None, None).ids == array("q", [4, 5])


def test_ids_come_out_of_the_index_in_order_without_sorting_or_touching_the_table(
    reader: apsw.Connection,
) -> None:
    statements: list[tuple[str, Any]] = []

    def note(_cursor: apsw.Cursor, sql: str, bindings: Any) -> bool:
        statements.append((sql, bindings))
        return True

    reader.exec_trace = note
    feed_facts(reader, "Admiral", None, None)
    feed_facts(reader, "Admiral", at_us(1), at_us(9))
    reader.exec_trace = None
    plans = [
        str(row[3])
        for sql, bindings in statements
        if "FROM rounds" in sql
        for row in reader.execute(f"EXPLAIN QUERY PLAN {sql}", bindings)
    ]
    assert len(plans) == 2
    assert all("SEARCH rounds USING COVERING INDEX rounds_by_time" in plan for plan in plans)
