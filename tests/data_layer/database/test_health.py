from pathlib import Path

import apsw
import pytest

from data_layer.database import health, schema
from data_layer.database.health import look_at
from tests.data_layer.stored_rounds import StoredRounds, a_round


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "aviator.db"


def store(db: Path, count: int) -> None:
    stored = StoredRounds(db)
    stored.commit([a_round(number) for number in range(1, count + 1)])
    stored.commit([a_round(1)])
    stored.close()


def test_a_database_that_is_not_there_yet_is_healthy(db: Path) -> None:
    found = look_at(db)
    assert (found.exists, found.state, found.integrity) == (False, "healthy", "not checked")
    assert not db.exists()


def test_a_sound_database_is_described(db: Path) -> None:
    store(db, 3)
    found = look_at(db)
    assert (found.state, found.integrity, found.faults, found.remarks) == ("healthy", "sound", (), ())
    assert (found.rounds, found.bookmakers, found.duplicates, found.quarantined) == (3, 1, 1, 0)
    assert found.schema_version == found.newest_schema_version == schema.SCHEMA_VERSION
    assert found.library_version == apsw.sqlite_lib_version()
    assert found.size_bytes == db.stat().st_size


def test_a_database_in_use_can_be_looked_at(db: Path) -> None:
    stored = StoredRounds(db)
    stored.commit([a_round(1)])
    found = look_at(db)
    stored.commit([a_round(2)])
    stored.close()
    assert (found.state, found.rounds) == ("healthy", 1)
    assert found.wal_bytes > 0


def test_damage_is_found_and_nothing_is_changed(db: Path) -> None:
    store(db, 2000)
    with db.open("rb+") as file:
        file.seek(db.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xa5" * 8192)
    before = db.read_bytes()
    found = look_at(db)
    assert (found.state, found.integrity) == ("broken", "damaged")
    assert found.faults
    assert db.read_bytes() == before


def test_a_file_that_is_no_database_is_broken(db: Path) -> None:
    db.write_bytes(b"no database at all" * 1000)
    found = look_at(db)
    assert (found.state, found.exists) == ("broken", True)
    assert db.read_bytes() == b"no database at all" * 1000


def test_a_newer_schema_is_broken_and_left_alone(db: Path) -> None:
    store(db, 1)
    conn = apsw.Connection(str(db))
    conn.pragma("user_version", schema.SCHEMA_VERSION + 1)
    conn.close()
    before = db.read_bytes()
    found = look_at(db)
    assert found.state == "broken"
    assert "schema" in found.faults[0]
    assert db.read_bytes() == before


def test_a_check_that_takes_too_long_is_given_up_and_says_so(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(db, 2000)
    monkeypatch.setattr(health, "_STEPS_BETWEEN_LOOKS", 1)
    found = look_at(db, time_limit_s=-1.0)
    assert (found.integrity, found.state, found.rounds) == ("not finished", "healthy", 2000)


def test_an_overgrown_log_is_remarked(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_LARGE_WAL_BYTES", 1)
    stored = StoredRounds(db)
    stored.commit([a_round(1)])
    found = look_at(db)
    stored.close()
    assert found.state == "degraded"
    assert "log has grown" in found.remarks[0]
