"""A dozen random kill -9 under load, by each start method; the benchmark does two hundred."""

import sys
from pathlib import Path

import pytest

from benchmarks.kill_sweep import sweep
from orchestration.processes import StartMethod


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("method", "kills"), [("forkserver", 12), ("spawn", 6)] if sys.platform == "linux" else [("spawn", 12)]
)
def test_nothing_is_lost_and_nothing_stored_twice_whatever_is_killed(
    tmp_path: Path, method: StartMethod, kills: int
) -> None:
    result = sweep(tmp_path, kills=kills, rounds=10_000, seed=kills, start_method=method)
    assert result.faults == []
    assert result.kills.total() >= kills
    assert result.rounds > 20_000
