"""200 random kill -9 under load: what is lost, what is stored twice. Both have to be nothing."""

import tempfile
from pathlib import Path

from benchmarks.harness import Figure, at_most
from benchmarks.kill_sweep import sweep

KILLS, ROUNDS = 200, 150_000
QUICK_KILLS, QUICK_ROUNDS = 4, 2_000
SEED = 20_260_101


def run(quick: bool) -> list[Figure]:
    """Run one sweep. What was found wrong is in the figure's name, because it is what one wants to know."""
    kills = QUICK_KILLS if quick else KILLS
    with tempfile.TemporaryDirectory() as directory:
        result = sweep(Path(directory), kills=kills, rounds=QUICK_ROUNDS if quick else ROUNDS, seed=SEED)
    killed = ", ".join(f"{target} {count}" for target, count in sorted(result.kills.items()))
    faults = "".join(f"; {fault}" for fault in result.faults)
    return [
        Figure(
            name=f"rounds lost or doubled in {kills} kills ({killed}){faults}",
            value=float(len(result.faults)),
            unit="faults",
            yardstick="rounds compared one by one with what their sources tell",
            yardstick_value=float(result.rounds),
            target=at_most(0),
        )
    ]
