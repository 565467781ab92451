"""Rounds of another machine while the primary of a replicated Redis changes under them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.orchestration.remote.rig import TwoMachines
from tests.redis_server import SentinelSetup, needs_redis_server

pytestmark = needs_redis_server


@pytest.fixture
def sentinel(tmp_path: Path) -> Iterator[SentinelSetup]:
    setup = SentinelSetup(tmp_path)
    try:
        setup.start()
        yield setup
    finally:
        setup.close()


@pytest.fixture
def machines(tmp_path: Path, sentinel: SentinelSetup) -> Iterator[TwoMachines]:
    both = TwoMachines(tmp_path, sentinel.target)
    yield both
    both.close()


def test_ordered_failovers_cost_no_round(machines: TwoMachines, sentinel: SentinelSetup) -> None:
    machines.start()
    for rounds in (200, 3_000):
        machines.until_stored(rounds)
        sentinel.failover()
    machines.until_everything_is_stored()


def test_a_killed_primary_costs_no_round(machines: TwoMachines, sentinel: SentinelSetup) -> None:
    machines.start()
    machines.until_stored(200)
    primary = sentinel.primary()
    primary.kill()
    sentinel.wait_for_other_primary(primary.port)
    stored = machines.stored()
    machines.until_stored(stored + 1)
    primary.start()
    machines.until_everything_is_stored()
