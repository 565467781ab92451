"""Stored rounds against their hashes, or against the chain of one game's hash."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer import round_verification
from data_layer.analytics.fairness.schemes import SCHEMES
from data_layer.analytics.fairness.seeded_games import AVIATOR, DUEL
from data_layer.database import rounds_to_verify
from data_layer.database.connection import open_reader
from data_layer.database.rounds_to_verify import game_number
from data_layer.database.verdicts import verification_counts
from data_layer.errors import SourceError
from data_layer.messages import Record, Verified
from data_layer.recordings.importer import DirectSink, SinkTotals, import_file
from data_layer.round_verification import Task, VerificationReport, verify_along_chain, verify_carried
from tests.data_layer.database.written import T0, Database, a_round

SCHEME = SCHEMES["bustabit-v2"]
NEWEST = "533473d9e1e0ddc9cabe769c4eff4bf05959a346a770ee7fc580c8eff0300d09"
GAMES = SCHEME.chain.block(NEWEST, 300)  # game n has hash n - 1
CRASH_CENTI = [SCHEME.crash_centi(hash_) for hash_ in GAMES]


class Rig:
    """A database, a reader beside its writer, and what is delivered to it."""

    def __init__(self, directory: Path) -> None:
        self.database = Database(directory / "aviator.db")
        self.reader = open_reader(self.database.path)
        self.delivered: list[Record] = []
        self._sink = DirectSink(self.database.writer)

    def write(self, bookmaker: str, stream: str, records: Sequence[Record]) -> None:
        self.delivered += records
        self._sink.write(bookmaker, stream, records)

    def finish(self) -> SinkTotals:
        return self._sink.finish()

    def task(self, **changes: Any) -> Task:
        plain: dict[str, Any] = {
            "connection": self.reader,
            "bookmaker": "Admiral",
            "scheme": SCHEME.name,
            "salt": None,
            "since_us": None,
            "sink": self,
        }
        return Task(**{**plain, **changes})

    def verdicts(self) -> dict[str, tuple[int | None, str | None]]:
        rows = self.database.read("SELECT round_id, verified, hash FROM rounds ORDER BY id")
        return {round_id: (verified, hash_) for round_id, verified, hash_ in rows}

    def close(self) -> None:
        self.reader.close()
        self.database.writer.close()


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path)
    yield made
    made.close()


def game(number: int, **changes: Any) -> Any:
    """Round `number` as its game was, without its hash."""
    return a_round(number, **{"position": 0, "crash_centi": CRASH_CENTI[number - 1], **changes})


def counted(report: VerificationReport) -> tuple[int, int, int, int, int]:
    return report.rounds, report.yes, report.no, report.unknown, report.changed


def test_every_recorded_bustabit_round_equals_its_chain(rig: Rig, shared_data: Path) -> None:
    import_file(shared_data / "bustabit_2537203-2553000.csv", "Admiral", DirectSink(rig.database.writer))
    (known,) = json.loads((shared_data / "fairness_vectors.json").read_text())["schemes"]["bustabit-v2"][
        "vectors"
    ]
    told: list[int] = []
    task = rig.task(on_progress=told.append)
    report = verify_along_chain(task, known["hash"], known["game"], at_most=10_000_000)
    assert counted(report) == (15_798, 15_798, 0, 0, 15_798)
    assert report.first_wrong == ()
    assert told == sorted(told)
    assert told[-1] == known["game"] - 2_537_203
    assert (
        rig.database.value("SELECT count(*) FROM rounds WHERE verified = 1 AND length(hash) = 64") == 15_798
    )
    version = rig.database.writer.version
    # Now each carries its hash, so that it can be judged alone; there is nothing new in that.
    assert counted(verify_carried(rig.task())) == (15_798, 15_798, 0, 0, 0)
    assert rig.database.writer.version == version


def test_rounds_are_judged_by_the_hashes_they_carry(rig: Rig) -> None:
    hashed = {number: {"hash": GAMES[number - 1]} for number in range(1, 7)}
    hashed[2]["hash"] = hashed[2]["hash"].upper()
    hashed[4]["hash"] = "no hash"
    rig.database.store(
        game(1, **hashed[1]),
        game(2, **hashed[2]),
        game(3, **hashed[3], verified=True, **{"crash_centi": CRASH_CENTI[2] + 1}),
        game(4, **hashed[4]),
        game(5),
        game(6, **hashed[6], crashed_at_us=None, started_at_us=None),
    )
    report = verify_carried(rig.task())
    assert counted(report) == (6, 3, 1, 2, 4)
    assert report.without_hash == 1
    assert report.oldest_hash == GAMES[5]  # rounds without a time come first
    (wrong,) = report.first_wrong
    assert (wrong.round_id, wrong.crash_centi) == ("3", CRASH_CENTI[2] + 1)
    assert wrong.recomputed_centi == CRASH_CENTI[2]
    assert [verified for verified, _ in rig.verdicts().values()] == [1, 1, 0, None, None, 1]
    assert counted(verify_carried(rig.task())) == (6, 3, 1, 2, 0)


def test_a_chain_tells_right_from_wrong_and_what_it_does_not_reach(rig: Rig) -> None:
    rig.database.store(
        game(10),
        game(11, crash_centi=CRASH_CENTI[10] + 1),
        game(12, hash=GAMES[11]),
        game(13, hash="ab" * 32),
        game(14, round_id="round-14"),
        game(15, round_id="0015"),
        game(100),
        game(101),
        game(2),
    )
    report = verify_along_chain(rig.task(), GAMES[99], 100, at_most=90)
    assert counted(report) == (9, 3, 2, 4, 5)
    assert {round_id: verified for round_id, (verified, _) in rig.verdicts().items()} == {
        "10": 1, "11": 0, "12": 1, "13": 0, "round-14": None, "0015": None, "100": 1, "101": None, "2": None,
    }  # fmt: skip
    assert rig.verdicts()["10"][1] == GAMES[9]
    assert rig.verdicts()["13"][1] == "ab" * 32
    assert [(wrong.round_id, wrong.recomputed_centi) for wrong in report.first_wrong] == [
        ("11", CRASH_CENTI[10]),
        ("13", None),
    ]


def test_the_oldest_wrong_rounds_are_told(rig: Rig) -> None:
    wrong = [game(number, crash_centi=CRASH_CENTI[number - 1] + 1) for number in range(1, 31)]
    rig.database.store(*wrong)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(round_verification, "_BLOCK_GAMES", 4)
        report = verify_along_chain(rig.task(), NEWEST, 300, at_most=300)
    assert [one.round_id for one in report.first_wrong] == [str(number) for number in range(1, 11)]
    assert counted(report) == (30, 0, 30, 0, 30)


def test_only_rounds_of_the_range_are_looked_at(rig: Rig) -> None:
    rig.database.store(*(game(number, hash=GAMES[number - 1]) for number in range(1, 11)))
    rig.database.store(game(11, hash=GAMES[10], crashed_at_us=None, started_at_us=None))
    since_us = T0 + 6 * 20_000_000
    assert counted(verify_carried(rig.task(since_us=since_us))) == (5, 5, 0, 0, 5)
    assert counted(verify_along_chain(rig.task(since_us=since_us + 1), NEWEST, 300, 300)) == (4, 4, 0, 0, 0)


@settings(max_examples=40)
@given(
    stored=st.dictionaries(
        st.integers(1, 300), st.tuples(st.booleans(), st.sampled_from(["none", "own", "other"])), max_size=20
    ),
    newest=st.integers(1, 300),
    page=st.integers(1, 7),
)
def test_verdicts_equal_a_recomputation_of_every_round(
    tmp_path_factory: pytest.TempPathFactory, stored: dict[int, tuple[bool, str]], newest: int, page: int
) -> None:
    rig = Rig(tmp_path_factory.mktemp("verify"))
    for number, (true, carries) in stored.items():
        crash_centi = CRASH_CENTI[number - 1] + (not true)
        hash_ = {"none": None, "own": GAMES[number - 1], "other": GAMES[number - 2]}[carries]
        rig.database.store(game(number, crash_centi=crash_centi, hash=hash_))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rounds_to_verify, "PAGE_ROUNDS", page)
        verify_along_chain(rig.task(), GAMES[newest - 1], newest, at_most=300)
        expected = {
            str(number): None if number > newest else (true and carries != "other")
            for number, (true, carries) in stored.items()
        }
        assert {round_id: verified for round_id, (verified, _) in rig.verdicts().items()} == expected
        report = verify_carried(rig.task())
    assert report.rounds == len(stored)
    carried = rig.database.read("SELECT hash, crash_centi, verified FROM rounds WHERE hash IS NOT NULL")
    assert all((SCHEME.crash_centi(hash_) == crash) == bool(verified) for hash_, crash, verified in carried)
    assert report.yes + report.no == len(carried)
    marks = [verified for verified, _ in rig.verdicts().values()]
    assert verification_counts(rig.reader).get("Admiral", (0, 0)) == (marks.count(1), marks.count(0))
    rig.close()


def test_games_that_stand_for_themselves_are_judged_by_their_seeds(rig: Rig) -> None:
    seed, drand = "ab" * 32, "cd" * 48
    crash_centi, commitment = DUEL.crash_centi(seed, drand), DUEL.commitment(seed)
    rig.database.store(
        game(1, hash=commitment, seed=f"{seed}:{drand}", crash_centi=crash_centi),
        game(2, hash=commitment, seed=f"{seed}:{drand}", crash_centi=crash_centi + 1),
        game(3, hash=commitment, seed=seed),
        game(4, hash=commitment),
    )
    rig.database.store(game(5, hash="0" * 64, seed=f"{seed}:{drand}", crash_centi=crash_centi))
    report = verify_carried(rig.task(scheme="duel"))
    assert counted(report) == (5, 1, 2, 2, 3)
    assert [(one.round_id, one.recomputed_centi, one.reason) for one in report.first_wrong] == [
        ("2", crash_centi, "its seeds give another crash point"),
        ("5", None, "its hash is not the one that its seeds give"),
    ]


def test_no_round_of_aviator_is_ever_verified(rig: Rig) -> None:
    hash_ = AVIATOR.commitment("s", ["a", "b", "c"])
    rig.database.store(game(1, hash=hash_, seed="s:a:b:c"), game(2, hash=hash_, seed="s:a:b:d"))
    assert counted(verify_carried(rig.task(scheme="aviator"))) == (2, 0, 1, 1, 1)
    with pytest.raises(SourceError, match="aviator has no chain"):
        verify_along_chain(rig.task(scheme="aviator"), NEWEST, 1, 1)


def test_text_that_is_no_hash_is_not_held_against_a_round(rig: Rig) -> None:
    rig.database.store(game(1, hash=""), game(2, hash="n/a"), game(3, hash="0" * 64))
    assert counted(verify_along_chain(rig.task(), NEWEST, 300, at_most=300))[:4] == (3, 2, 1, 0)
    assert counted(verify_carried(rig.task()))[:4] == (3, 0, 1, 2)


def test_a_wrong_number_of_the_newest_game_can_be_corrected(rig: Rig) -> None:
    rig.database.store(*(game(number) for number in range(1, 41)))
    report = verify_along_chain(rig.task(), NEWEST, 301, at_most=400)
    assert report.no > report.yes
    assert {hash_ for _, hash_ in rig.verdicts().values()} == {None}
    assert counted(verify_along_chain(rig.task(), NEWEST, 300, at_most=400))[:4] == (40, 40, 0, 0)
    assert rig.verdicts()["7"] == (1, GAMES[6])


def test_only_news_are_delivered(rig: Rig) -> None:
    rig.database.store(*(game(number, hash=GAMES[number - 1], verified=True) for number in range(1, 5)))
    rig.database.store(game(5, verified=True))
    verify_along_chain(rig.task(), NEWEST, 300, at_most=300)
    assert rig.delivered == [Verified(bookmaker="Admiral", round_id="5", verified=True, hash=GAMES[4])]


@pytest.mark.parametrize(
    ("round_id", "number"),
    [("1", 1), ("2537203", 2_537_203), ("0", None), ("01", None), ("-1", None), ("1.0", None), ("", None),
     ("\N{ARABIC-INDIC DIGIT ONE}", None), ("\N{SUPERSCRIPT TWO}", None),
     ("9" * 15, 10**15 - 1), ("9" * 16, None), ("x1", None)],
)  # fmt: skip
def test_a_game_s_number_is_digits_without_more(round_id: str, number: int | None) -> None:
    assert game_number(round_id) == number


def test_pages_are_found_by_searching(rig: Rig) -> None:
    rig.database.store(*(game(number) for number in range(1, 100)))
    statements: list[tuple[str, Any]] = []

    def note(_cursor: apsw.Cursor, sql: str, bindings: Any) -> bool:
        statements.append((sql, bindings))
        return True

    rig.reader.exec_trace = note
    for since_us in (None, T0):
        list(rounds_to_verify.in_pages(rig.reader, "Admiral", since_us))
        rounds_to_verify.numbered_games(rig.reader, "Admiral", since_us)
    rounds_to_verify.of_games(rig.reader, "Admiral", [1, 2, 3])
    rig.reader.exec_trace = None
    plans = [
        [str(row[3]) for row in rig.reader.execute(f"EXPLAIN QUERY PLAN {sql}", bindings)]
        for sql, bindings in statements
    ]
    assert len(plans) == 7
    for plan in plans:
        assert not any("TEMP B-TREE" in line for line in plan)
        (about,) = [line for line in plan if re.search(r"\brounds\b", line)]
        assert about.startswith("SEARCH rounds USING ")
