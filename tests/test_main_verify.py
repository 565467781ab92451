"""`verify` on stored rounds as a user has it: beside an instance, without one, and killed in between."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import apsw
import psutil
import pytest

from data_layer.analytics.fairness.schemes import SCHEMES
from data_layer.database.connection import open_reader
from data_layer.database.verdicts import verification_counts
from tests.commands import PATIENCE_S, Run, command, environ, is_up, run, running, wait_for

__all__ = ["environ", "run"]  # fixtures

ROUNDS = 40_000
SCHEME = SCHEMES["stake"]
CONFIGURATION = """
[[bookmakers]]
name = "Site"
source = { kind = "replay", path = "site.csv", speed = 0 }
enabled = false
fairness = { scheme = "stake", commitment = "%s" }
[[bookmakers]]
name = "Ether"
source = { kind = "simulator", scheme = "ethercrash", speed = 0, rounds = 100 }
[[bookmakers]]
name = "Other"
source = { kind = "simulator", speed = 1 }
"""


@pytest.fixture
def site(run: Run, tmp_path: Path) -> Path:
    """Import hashed rounds of a chain, the last of them wrong; return the database."""
    hashes = SCHEME.chain.block("ab" * 32, ROUNDS)
    crash_centi = SCHEME.calculator()
    rows = [f"{n},{crash_centi(hash_) / 100:.2f},{hash_}\n" for n, hash_ in enumerate(hashes, start=1)]
    rows[-1] = f"{ROUNDS},31337.00,{hashes[-1]}\n"
    (tmp_path / "site.csv").write_text("round_id,crash_point,hash\n" + "".join(rows))
    (tmp_path / "a.toml").write_text(CONFIGURATION % SCHEME.previous(hashes[0]))
    imported = run("import", "site.csv", "--bookmaker", "Site", "--json")
    assert json.loads(imported.stdout)["committed"] == ROUNDS, imported.stderr
    return tmp_path / "data" / "aviator.db"


def counts(database: Path) -> tuple[int, int]:
    """Return right and wrong rounds as they are counted; they must be as a recount has it."""
    reader = open_reader(database)
    try:
        with reader:
            found = verification_counts(reader)["Site"]
            recounted = reader.execute(
                "SELECT ifnull(sum(verified = 1), 0), ifnull(sum(verified = 0), 0) FROM rounds"
                " WHERE bookmaker = 'Site'"
            ).fetchone()
        assert found == recounted
        return found
    finally:
        reader.close()


def version(database: Path) -> int:
    reader = open_reader(database)
    try:
        return int(reader.execute("SELECT version FROM state").get)
    finally:
        reader.close()


def verified(found: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert found.stderr == ""
    assert found.returncode == 1  # one round is wrong
    report: dict[str, Any] = json.loads(found.stdout)
    assert (report["rounds"], report["yes"], report["no"]) == (ROUNDS, ROUNDS - 1, 1)
    assert report["first_wrong"][0]["round_id"] == str(ROUNDS)
    assert report["commitment"] is True
    return report


def test_stored_rounds_are_marked_once_without_an_instance(run: Run, site: Path) -> None:
    assert verified(run("verify", "--bookmaker", "Site", "--json"))["changed"] == ROUNDS
    assert counts(site) == (ROUNDS - 1, 1)
    before = version(site)
    assert verified(run("verify", "--bookmaker", "Site", "--json"))["changed"] == 0
    assert version(site) == before
    text = run("verify", "--bookmaker", "Site", "--all").stdout
    assert f"Site, scheme stake: {ROUNDS - 1:,} of {ROUNDS:,} rounds verified" in text
    assert f"wrong: round {ROUNDS}, stored as 31,337.00x: its hash gives another crash point" in text
    assert "the chain leads to the commitment" in text


def test_verdicts_go_through_the_writer_of_a_running_instance(
    run: Run, site: Path, tmp_path: Path, environ: dict[str, str]
) -> None:
    with running(tmp_path, environ):
        wait_for(lambda: is_up(tmp_path, "Ether"))
        assert verified(run("verify", "--bookmaker", "Site", "--json"))["changed"] == ROUNDS
        assert counts(site) == (ROUNDS - 1, 1)
        assert verified(run("verify", "--bookmaker", "Site", "--json"))["changed"] == 0
        # The scheme and the salt of simulated rounds are known, and their worker has verified them.
        own = json.loads(run("verify", "--bookmaker", "Ether", "--json").stdout)
        assert (own["scheme"], own["yes"], own["changed"]) == ("ethercrash", 100, 0)


@pytest.mark.parametrize("with_instance", [False, True], ids=["without an instance", "with one"])
def test_a_kill_while_rounds_are_marked_loses_and_doubles_nothing(
    run: Run, site: Path, tmp_path: Path, environ: dict[str, str], with_instance: bool
) -> None:
    def interrupted() -> None:
        words = command("verify", "--bookmaker", "Site")
        with subprocess.Popen(words, cwd=tmp_path, env=environ, stdin=subprocess.DEVNULL) as process:
            verifying = psutil.Process(process.pid)

            def is_marking() -> bool:
                verifying.suspend()  # or it is at its end before a busy machine lets anybody look
                if counts(site)[0] > 0:
                    return True
                verifying.resume()
                return False

            try:
                wait_for(is_marking)
            finally:
                process.kill()
        right, wrong = counts(site)
        assert 0 < right < ROUNDS
        assert wrong <= 1
        verified(run("verify", "--bookmaker", "Site", "--json"))
        assert counts(site) == (ROUNDS - 1, 1)

    if with_instance:
        with running(tmp_path, environ):
            wait_for(lambda: is_up(tmp_path, "Ether"))
            interrupted()
    else:
        interrupted()
    connection = apsw.Connection(str(site))
    assert connection.pragma("integrity_check") == "ok"
    connection.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_long_walk_shows_how_far_it_is_and_ends_cleanly_when_interrupted(
    run: Run, tmp_path: Path, environ: dict[str, str]
) -> None:
    ours, theirs = os.openpty()
    words = command("verify", "--scheme", "stake", "--hash", "ab" * 32, "--to", "0" * 64)
    words += ["--at-most", "1000000000"]
    process = subprocess.Popen(
        words, cwd=tmp_path, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs
    )
    shown = b""
    try:
        os.close(theirs)
        while b"300,000 games walked" not in shown:
            shown += os.read(ours, 4_096)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=PATIENCE_S)
        with contextlib.suppress(OSError):  # how Linux tells the end of a pseudo-terminal
            while more := os.read(ours, 4_096):
                shown += more
    finally:
        process.kill()
        process.communicate()
        os.close(ours)
    assert (process.returncode, out) == (1, b"")
    assert shown.endswith(b"\r\x1b[K")
    assert b"Traceback" not in shown
