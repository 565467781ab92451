"""Random kill -9 under load, and the proof that nothing was lost and nothing stored twice.

The sources are deterministic, so the truth is known: a simulator of a seed plays the same rounds for ever, a
recording has its rows. Whatever was killed how often, the database must hold rounds 1 to n of each, without
a hole, each once, and its rollups must equal a recount of the rows.
"""

import asyncio
import contextlib
import itertools
import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import apsw
import psutil

from config.specs import BettingSpec, BookmakerSpec, ReplaySpec, SimulatorSpec, SourceSpec
from data_layer.errors import AviatorError
from data_layer.messages import WorkerState
from orchestration.backoff import BackoffPolicy
from orchestration.engine import Engine
from orchestration.live_board import LiveBoard
from orchestration.processes import StartMethod
from orchestration.sources.base import FinishedRound, Pacer, RejectedInput
from orchestration.sources.factory import make_source
from orchestration.supervised_child import SupervisionPolicy

# As the product, but for the delays between tries: a sweep kills each worker every few seconds.
POLICY = SupervisionPolicy(backoff=BackoffPolicy(initial_s=0.02, ceiling_s=0.1, healthy_s=0.5))

TARGETS = ("worker", "writer", "parent", "everything")
_WEIGHTS = (6, 4, 2, 2)
_EXHAUST_S = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SweepResult:
    """What was killed, and what was found wrong afterwards (nothing, if all is well)."""

    kills: Counter[str]
    rounds: int
    duration_s: float
    faults: list[str] = field(default_factory=list)


def bookmakers(directory: Path, rounds: int) -> list[BookmakerSpec]:
    """Return the load: two sources with an outbox that never end, and two re-read ones of `rounds` rounds."""
    recording = directory / "recording.csv"
    rng = random.Random(rounds)
    with recording.open("w", encoding="utf-8") as file:
        file.write("game_id,crash_point,timestamp\n")
        for number in range(1, rounds + 1):
            crash = "NaN" if number % 997 == 0 else f"{max(1.0, 0.99 / (1.0 - rng.random())):.2f}"
            file.write(f"{number},{crash},{1_700_000_000 + number * 20}\n")
    sources: dict[str, SourceSpec] = {
        "Quick": SimulatorSpec(seed="quick", speed=20_000.0),
        "Steady": SimulatorSpec(seed="steady", speed=400.0),
        "Rushing": SimulatorSpec(seed="rushing", speed=0.0, rounds=rounds),
        "Replay": ReplaySpec(path=recording, speed=0.0),
    }
    betting = BettingSpec(bankroll_minor=10**12)  # enough for a bet on every round
    return [BookmakerSpec(name=name, source=source, betting=betting) for name, source in sources.items()]


def sweep(
    directory: Path, *, kills: int, rounds: int, seed: int, start_method: StartMethod | None = None
) -> SweepResult:
    """Run the load in `directory`, kill something `kills` times, let it end in order and compare."""
    rng = random.Random(seed)
    data_dir = directory / "data"
    specs = bookmakers(directory, rounds)
    killed: Counter[str] = Counter()
    started = time.monotonic()
    instance = _Instance(data_dir, specs, start_method)
    try:
        while killed.total() < kills:
            time.sleep(rng.uniform(0.0, 0.3))
            [target] = rng.choices(TARGETS, _WEIGHTS)
            if instance.kill(target, rng):
                killed[target] += 1
            if not instance.lives():
                instance.bury()
                instance = _Instance(data_dir, specs, start_method)
        instance.end_in_order()
    finally:
        instance.bury()
    faults, stored = compare(data_dir / "aviator.db", specs)
    return SweepResult(kills=killed, rounds=stored, duration_s=time.monotonic() - started, faults=faults)


class _Instance:
    """A whole instance in a process that can be killed."""

    def __init__(
        self, data_dir: Path, specs: Sequence[BookmakerSpec], start_method: StartMethod | None
    ) -> None:
        self._data_dir = data_dir
        self._board: LiveBoard | None = None
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run_engine, args=(data_dir, specs, start_method, theirs))
        self._process.start()
        theirs.close()
        with contextlib.suppress(EOFError):  # killed before it began: not by us, so the loop sees it
            self._pipe.recv_bytes()
            self._board = LiveBoard.open(data_dir / "live.board", readonly=True)

    def lives(self) -> bool:
        return self._process.is_alive()

    def kill(self, target: str, rng: random.Random) -> bool:
        """Kill -9; tell whether the target was there to be killed."""
        family = self._family()
        workers, writer = self._pids()
        if target == "parent":
            victims = [self._process.pid]
        elif target == "everything":
            victims = [self._process.pid, *family]
            rng.shuffle(victims)
        else:
            pids = [writer] if target == "writer" else workers
            victims = [pid for pid in pids if pid in family]
            victims = [rng.choice(victims)] if victims else []
        for pid in victims:
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        if target in ("parent", "everything"):
            self._process.join()
        return bool(victims)

    def end_in_order(self) -> None:
        """Let the finite sources end and the others drain."""
        deadline = time.monotonic() + _EXHAUST_S
        while not self._is_complete():  # a process that was just killed could not drain
            if time.monotonic() > deadline:
                raise AviatorError("not every process that was killed was started again")
            time.sleep(0.01)
        self._pipe.send_bytes(b"end")
        answer = self._pipe.recv_bytes()
        if answer != b"ended":
            raise AviatorError(answer.decode())
        self._process.join()

    def _is_complete(self) -> bool:
        if self._board is None:
            return False
        board, living = self._board.snapshot(), self._family()
        return (board.writer is not None and board.writer.pid in living) and all(
            view.status.finished or (view.status.state is WorkerState.RUNNING and view.status.pid in living)
            for view in board.workers
        )

    def bury(self) -> None:
        if self._process.is_alive():
            for pid in [self._process.pid, *self._family()]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    psutil.Process(pid).kill()
            self._process.join()
        self._pipe.close()
        if self._board is not None:
            self._board.close()

    def _family(self) -> list[int]:
        """Return the children that live; a killed one is there until its parent has taken notice."""
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(self._process.pid).children(recursive=True)
            return [child.pid for child in children if _lives(child)]
        return []

    def _pids(self) -> tuple[list[int], int]:
        if self._board is None:
            return [], 0
        board = self._board.snapshot()
        return [view.status.pid for view in board.workers], board.writer.pid if board.writer else 0


def _lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def _run_engine(
    data_dir: Path, specs: Sequence[BookmakerSpec], start_method: StartMethod | None, pipe: Connection
) -> None:
    engine = Engine(data_dir, specs, command="kill sweep", start_method=start_method, policy=POLICY)
    engine.start()
    pipe.send_bytes(b"started")
    try:
        pipe.recv_bytes()
    except EOFError:
        engine.stop()
        return
    exhausted = engine.wait_until_exhausted(_EXHAUST_S)
    engine.stop(drain_s=60.0)
    report = engine.report()
    if not exhausted or report.total.outbox:
        pipe.send_bytes(f"it did not come to its end: {report}".encode())
    else:
        pipe.send_bytes(b"ended")


def compare(database: Path, specs: Sequence[BookmakerSpec]) -> tuple[list[str], int]:
    """Return what is wrong with the database, and how many rounds it holds."""
    connection = apsw.Connection(str(database), flags=apsw.SQLITE_OPEN_READONLY)
    faults: list[str] = []
    stored = 0
    try:
        for spec in specs:
            rows = list(
                connection.execute(
                    "SELECT round_id, crash_centi FROM rounds WHERE bookmaker = ? ORDER BY id", (spec.name,)
                )
            )
            stored += len(rows)
            faults += _differences(connection, spec, rows)
            faults += _wrong_rollups(connection, spec.name)
    finally:
        connection.close()
    return faults, stored


def _differences(connection: apsw.Connection, spec: BookmakerSpec, rows: list[tuple[str, int]]) -> list[str]:
    """Compare a bookmaker's rows, in the order they were stored, with what its source tells."""
    name = spec.name
    endless = isinstance(spec.source, SimulatorSpec) and spec.source.rounds is None
    truth, rejected = asyncio.run(_truth(spec.source, len(rows) if endless else None))
    faults = []
    if rows != truth:
        stored, told = Counter(rows), Counter(truth)
        missing, surplus = told - stored, stored - told
        faults.append(
            f"{name}: {len(rows)} rounds stored, {len(truth)} told; missing {list(missing)[:5]}"
            f" ({missing.total()}), surplus {list(surplus)[:5]} ({surplus.total()}),"
            f" {'same rounds in another order' if not missing and not surplus else ''}"
        )
    [(duplicates, quarantined)] = connection.execute(
        "SELECT duplicates, quarantined FROM rollup_lifetime WHERE bookmaker = ?", (name,)
    )
    if (duplicates, quarantined) != (0, rejected):
        faults.append(f"{name}: {duplicates} duplicates of 0, {quarantined} quarantined of {rejected}")
    return faults


async def _truth(source: SourceSpec, count: int | None) -> tuple[list[tuple[str, int]], int]:
    """Return all rounds of a source, or its first `count`, and how many inputs are rejected."""
    told = make_source(_at_once(source, count), Pacer(0.0))
    rounds: list[tuple[str, int]] = []
    rejected = 0
    try:
        async for event in told.events(0):
            if isinstance(event, FinishedRound):
                rounds.append((event.round_id, event.crash_centi))
            elif isinstance(event, RejectedInput):
                rejected += 1
    finally:
        await told.close()
    return rounds, rejected


def _at_once(source: SourceSpec, count: int | None) -> SourceSpec:
    if isinstance(source, SimulatorSpec):
        rounds = source.rounds if count is None else count
        return SimulatorSpec(scheme=source.scheme, seed=source.seed, speed=0.0, rounds=rounds)
    return source


_ROUNDS = "FROM rounds WHERE bookmaker = :name"
_SUMS = "count(*), sum(crash_centi), min(crash_centi), max(crash_centi)"
# What is kept, and what a recount of the rows says instead.
_RECOUNTS = {
    "rollup_lifetime": (
        "SELECT count, sum_centi, min_centi, max_centi FROM rollup_lifetime WHERE bookmaker = :name",
        f"SELECT {_SUMS} {_ROUNDS}",
    ),
    "rollup_day": (
        "SELECT day_us, count, sum_centi, min_centi, max_centi FROM rollup_day WHERE bookmaker = :name",
        f"SELECT crashed_at_us / 86400000000 * 86400000000 AS day_us, {_SUMS} {_ROUNDS} GROUP BY day_us",
    ),
    "rollup_hour": (
        "SELECT hour_us, count, sum_centi, min_centi, max_centi FROM rollup_hour WHERE bookmaker = :name",
        f"SELECT crashed_at_us / 3600000000 * 3600000000 AS hour_us, {_SUMS} {_ROUNDS} GROUP BY hour_us",
    ),
    "rollup_bets": (
        "SELECT bets, staked_minor, paid_out_minor FROM rollup_bets WHERE bookmaker = :name",
        "SELECT count(*), sum(stake_minor), sum(payout_minor) FROM bets WHERE bookmaker = :name",
    ),
    "rounds with a bet": (
        "SELECT round_id FROM bets WHERE bookmaker = :name",
        f"SELECT round_id {_ROUNDS}",
    ),
}


def _wrong_rollups(connection: apsw.Connection, name: str) -> list[str]:
    faults = [
        f"{name}: {what}: {wrong[:3]} is not in {side}"
        for what, (kept, counted) in _RECOUNTS.items()
        for side, query in (
            ("a recount", f"{kept} EXCEPT {counted}"),
            ("what is kept", f"{counted} EXCEPT {kept}"),
        )
        if (wrong := list(connection.execute(query, {"name": name})))
    ]
    bets = list(
        connection.execute(
            "SELECT round_id, bankroll_minor, payout_minor - stake_minor FROM bets WHERE bookmaker = ?"
            " ORDER BY id",
            (name,),
        )
    )
    faults += [
        f"{name}: the bankroll after {round_id} is {after}, before it was {before}"
        for (_, before, _), (round_id, after, won) in itertools.pairwise(bets)
        if before + won != after
    ][:3]
    crashes: list[Any] = [
        crash
        for (crash,) in connection.execute(
            "SELECT crash_centi FROM rounds WHERE bookmaker = ? ORDER BY crashed_at_us NULLS FIRST, id",
            (name,),
        )
    ]
    for threshold, current, longest in connection.execute(
        "SELECT threshold_centi, current, longest FROM streaks WHERE bookmaker = ?", (name,)
    ):
        if (current, longest) != _streaks(crashes, threshold):
            counted = _streaks(crashes, threshold)
            faults.append(f"{name}: streaks below {threshold} are {(current, longest)}, counted {counted}")
    return faults


def _streaks(crashes: Sequence[int], threshold: int) -> tuple[int, int]:
    current = longest = 0
    for crash in crashes:
        current = current + 1 if crash < threshold else 0
        longest = max(longest, current)
    return current, longest
