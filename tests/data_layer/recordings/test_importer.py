"""Whole files into a real database: counted exactly, never twice, whatever interrupts."""

import contextlib
import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import apsw
import pytest

from data_layer.database.writer import BatchDatabaseWriter
from data_layer.errors import SourceError
from data_layer.recordings.importer import DirectSink, ImportReport, import_file
from data_layer.recordings.socket_sink import DeliveryFailedError, SocketSink
from tests.orchestration.writer_peers import SECRET, WriterHouse


class House:
    """One database and imports into it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def imports(self, path: Path, timezone: str = "UTC") -> ImportReport:
        writer = BatchDatabaseWriter(self.path)
        try:
            return import_file(path, "Site", DirectSink(writer), timezone=timezone)
        finally:
            writer.close()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        connection = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return list(connection.execute(query))
        finally:
            connection.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "aviator.db")


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.rows, report.committed, report.duplicates, report.quarantined


@pytest.mark.parametrize(
    ("name", "rounds", "faults"),
    [
        ("bustabit_2537203-2553000.csv", 15_798, 0),
        ("onexbet_2025-08-31.json", 4_264, 0),
        ("jetx_unclean.db", 10_456, 2),
    ],
)
def test_a_recorded_file_is_imported_exactly_and_once(
    shared_data: Path, house: House, name: str, rounds: int, faults: int
) -> None:
    first = house.imports(shared_data / name)
    assert counts(first) == (rounds + faults, rounds, 0, faults)
    stored = house.rows("SELECT count(*), count(DISTINCT round_id), min(origin), max(origin) FROM rounds")
    assert stored == [(rounds, rounds, 4, 4)]
    again = house.imports(shared_data / name)
    assert counts(again) == (rounds + faults, 0, rounds, faults)
    assert house.rows("SELECT count(*) FROM rounds") == [(rounds,)]
    assert house.rows("SELECT count(*) FROM quarantine") == [(faults,)]
    assert house.rows("SELECT count FROM rollup_lifetime") == [(rounds,)]


def test_the_report_tells_each_kind_of_fault_once_with_count_and_place(
    shared_data: Path, house: House
) -> None:
    lines = house.imports(shared_data / "jetx_unclean.db").lines()
    assert lines[-1] == "quarantined: 2 x crash point is two numbers joined by U+2028, first in row 6281"
    assert lines[-2] == "10458 rows: 10456 committed, 0 duplicates, 2 quarantined"
    assert lines[1] == "mapping guessed: round_id = id; crash_point = value"
    assert house.rows("SELECT reason, place, raw FROM quarantine")[0] == (
        "crash point is two numbers joined by U+2028",
        "row 6281",
        "6281, 2.29\u20281.29",
    )


def test_bustabit_s_money_is_stored_in_satoshi(shared_data: Path, house: House) -> None:
    house.imports(shared_data / "bustabit_2537203-2553000.csv")
    query = "SELECT crash_centi, stake_minor, payout_minor, currency, crashed_at_us FROM rounds"
    stored = house.rows(query + " WHERE round_id = '2553000'")
    assert stored == [(161, 251_962 * 100, (251_962 - 228_962) * 100, "BITS", None)]


def test_recorded_times_are_stored_in_utc(shared_data: Path, house: House) -> None:
    house.imports(shared_data / "onexbet_2025-08-31.json", timezone="+02:00")
    (first,) = house.rows("SELECT min(crashed_at_us) FROM rounds")
    assert first == (1_756_676_871_000_000 - 2 * 3_600_000_000,)


def test_a_corrected_row_is_taken_in_by_the_next_import(tmp_path: Path, house: House) -> None:
    path = tmp_path / "r.csv"
    path.write_text("id,crash\n1,1.50\n2,oops\n3,2.50\n")
    assert counts(house.imports(path)) == (3, 2, 0, 1)
    path.write_text("id,crash\n1,1.50\n2,2.00\n3,2.50\n")
    assert counts(house.imports(path)) == (3, 1, 2, 0)


def test_a_round_that_contradicts_the_stored_one_is_told(tmp_path: Path, house: House) -> None:
    path = tmp_path / "r.csv"
    path.write_text("id,crash\n1,1.50\n2,2.00\n")
    house.imports(path)
    path.write_text("id,crash\n1,1.50\n2,2.01\n")
    report = house.imports(path)
    assert counts(report) == (2, 0, 1, 1)
    assert report.reasons[0].reason == "refused by the database"


def test_a_file_that_is_no_recording_leaves_no_trace(tmp_path: Path, house: House) -> None:
    path = tmp_path / "r.csv"
    path.write_text("name,town\nAna,Split\n")
    with pytest.raises(SourceError, match="give a mapping"):
        house.imports(path)
    assert house.rows("SELECT count(*) FROM rounds") == [(0,)]


def test_progress_is_told_in_rows(tmp_path: Path, house: House) -> None:
    path = long_file(tmp_path, 5_000)
    told: list[int] = []
    writer = BatchDatabaseWriter(house.path)
    import_file(path, "Site", DirectSink(writer), on_progress=told.append)
    writer.close()
    assert told[-1] == 5_000
    assert told == sorted(told)


def long_file(directory: Path, rows: int) -> Path:
    path = directory / "long.csv"
    faulty = {rows // 3, rows // 2}
    lines = (f"{n},{'x' if n in faulty else 1 + n % 700 / 100}" for n in range(1, rows + 1))
    path.write_text("id,crash\n" + "\n".join(lines) + "\n")
    return path


def import_and_tell(database: Path, path: Path, pipe: Connection) -> None:
    """Import in a process of its own, waiting after each step for a byte that never comes at the end."""

    def on_progress(rows: int) -> None:
        pipe.send_bytes(str(rows).encode())
        pipe.recv_bytes()

    writer = BatchDatabaseWriter(database)
    import_file(path, "Site", DirectSink(writer), on_progress=on_progress)


@pytest.mark.parametrize("killed_after", [20_000, 45_000])
def test_an_import_killed_at_any_moment_is_completed_by_the_next(
    tmp_path: Path, house: House, killed_after: int
) -> None:
    path = long_file(tmp_path, 60_000)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=import_and_tell, args=(house.path, path, theirs))
    process.start()
    theirs.close()
    while int(ours.recv_bytes()) < killed_after:
        ours.send_bytes(b"on")
    process.kill()
    process.join()
    process.close()
    ours.close()
    report = house.imports(path)
    assert report.rows == 60_000
    assert report.committed + report.duplicates == 59_998
    assert report.duplicates > 0
    assert house.rows("SELECT count(*) FROM rounds") == [(59_998,)]
    assert house.rows("SELECT count(*) FROM quarantine") == [(2,)]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[WriterHouse]:
    house = WriterHouse(tmp_path)
    yield house
    house.close()


def test_a_file_is_imported_through_the_writer_of_a_running_instance(
    shared_data: Path, running: WriterHouse
) -> None:
    path = shared_data / "jetx_unclean.db"
    for expected in ((10_458, 10_456, 0, 2), (10_458, 0, 10_456, 2)):
        sink = SocketSink(running.spec.address, SECRET)
        report = import_file(path, "JetX", sink)
        sink.close()
        sink.close()
        assert counts(report) == expected
    assert running.rows("SELECT count(*) FROM rounds") == [(10_456,)]
    assert running.rows("SELECT count(*) FROM quarantine") == [(2,)]


def test_a_writer_that_refuses_or_goes_away_fails_the_import_in_one_line(
    shared_data: Path, running: WriterHouse
) -> None:
    path = shared_data / "jetx_unclean.db"
    sink = SocketSink(running.spec.address, "another run's secret")
    with pytest.raises(DeliveryFailedError, match="refused"):
        import_file(path, "JetX", sink)
    sink.close()
    sink = SocketSink(running.spec.address, SECRET)
    import_file(path, "JetX", sink)
    running.child.kill()
    with pytest.raises(DeliveryFailedError, match="running instance"):
        import_file(path, "Other", sink)
    sink.close()
    with pytest.raises(DeliveryFailedError, match="cannot be reached"):
        SocketSink(running.spec.address, SECRET)


def test_a_file_with_the_longest_name_is_imported_directly_and_through_a_running_instance(
    tmp_path: Path, running: WriterHouse
) -> None:
    path = tmp_path / f"{'rounds of a year ' * 14}.csv"
    path.write_text("id,crash\n1,1.50\n2,2.50\n")
    with contextlib.closing(SocketSink(running.spec.address, SECRET)) as sink:
        assert counts(import_file(path, "Site", sink)) == (2, 2, 0, 0)
    assert counts(House(tmp_path / "another.db").imports(path)) == (2, 2, 0, 0)
