"""One thing after another goes wrong between two machines, in an order that chance decides."""

import contextlib
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import redis

from data_layer.cache.streams import GROUP
from tests.orchestration.remote.rig import TwoMachines, kill, load
from tests.redis_server import RedisServer, needs_redis_server

MISHAPS = 12


@needs_redis_server
@pytest.mark.parametrize("seed", [1, 2])
def test_no_sequence_of_mishaps_costs_or_doubles_a_round(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    server = RedisServer(tmp_path, persistent=True)
    machines = TwoMachines(tmp_path, server.target)
    try:
        server.start()
        machines.start(load(20_000))
        for _ in range(MISHAPS):
            time.sleep(chance.uniform(0.0, 0.4))  # load, not waiting: the moment of the mishap is random
            chance.choice(mishaps(machines, server, chance))()
        machines.until_everything_is_stored()
    finally:
        machines.close()
        server.close()


def mishaps(machines: TwoMachines, server: RedisServer, chance: random.Random) -> list[Callable[[], None]]:
    def kill_one(pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            if pid:
                kill(pid)

    def kill_a_worker() -> None:
        assert machines.remote is not None
        view = chance.choice(machines.remote.live_view.snapshot().workers)
        kill_one(view.status.pid)

    def restart_redis() -> None:
        server.kill()
        time.sleep(chance.uniform(0.0, 0.3))
        server.start()

    def freeze_redis() -> None:
        server.suspend()
        time.sleep(chance.uniform(0.0, 1.5))
        server.resume()

    def lose_some_entries() -> None:
        with server.client() as client:
            found = [entry for entry, _ in client.xrange("rounds:stream", count=20)]
            if found:
                client.xdel("rounds:stream", *chance.sample(found, (len(found) + 1) // 2))

    def lose_the_group() -> None:
        with contextlib.suppress(redis.ResponseError):  # there may be none at the moment
            server.command("XGROUP", "DESTROY", "rounds:stream", GROUP)

    def cut_connections() -> None:
        server.command("CLIENT", "KILL", "TYPE", "normal")

    return [
        lambda: kill_one(machines.writer().pid),
        lambda: kill_one(machines.relay().pid),
        kill_a_worker,
        restart_redis,
        freeze_redis,
        lose_some_entries,
        server.flush,
        lose_the_group,
        cut_connections,
    ]
