"""Workers that are none: a process that writes the live board as fifty busy ones would."""

import math
import random
import time
from pathlib import Path

from data_layer.messages import LiveState, Origin, Phase, WorkerState, WorkerStatus
from orchestration.live_board import LiveBoard
from utils import clock

TICK_S = 0.1  # a source speaks ten times a second

_ROUND_US = 2_000_000


def feed(path: str, count: int) -> None:
    """Be the workers: write every slot ten times a second, each time with something else in it."""
    board = LiveBoard.open(Path(path), readonly=False)
    rng = random.Random(7)
    begins_us = [clock.now_us() - rng.randrange(_ROUND_US) for _ in range(count)]
    rounds = [0] * count
    while True:
        for index in range(count):
            board.write_live(index, _live_state(index, begins_us, rounds))
            time.sleep(TICK_S / count)


def _live_state(index: int, begins_us: list[int], rounds: list[int]) -> LiveState:
    """Half a second of betting, a flight of one second, half a second after the crash."""
    now_us = clock.now_us()
    if now_us - begins_us[index] > _ROUND_US:
        begins_us[index], rounds[index] = now_us, rounds[index] + 1
    elapsed_us = now_us - begins_us[index]
    takes_off = begins_us[index] + 500_000
    phase, centi = Phase.BETTING, 0
    if elapsed_us >= 500_000:
        phase = Phase.FLYING if elapsed_us < 1_500_000 else Phase.CRASHED
        centi = round(100 * math.exp(min(elapsed_us - 500_000, 1_000_000) * (0.3 + index / 10) / 1_000_000))
    return LiveState(
        bookmaker=f"Bookmaker {index}",
        pid=1,
        heartbeat_us=clock.monotonic_us(),
        origin=Origin.SIMULATOR,
        phase=phase,
        round_id=str(rounds[index]),
        multiplier_centi=centi,
        phase_started_at_us=takes_off,
        phase_ends_at_us=takes_off if phase is Phase.BETTING else 0,
        observed_at_us=now_us,
        connected=True,
    )


def status(index: int) -> WorkerStatus:
    """Return what a supervisor would say of a worker that runs."""
    return WorkerStatus(
        bookmaker=f"Bookmaker {index}",
        group="A",
        state=WorkerState.RUNNING,
        reason="",
        since_us=clock.now_us(),
        pid=1,
    )
