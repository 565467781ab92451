import csv
import importlib
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from data_layer.database import connection, export_formats
from data_layer.database import export as export_module
from data_layer.database.export import COLUMNS, export
from data_layer.database.export_formats import ExportError
from data_layer.errors import UsageError
from data_layer.messages import Flag, Origin, Round
from tests.data_layer.stored_rounds import START_US, StoredRounds, a_round

ENDINGS = ("csv", "jsonl", "xlsx", "parquet")

FULL = Round(
    bookmaker="Admiral",
    round_id="full",
    crash_centi=123456,
    started_at_us=START_US,
    crashed_at_us=START_US + 1_500_001,
    duration_ms=1_500,
    players_total=12,
    players_cashed_out=7,
    stake_minor=2**53,
    payout_minor=900,
    currency="EUR",
    hash="ab" * 32,
    seed="seed",
    verified=True,
    received_at_us=START_US + 2_000_000,
    flags=Flag.GAP_BEFORE,
    origin=Origin.REPLAY,
)
BARE = Round(
    bookmaker="Admiral", round_id="bare", crash_centi=100, received_at_us=START_US, origin=Origin.IMPORT
)


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[StoredRounds]:
    made = StoredRounds(tmp_path / "aviator.db")
    yield made
    made.close()


@pytest.fixture
def conn(stored: StoredRounds) -> Iterator[apsw.Connection]:
    made = connection.open_reader(stored.path)
    yield made
    made.close()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    directory = tmp_path / "out"
    directory.mkdir()
    return directory / "rounds"


def csv_rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def jsonl_rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def xlsx_rows(path: Path) -> list[dict[str, Any]]:
    book: Any = importlib.import_module("openpyxl").load_workbook(path)
    heading, *rows = book["rounds"].iter_rows()
    assert all(cell.data_type != "f" for row in rows for cell in row)
    return [{name.value: cell.value for name, cell in zip(heading, row, strict=True)} for row in rows]


def parquet_rows(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = importlib.import_module("pyarrow.parquet").read_table(path).to_pylist()
    return rows


READERS: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    "csv": csv_rows,
    "jsonl": jsonl_rows,
    "xlsx": xlsx_rows,
    "parquet": parquet_rows,
}


def exported(
    conn: apsw.Connection, out: Path, ending: str, *args: Any, **options: Any
) -> list[dict[str, Any]]:
    path = out.with_suffix(f".{ending}")
    count = export(conn, path, *args, **options)
    rows = READERS[ending](path)
    assert count == len(rows)
    assert [left.name for left in out.parent.iterdir()] == [path.name]
    return rows


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["round_id"] for row in rows]


def test_csv_holds_every_field_as_text(stored: StoredRounds, conn: apsw.Connection, out: Path) -> None:
    stored.commit([BARE, FULL])
    bare, full = exported(conn, out, "csv")
    assert list(full) == [column.name for column in COLUMNS]
    assert full == {
        "bookmaker": "Admiral",
        "round_id": "full",
        "origin": "replay",
        "started_at": "2025-06-15T15:06:40.000000Z",
        "crashed_at": "2025-06-15T15:06:41.500001Z",
        "crash_point": "1234.56",
        "duration_ms": "1500",
        "players_total": "12",
        "players_cashed_out": "7",
        "stake_minor": "9007199254740992",
        "payout_minor": "900",
        "currency": "EUR",
        "hash": "ab" * 32,
        "seed": "seed",
        "verified": "yes",
        "flags": "gap before",
        "received_at": "2025-06-15T15:06:42.000000Z",
    }
    assert (bare["crash_point"], bare["crashed_at"], bare["verified"]) == ("1.00", "", "unknown")


def test_jsonl_holds_numbers_and_nulls(stored: StoredRounds, conn: apsw.Connection, out: Path) -> None:
    stored.commit([BARE, FULL])
    bare, full = exported(conn, out, "jsonl")
    assert (full["crash_point"], full["stake_minor"]) == (1234.56, 2**53)
    assert full["crashed_at"] == "2025-06-15T15:06:41.500001Z"
    assert (bare["origin"], bare["crashed_at"], bare["players_total"]) == ("import", None, None)


def test_xlsx_holds_numbers_and_iso_text(stored: StoredRounds, conn: apsw.Connection, out: Path) -> None:
    stored.commit([BARE, FULL])
    bare, full = exported(conn, out, "xlsx")
    assert (full["crash_point"], full["payout_minor"], full["origin"]) == (1234.56, 900, "replay")
    assert full["stake_minor"] == 2**53
    assert full["crashed_at"] == "2025-06-15T15:06:41.500001Z"
    assert bare["crashed_at"] is None


def test_parquet_is_typed(stored: StoredRounds, conn: apsw.Connection, out: Path) -> None:
    stored.commit([BARE, FULL])
    bare, full = exported(conn, out, "parquet")
    assert str(full["crash_point"]) == "1234.56"
    assert full["crashed_at"].isoformat() == "2025-06-15T15:06:41.500001+00:00"
    assert (full["stake_minor"], bare["stake_minor"]) == (2**53, None)


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_empty_database_gives_an_empty_file(conn: apsw.Connection, out: Path, ending: str) -> None:
    assert exported(conn, out, ending) == []


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("origin", list(Origin))
def test_every_row_says_where_it_comes_from(
    stored: StoredRounds, conn: apsw.Connection, out: Path, ending: str, origin: Origin
) -> None:
    stored.commit([a_round(1, origin=origin)])
    assert exported(conn, out, ending)[0]["origin"] == origin.name.lower()


@pytest.mark.parametrize("ending", ENDINGS)
def test_batches_join_without_a_seam(
    stored: StoredRounds,
    conn: apsw.Connection,
    out: Path,
    ending: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export_module, "BATCH_ROWS", 7)
    untimed = [
        Round(
            bookmaker="Admiral",
            round_id=f"u{number}",
            crash_centi=200,
            received_at_us=START_US,
            origin=Origin.IMPORT,
        )
        for number in range(16)
    ]
    # Several rounds of one moment lie across the border of a batch.
    timed = [a_round(number // 5) for number in range(30)]
    timed = [Round(**{**_fields(one), "round_id": f"t{number}"}) for number, one in enumerate(timed)]
    stored.commit([*timed, *untimed, *(a_round(number, "Mozzart") for number in range(14))])
    rows = exported(conn, out, ending)
    assert ids(rows[:16]) == [f"u{number}" for number in range(16)]
    assert ids(rows[16:46]) == [f"t{number}" for number in range(30)]
    assert ids(rows[46:]) == [str(number) for number in range(14)]


def _fields(one: Round) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__struct_fields__}


def test_a_range_leaves_out_what_is_older_and_what_has_no_time(
    stored: StoredRounds, conn: apsw.Connection, out: Path
) -> None:
    hour_us = 3_600_000_000
    stored.commit([BARE, *(a_round(number) for number in (0, 1, 2, 180))])

    def now() -> int:
        return START_US + 20_000_000 + hour_us

    assert ids(exported(conn, out, "csv", "1h", now=now)) == ["1", "2", "180"]
    assert ids(exported(conn, out, "csv", "6h", now=now)) == ["0", "1", "2", "180"]
    assert ids(exported(conn, out, "csv", "all", now=now)) == ["bare", "0", "1", "2", "180"]


def test_one_bookmaker_can_be_chosen(stored: StoredRounds, conn: apsw.Connection, out: Path) -> None:
    stored.commit([a_round(1), a_round(2, "Mozzart"), a_round(3)])
    assert ids(exported(conn, out, "csv", "all", "Mozzart")) == ["2"]
    assert ids(exported(conn, out, "csv")) == ["1", "3", "2"]


def test_an_unknown_bookmaker_names_the_nearest(
    stored: StoredRounds, conn: apsw.Connection, out: Path
) -> None:
    stored.commit([a_round(1), a_round(2, "Mozzart")])
    with pytest.raises(UsageError, match="no bookmaker 'mozart' in the database; the nearest is 'Mozzart'"):
        export(conn, out.with_suffix(".csv"), "all", "mozart")
    assert list(out.parent.iterdir()) == []


def test_an_unknown_ending_names_the_four(conn: apsw.Connection, out: Path) -> None:
    with pytest.raises(UsageError, match=r"\.csv, \.jsonl, \.xlsx, \.parquet"):
        export(conn, out.with_suffix(".txt"))


def test_an_unknown_range_names_the_known_ones(conn: apsw.Connection, out: Path) -> None:
    with pytest.raises(UsageError, match="1h, 6h, 24h, 3d, 7d, 30d, all"):
        export(conn, out.with_suffix(".csv"), "2h")


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_a_text_from_outside_never_becomes_a_formula(
    stored: StoredRounds, conn: apsw.Connection, out: Path, start: str
) -> None:
    evil = f"{start}HYPERLINK(1)"
    stored.commit([Round(**{**_fields(a_round(1)), "round_id": evil})])
    assert exported(conn, out, "csv")[0]["round_id"] == "'" + evil
    (out.with_suffix(".csv")).unlink()
    assert exported(conn, out, "xlsx")[0]["round_id"] == evil
    (out.with_suffix(".xlsx")).unlink()
    assert exported(conn, out, "jsonl")[0]["round_id"] == evil


def test_more_rounds_than_a_sheet_holds_are_refused_before_any_is_written(
    stored: StoredRounds, conn: apsw.Connection, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.commit([a_round(1), a_round(2), a_round(3, "Mozzart")])
    monkeypatch.setattr(export_formats, "XLSX_ROWS", 3)
    assert len(exported(conn, out, "xlsx")) == 3
    monkeypatch.setattr(export_formats, "XLSX_ROWS", 2)
    before = out.with_suffix(".xlsx").read_bytes()
    with pytest.raises(ExportError, match="export to csv or parquet"):
        export(conn, out.with_suffix(".xlsx"))
    assert out.with_suffix(".xlsx").read_bytes() == before
    assert len(exported(conn, out, "xlsx", "all", "Admiral")) == 2


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_export_that_fails_leaves_the_older_file_and_nothing_else(
    stored: StoredRounds,
    conn: apsw.Connection,
    out: Path,
    ending: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored.commit([a_round(number) for number in range(10)])
    path = out.with_suffix(f".{ending}")
    path.write_bytes(b"older")
    monkeypatch.setattr(export_module, "BATCH_ROWS", 4)
    in_words, calls = export_module._in_words, iter(range(99))

    def fail_later(row: Any) -> Any:
        if next(calls) == 6:
            raise OSError(28, "No space left on device")
        return in_words(row)

    monkeypatch.setattr(export_module, "_in_words", fail_later)
    with pytest.raises(ExportError, match="No space left on device"):
        export(conn, path)
    assert path.read_bytes() == b"older"
    assert list(out.parent.iterdir()) == [path]


def test_a_missing_directory_is_told(conn: apsw.Connection, out: Path) -> None:
    with pytest.raises(ExportError, match="cannot be written"):
        export(conn, out.parent / "nowhere" / "rounds.csv")


def test_no_transaction_stays_open_between_batches(
    stored: StoredRounds, conn: apsw.Connection, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.commit([a_round(number) for number in range(10)])
    monkeypatch.setattr(export_module, "BATCH_ROWS", 4)
    write, busy = export_formats.CsvFormat.write, []

    def write_and_checkpoint(self: export_formats.CsvFormat, rows: list[export_formats.Row]) -> None:
        write(self, rows)
        checkpointer = apsw.Connection(str(stored.path))
        busy.append(next(checkpointer.execute("PRAGMA wal_checkpoint(TRUNCATE)"))[0])
        checkpointer.close()

    monkeypatch.setattr(export_formats.CsvFormat, "write", write_and_checkpoint)
    export(conn, out.with_suffix(".csv"))
    assert busy == [0, 0, 0]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_memory_does_not_grow_with_the_number_of_rounds(
    stored: StoredRounds,
    conn: apsw.Connection,
    out: Path,
    ending: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(export_module, "BATCH_ROWS", 100)

    def peak(count: int) -> int:
        stored.commit([a_round(number) for number in range(count)])
        tracemalloc.start()
        try:
            export(conn, out.with_suffix(f".{ending}"))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)  # what is imported and cached once
    assert peak(8_000) < peak(1_000) * 1.5 + 100_000


def test_the_libraries_of_the_formats_are_imported_only_when_used() -> None:
    script = (
        "import sys, data_layer.database.export\n"
        "print([name for name in ('xlsxwriter', 'openpyxl', 'pyarrow', 'numpy') if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[3]
    ran = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
