"""Verification: walking a chain and recomputing games, against the bare digests that they cannot do without.

The yardsticks call hashlib and hmac on messages that are ready, and do nothing with the results: for the walk
SHA-256 of one message, for a game that and one HMAC of one message. Walk and yardstick run by turns, and the
best of each is compared, because other programs share the processor.
"""

import hashlib
import hmac
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.harness import Figure, ratio_at_least
from data_layer.analytics.fairness.schemes import SCHEMES
from data_layer.database.connection import open_reader
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Origin, Round
from data_layer.recordings.importer import DirectSink
from data_layer.round_verification import Task, verify_carried

GAMES, QUICK_GAMES = 100_000, 10_000
REPEATS = 7
TARGET = 0.6  # of the yardstick

_START = "1f93980af45e9f01a6dacf9d203eb568065994fd7e2039a771dd86f6a99e36e6"
_NOWHERE = "0" * 64
_SALT = "0000000000000000004d6ec16dafe9d8370958664c1dc422f452892264c59526"
_BOOKMAKER = "Site"


def bare_steps(games: int) -> None:
    """Do one bare SHA-256 a game."""
    sha256, message = hashlib.sha256, _START.encode()
    for _ in range(games):
        sha256(message).hexdigest()


def bare_games(games: int) -> None:
    """Do one bare SHA-256 and one bare HMAC a game."""
    sha256, digest, key, message = hashlib.sha256, hmac.digest, _SALT.encode(), _START.encode()
    for _ in range(games):
        sha256(message).hexdigest()
        digest(key, message, "sha256")


def walk(name: str, games: int) -> None:
    """Walk a chain without meeting what is looked for."""
    if SCHEMES[name].chain.distance(_START, _NOWHERE, games) is not None:
        raise RuntimeError("the chain led to a hash that no game has")


def recompute(name: str, games: int) -> None:
    """Walk a chain and recompute the crash point of each of its games."""
    scheme = SCHEMES[name]
    crash_centi = scheme.calculator(_SALT)
    if min(map(crash_centi, scheme.chain.block(_START, games))) < 100:
        raise RuntimeError("a crash point below 1.00")


def fastest(one: Callable[[int], None], other: Callable[[int], None], games: int) -> tuple[float, float]:
    """Return games a second of two ways, timed by turns."""
    best = [float("inf"), float("inf")]
    for _ in range(REPEATS):
        for index, call in enumerate((one, other)):
            began = time.perf_counter()
            call(games)
            best[index] = min(best[index], time.perf_counter() - began)
    return games / best[0], games / best[1]


def stored_rounds(games: int) -> float:
    """Return stored rounds a second that are read, verified and marked, all of them for the first time."""
    scheme = SCHEMES["bustabit-v2"]
    crash_centi = scheme.calculator()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "aviator.db"
        writer = BatchDatabaseWriter(path)
        rounds = [
            Round(
                bookmaker=_BOOKMAKER,
                round_id=str(number),
                crash_centi=crash_centi(hash_),
                crashed_at_us=number * 20_000_000,
                hash=hash_,
                received_at_us=number * 20_000_000,
                origin=Origin.LIVE,
            )
            for number, hash_ in enumerate(scheme.chain.block(_START, games), start=1)
        ]
        writer.add("", _BOOKMAKER, "s", rounds)
        writer.flush()
        reader = open_reader(path)
        began = time.perf_counter()
        report = verify_carried(
            Task(
                connection=reader,
                bookmaker=_BOOKMAKER,
                scheme=scheme.name,
                salt=None,
                since_us=None,
                sink=DirectSink(writer),
            )
        )
        took = time.perf_counter() - began
        reader.close()
        writer.close()
    if report.yes != games:
        raise RuntimeError(f"{report.yes} of {games} rounds were verified")
    return games / took


def run(quick: bool) -> list[Figure]:
    """Measure walks and games of every scheme on a chain, and the marking of stored rounds."""
    games = QUICK_GAMES if quick else GAMES
    figures = []
    for name in ("bustabit", "bustabit-v2"):
        value, bare = fastest(partial(walk, name), bare_steps, games)
        figures.append(
            Figure(
                name=f"walk along the chain of {name}",
                value=value,
                unit="games/s",
                yardstick="bare SHA-256 of a ready message",
                yardstick_value=bare,
                target=ratio_at_least(TARGET),
            )
        )
    for name in SCHEMES:
        value, bare = fastest(partial(recompute, name), bare_games, games)
        figures.append(
            Figure(
                name=f"recomputation of games of {name}",
                value=value,
                unit="games/s",
                yardstick="a bare SHA-256 and a bare HMAC of ready messages",
                yardstick_value=bare,
                target=ratio_at_least(TARGET),
            )
        )
    figures.append(
        Figure(
            name="stored rounds verified and marked",
            value=stored_rounds(games // 4),
            unit="rounds/s",
            yardstick="a bare SHA-256 and a bare HMAC of ready messages",
            yardstick_value=bare,
            target=None,
        )
    )
    return figures
