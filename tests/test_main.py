"""The commands as a user has them: real processes, real files."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from tests.commands import (
    MAIN,
    PATIENCE_S,
    SIMULATED,
    Run,
    command,
    environ,
    is_up,
    run,
    running,
    started,
    wait_for,
)
from tests.redis_server import free_port

__all__ = ["environ", "run"]  # fixtures

REPLAYED = """
[[bookmakers]]
name = "Recorded"
source = { kind = "replay", path = "rounds.csv", speed = 0 }
"""


def test_importing_main_loads_nothing_of_the_project_and_nothing_large() -> None:
    program = "import sys; before = set(sys.modules); import main; print(*set(sys.modules) - before)"
    found = subprocess.run(
        [sys.executable, "-c", program], cwd=MAIN.parent, capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in found.stdout.split()}
    assert "main" in loaded
    assert not loaded & {"config", "data_layer", "gui", "orchestration", "terminal", "utils"}
    assert not loaded & {
        "PySide6",
        "typer",
        "rich",
        "pydantic",
        "msgspec",
        "apsw",
        "numpy",
        "redis",
        "asyncio",
    }


def test_a_timed_run_prints_one_json_object_of_what_it_did(run: Run) -> None:
    found = run("headless", "--duration", "1", "--json")
    assert (found.returncode, found.stderr) == (0, "")
    report = json.loads(found.stdout)
    assert report["started_at"].endswith("Z")
    assert report["duration_s"] >= 1
    names = ["received", "committed", "duplicates", "quarantined", "outbox", "restarts"]
    assert list(report)[2:] == [*names, "bookmakers"]
    assert list(report["bookmakers"]) == ["Admiral", "Моцарт / ..?"]
    assert all(list(counts) == names for counts in report["bookmakers"].values())
    assert report["committed"] == sum(counts["committed"] for counts in report["bookmakers"].values())


def test_a_run_ends_when_every_finite_source_has(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(REPLAYED)
    rows = [f"{number},{crash}" for number, crash in enumerate(["1.00", "2.35", "oops", "17", "1.5"], 1)]
    (tmp_path / "rounds.csv").write_text("\n".join(["id,crash point", *rows]))
    found = run("headless", "--until-exhausted", "--json")
    assert found.returncode == 0, found.stderr
    report = json.loads(found.stdout)
    assert [report[name] for name in ("received", "committed", "quarantined", "outbox")] == [5, 4, 1, 0]

    again = json.loads(run("headless", "--until-exhausted", "--json").stdout)
    assert [again[name] for name in ("committed", "duplicates", "quarantined")] == [0, 0, 0]

    stats = json.loads(run("stats", "--range", "all", "--json").stdout)
    assert stats["bookmakers"][0]["count"] == 4
    assert stats["bookmakers"][0]["origins"] == ["replay"]


def test_a_source_that_cannot_be_read_ends_the_run_with_one_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(REPLAYED)
    (tmp_path / "rounds.csv").write_text("nothing\nof the kind\n")
    found = run("headless", "--until-exhausted", "--json")
    assert found.returncode == 1
    assert json.loads(found.stdout)["received"] == 0
    assert found.stderr.splitlines()[-1].startswith("aviator: Recorded: ")


def test_waiting_for_the_end_of_endless_sources_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(SIMULATED.replace(", rounds = 300", ""), encoding="utf-8")
    found = run("headless", "--until-exhausted")
    assert found.returncode == 2
    assert found.stderr == (
        "aviator: --until-exhausted: no enabled bookmaker has a source that ends by itself\n"
    )
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [("headless", 1), ("stats", 1), ("export --out x.csv", 1), ("backup x.db", 1), ("diagnose", 2),
     ("import old.csv --bookmaker Old", 1)],
)  # fmt: skip
def test_a_database_of_a_newer_version_is_refused_and_nothing_is_touched(
    run: Run, tmp_path: Path, words: str, code: int
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "old.csv").write_text("id,crash\n1,1.5\n2,2.5\n")
    database = apsw.Connection(str(data / "aviator.db"))
    database.pragma("journal_mode", "wal")
    database.pragma("user_version", 99)
    database.close()
    (data / "aviator.db-shm").write_bytes(b"as it was")
    before = contents(data)
    found = run(*words.split())
    assert found.returncode == code
    assert "use the newer program" in found.stderr + found.stdout
    assert contents(data) == before


def contents(directory: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in directory.iterdir() if path.name.startswith("aviator.db")
    }


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: signals")
def test_a_redis_that_is_enabled_and_away_is_told_and_stops_nothing(
    run: Run, tmp_path: Path, environ: dict[str, str]
) -> None:
    away = {"REDIS_ENABLED": "1", "REDIS_PORT": str(free_port())}
    with running(tmp_path, {**environ, **away}) as process:
        assert process.stderr is not None
        told = process.stderr.readline()
        wait_for(lambda: is_up(tmp_path, "Admiral"))  # so its rounds had nowhere to go
        process.send_signal(signal.SIGTERM)
        told += process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 0
    assert told.count("cannot be reached") == 1  # for all processes
    assert "Traceback" not in told
    assert "falling back to the database" in run("diagnose", **away).stdout


def test_with_no_bookmaker_it_still_runs_and_ends(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("")
    found = run("headless", "--duration", "0.5", "--json")
    assert (found.returncode, found.stderr) == (0, "")
    assert json.loads(found.stdout)["bookmakers"] == {}


@pytest.mark.skipif(sys.platform == "win32", reason="only on POSIX: signals")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_a_run_after_what_is_recorded_is_stored(
    run: Run, tmp_path: Path, environ: dict[str, str], number: str
) -> None:
    with running(tmp_path, environ) as process:
        wait_for(lambda: is_up(tmp_path, "Admiral"))
        process.send_signal(getattr(signal, number))
        out, error = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, error) == (0, "")
    assert json.loads(out)["bookmakers"]["Admiral"]["committed"] == 300
    assert run("status").returncode == 3


def test_a_running_instance_is_seen_fed_copied_and_not_doubled(
    run: Run, tmp_path: Path, environ: dict[str, str]
) -> None:
    (tmp_path / "old.csv").write_text("id,crash\n" + "".join(f"{number},1.5\n" for number in range(100)))
    with running(tmp_path, environ) as process:
        wait_for(lambda: is_up(tmp_path, "Admiral"))
        second = run("headless", "--duration", "1")
        assert (second.returncode, second.stdout) == (1, "")
        assert f"process {process.pid}" in second.stderr
        assert len(second.stderr.splitlines()) == 1

        imported = run("import", "old.csv", "--bookmaker", "Old", "--json")
        assert json.loads(imported.stdout)["committed"] == 100, imported.stderr
        assert run("diagnose").returncode == 0
        assert run("backup", "copy.db").returncode == 0
        refused = run("restore", "copy.db")
        assert refused.returncode == 1
        assert f"process {process.pid}" in refused.stderr
    stats = run("stats", "--range", "all", "--bookmaker", "Old")
    assert "import" in stats.stdout
    wait_for(lambda: run("restore", "copy.db").returncode == 0)


def test_status_shows_the_newest_recorded_rounds(run: Run, tmp_path: Path, environ: dict[str, str]) -> None:
    (tmp_path / "old.csv").write_text("id,crash\n1,7.77\n2,1.23\n", encoding="utf-8")
    assert run("import", "old.csv", "--bookmaker", "Моцарт / ..?").returncode == 0
    with running(tmp_path, environ):
        wait_for(lambda: is_up(tmp_path))
        row = next(line for line in run("status", COLUMNS="200").stdout.splitlines() if "Моцарт" in line)
    assert "7.77" in row


def test_nothing_running_is_an_exit_code_of_its_own(run: Run, tmp_path: Path) -> None:
    found = run("status")
    assert (found.returncode, found.stdout) == (3, "")
    assert found.stderr == f"aviator: no instance is running on {tmp_path / 'data'}\n"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["statsu"], "No such command 'statsu'"),
        (["stats", "--range", "9h"], "--range 9h: is none of 1h, 6h, 24h, 3d, 7d, 30d, all"),
        (["headless", "--duration", "soon"], "Invalid value for '--duration'"),
        (["headless", "--nope"], "No such option: --nope"),
        (["import", "gone.csv", "--bookmaker", "A"], "no such file: gone.csv"),
        (["restore", "gone.db"], "no such file: gone.db; nothing was restored"),
        (["import", "..", "--bookmaker", "A"], ".. is not a file"),
        (["import", "a.toml"], "Missing option '--bookmaker'"),
        (["import", "a.toml", "--bookmaker", "A", "--mapping", "crash"], "--mapping crash: is no FIELD="),
        (["import", "a.toml", "--bookmaker", "admiral"], "--bookmaker admiral: differs only in case"),
        (["import", "a.toml", "--bookmaker", "A\nB"], "--bookmaker: "),
        (["backup", "copy.db"], "there is no database"),
        (["--log-level", "loud", "stats"], 'command line, --log-level: log_level: "loud" is none of'),
    ],
)  # fmt: skip
def test_words_that_do_not_fit_are_one_line_and_start_nothing(
    run: Run, tmp_path: Path, words: list[str], line: str
) -> None:
    found = run(*words)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.startswith(f"aviator: {line}")
    assert len(found.stderr.splitlines()) == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("words", [[], ["headless"], ["status"], ["stats"]])
def test_a_wrong_configuration_is_told_line_by_line_and_starts_nothing(
    run: Run, tmp_path: Path, words: list[str]
) -> None:
    (tmp_path / "a.toml").write_text("data_dirr = 3\n[redis]\nport = 0\n")
    found = run(*words, REDIS_PASSWORD="geheim")
    assert (found.returncode, found.stdout) == (2, "")
    assert sorted(found.stderr.splitlines()) == [
        "aviator: a.toml, line 1: data_dirr: is no setting; nearest valid: data_dir",
        "aviator: a.toml, line 3: redis.port: 0 is below 1; nearest valid: 1",
    ]
    assert not (tmp_path / "data").exists()


def test_a_recording_that_is_not_there_starts_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(REPLAYED)
    found = run("headless", "--duration", "1")
    assert found.returncode == 2
    assert 'a.toml, line 4: bookmakers["Recorded"].source.path: no such file' in found.stderr
    assert not (tmp_path / "data").exists()


def test_without_a_display_the_window_is_the_terminal_view(
    run: Run, tmp_path: Path, environ: dict[str, str]
) -> None:
    if sys.platform in ("win32", "darwin"):
        pytest.skip("only on systems that can be without a display")
    with started(command(), tmp_path, environ) as process:
        wait_for(lambda: is_up(tmp_path))
        process.terminate()
        out, error = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0
    assert error.startswith("aviator: there is no display")
    assert "Admiral" in out


def test_a_reader_that_has_had_enough_ends_a_command_quietly(
    run: Run, tmp_path: Path, environ: dict[str, str]
) -> None:
    run("headless", "--until-exhausted")
    with subprocess.Popen(
        command("stats", "--json"), cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_trace_is_shown_only_when_asked_for(run: Run, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the directory should be")
    plain = run("headless", "--duration", "1")
    assert (plain.returncode, len(plain.stderr.splitlines())) == (1, 1)
    traced = run("headless", "--duration", "1", "--log-level", "debug")
    assert traced.returncode == 1
    assert "Traceback" in traced.stderr
    assert traced.stderr.splitlines()[-1] == plain.stderr.strip()


def test_rounds_go_out_and_come_back_in(run: Run, tmp_path: Path) -> None:
    assert run("headless", "--until-exhausted").returncode == 0
    exported = run("export", "--out", "all.csv", "--bookmaker", "Admiral")
    assert exported.returncode == 0, exported.stderr
    assert len((tmp_path / "all.csv").read_text(encoding="utf-8").splitlines()) == 301
    back = run("import", "all.csv", "--bookmaker", "Copy")
    assert back.returncode == 0, back.stderr
    assert "300 committed" in back.stdout


def test_a_recording_without_one_good_row_is_a_failure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text("id,crash_point\n1,0.5\n2,-3\n")
    found = run("import", "bad.csv", "--bookmaker", "A", "--mapping", "crash_point=crash_point,round_id=id")
    assert found.returncode == 1
    assert "2 quarantined" in found.stdout
    assert len(found.stderr.splitlines()) == 1


def test_every_command_explains_itself_and_names_the_common_options(run: Run) -> None:
    names = ["headless", "status", "stats", "diagnose", "import", "export", "backup", "restore"]
    overview = run("--help").stdout
    for name in names:
        assert name in overview
        found = run(name, "--help")
        assert found.returncode == 0
        assert "--data-dir" in found.stdout
