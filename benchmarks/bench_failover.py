"""50 changes of the primary under Sentinel while another machine delivers: what is lost, what is doubled.

Redis copies to its replica without waiting, and a primary that is replaced goes on taking entries for a
while that nobody will ever read. So every change loses some of what is under way. Two sources deliver without
an end, one from its outbox and one that is read again; every third change is a kill -9 of the primary, the
others are ordered. At the end every round is compared with what the sources tell, and every rollup with a
recount.
"""

import shutil
import tempfile
import time
from pathlib import Path

from benchmarks.harness import Figure, at_most
from benchmarks.kill_sweep import compare
from config.specs import BettingSpec, BookmakerSpec, SimulatorSpec
from data_layer.messages import LogLine
from orchestration.engine import Engine
from tests.redis_server import SentinelSetup

FAILOVERS = 50
QUICK_FAILOVERS = 3
KILL_EVERY = 3

_BETWEEN_ROUNDS = 200  # stored between two changes, at least
_WAIT_S = 120.0


def run(quick: bool) -> list[Figure]:
    """Run once. What was found wrong is in the figure's name, because it is what one wants to know."""
    if shutil.which("redis-server") is None:
        raise FileNotFoundError("no redis-server on this machine")
    failovers = QUICK_FAILOVERS if quick else FAILOVERS
    with tempfile.TemporaryDirectory() as directory:
        faults, stored, repeats = _run(Path(directory), failovers)
    return [
        Figure(
            name=f"rounds lost or doubled in {failovers} failovers, {repeats} times some had to be sent again"
            + "".join(f"; {fault}" for fault in faults),
            value=float(len(faults)),
            unit="faults",
            yardstick="rounds compared one by one with what their sources tell",
            yardstick_value=float(stored),
            target=at_most(0),
        )
    ]


def _run(directory: Path, failovers: int) -> tuple[list[str], int, int]:
    """Return what is wrong, how many rounds are stored, and how often a relay noticed a loss."""
    betting = BettingSpec(bankroll_minor=10**12)
    specs = [
        BookmakerSpec(name="Steady", source=SimulatorSpec(seed="s", speed=2_000.0), betting=betting),
        BookmakerSpec(name="Quick", source=SimulatorSpec(seed="q", speed=20_000.0), betting=betting),
    ]
    sentinel = SentinelSetup(directory)
    central = Engine(directory / "central", [], command="benchmark", redis=sentinel.target)
    remote = Engine(directory / "remote", specs, command="worker", redis=sentinel.target, through_redis=True)
    try:
        sentinel.start()
        central.start()
        remote.start()
        repeats: list[LogLine] = []
        remote.log_tap.subscribe(lambda line: repeats.append(line) if "sent again" in line.text else None)
        for number in range(1, failovers + 1):
            _until_more(central, _BETWEEN_ROUNDS)
            if number % KILL_EVERY:
                sentinel.failover()
                continue
            primary = sentinel.primary()
            primary.kill()
            sentinel.wait_for_other_primary(primary.port)
            primary.start()
        _until_more(central, _BETWEEN_ROUNDS)
        remote.stop(drain_s=_WAIT_S)
        undelivered = sum(
            view.live.outbox for view in remote.live_view.snapshot().workers if view.live is not None
        )
        central.stop()
        faults, stored = compare(directory / "central" / "aviator.db", specs)
        if stored < failovers * _BETWEEN_ROUNDS:
            faults.append(f"only {stored} rounds")
        if undelivered:
            faults.append(f"{undelivered} rounds were not delivered at the end")
        return faults, stored, len(repeats)
    finally:
        remote.stop(0.0)
        central.stop(0.0)
        sentinel.close()


def _until_more(central: Engine, rounds: int) -> None:
    """Wait until the writer has stored so many rows more."""
    first = _rows(central)
    deadline = time.monotonic() + _WAIT_S
    while _rows(central) < first + rounds:
        if time.monotonic() > deadline:
            raise TimeoutError(f"only {_rows(central) - first} rows were stored in {_WAIT_S:.0f} s")
        time.sleep(0.02)


def _rows(central: Engine) -> int:
    writer = central.live_view.snapshot().writer
    return 0 if writer is None else writer.rows
