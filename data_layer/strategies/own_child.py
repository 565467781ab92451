"""The process that runs a class of the user's own: `python -m data_layer.strategies.own_child`.

Requests come on standard input, replies go to standard output, and what the class prints goes nowhere. While
the class works, a watchdog thread of the interpreter that needs no Python to run waits beside it: when the
time is up it writes the line at which the class is to standard error and ends the process. So nothing of it
is left when nobody waits for it any more; other processes and the network are out of its reach
(own_fence.py). A class that takes too much memory is told so while there is still enough to say at which
line.
"""

import faulthandler
import importlib.util
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import BinaryIO

from config.problems import closest
from data_layer.strategies import own_fence
from data_layer.strategies.base import (
    LEAST_CASHOUT_CENTI,
    MOST_CASHOUT_CENTI,
    MOST_STAKE_MINOR,
    PaperStake,
    Strategy,
)
from data_layer.strategies.own_protocol import (
    HEADER,
    PIPES_CLOSED,
    Failed,
    Load,
    Loaded,
    Next,
    Play,
    Played,
    Reply,
    Request,
    Step,
    pack,
    requests,
)
from data_layer.strategies.player import Player

_MODULE = "own_strategy"
_RESERVE_BYTES = 1 << 20  # given back when memory runs out, to say so
_LOOK_S = 0.02
_PR_SET_PDEATHSIG, _SIGKILL = 1, 9  # linux/prctl.h


class _MisuseError(Exception):
    """The class returned what it must not, or is none; the text says all."""


class _Checked(Strategy):
    """The user's class, with every bet of it looked at."""

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy
        self._next = strategy.next_bet
        self._settle = strategy.settle

    def next_bet(self, bankroll_minor: int) -> PaperStake | None:
        found = self._next(bankroll_minor)
        if found is None:
            return None
        if isinstance(found, tuple) and len(found) == 2:
            stake, cashout = found
            if (
                type(stake) is int
                and type(cashout) is int
                and 1 <= stake <= MOST_STAKE_MINOR
                and LEAST_CASHOUT_CENTI <= cashout <= MOST_CASHOUT_CENTI
            ):
                return PaperStake(stake, cashout)
        raise self._misuse(found)

    def settle(self, won: bool | None, crash_centi: int) -> None:
        self._settle(won, crash_centi)

    def _misuse(self, found: object) -> _MisuseError:
        code = getattr(type(self._strategy).next_bet, "__code__", None)
        line = f", line {code.co_firstlineno} in next_bet" if code else ""
        return _MisuseError(
            f"next_bet returned {ascii(found)[:100]}, neither None nor"
            f" PaperStake(1 to {MOST_STAKE_MINOR} minor units, {LEAST_CASHOUT_CENTI} to {MOST_CASHOUT_CENTI}"
            f" hundredths){line}"
        )


def main() -> None:
    """Serve requests until there are no more."""
    _die_with_the_parent()
    taken = os.fdopen(os.dup(0), "rb")
    given = os.fdopen(os.dup(1), "wb")
    trace = os.dup(2)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    faulthandler.enable(file=trace)
    leave = os._exit  # whatever the class still runs
    own_fence.put_up()
    try:
        leave(_serve(taken, given, trace))
    except OSError:
        leave(PIPES_CLOSED)


def _serve(taken: BinaryIO, given: BinaryIO, trace: int) -> int:
    """Answer requests until there are no more, or the class fails; return the exit code.

    Raises `OSError` when the class has closed what is not its own.
    """
    strategy: _Checked | None = None
    file = ""
    reserve: list[bytes] = [bytes(_RESERVE_BYTES)]
    while (request := _read(taken)) is not None:
        if isinstance(request, Load):
            _limit_memory(request.memory_bytes)
        try:
            with _watched(request.within_s, trace):
                if isinstance(request, Load):
                    file = request.file
                    strategy = _Checked(_load(request))
                    reply: Reply = Loaded()
                else:
                    assert strategy is not None
                    reply = (
                        _play(strategy, request) if isinstance(request, Play) else _step(strategy, request)
                    )
        except BaseException as error:  # noqa: BLE001  whatever it is, it is the class's failure
            reserve.clear()
            reply = Failed(text=_explain(error, file))
        given.write(pack(reply))
        given.flush()
        if isinstance(reply, Failed):
            return 1
    return 0


def _read(pipe: BinaryIO) -> Request | None:
    header = pipe.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    return requests.decode(pipe.read(HEADER.unpack(header)[0]))


@contextmanager
def _watched(within_s: float, trace: int) -> Iterator[None]:
    faulthandler.dump_traceback_later(within_s, exit=True, file=trace)
    _look_at_memory(_LOOK_S)
    try:
        yield
    finally:
        _look_at_memory(0.0)
        faulthandler.cancel_dump_traceback_later()


def _load(request: Load) -> Strategy:
    path = Path(request.file)
    sys.path.append(str(path.parent))  # for what the file imports from beside it
    spec = importlib.util.spec_from_file_location(_MODULE, path)
    if spec is None or spec.loader is None:
        raise _MisuseError("is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module
    spec.loader.exec_module(module)
    found = getattr(module, request.class_name, None)
    if not isinstance(found, type) or not issubclass(found, Strategy) or found is Strategy:
        known = [
            name
            for name, value in vars(module).items()
            if isinstance(value, type) and issubclass(value, Strategy) and value is not Strategy
        ]
        nearest = closest(request.class_name, known)
        there = f"; there is {nearest or ', '.join(known)}" if known else ""
        raise _MisuseError(f"has no class {request.class_name} that is a Strategy{there}")
    made: Strategy = found(**request.settings)
    return made


def _play(strategy: _Checked, request: Play) -> Played:
    player = Player(strategy, request.bankroll_minor)
    stakes, cashouts, ruined = [], [], False
    for crash_centi in request.crashes_centi:
        bet = strategy.next_bet(player.bankroll_minor)
        stake, cashout = bet or (0, 0)
        stakes.append(stake)
        cashouts.append(cashout)
        ruined = stake > player.bankroll_minor
        if ruined:
            rest = len(request.crashes_centi) - len(stakes)
            stakes += [stake] * rest
            cashouts += [cashout] * rest
            break
        player.settle(bet, crash_centi)
    return Played(stakes_minor=stakes, cashouts_centi=cashouts, ruined=ruined)


def _step(strategy: _Checked, request: Step) -> Next:
    for won, crash_centi in request.outcomes:
        strategy.settle(won, crash_centi)
    stake, cashout = strategy.next_bet(request.bankroll_minor) or (0, 0)
    return Next(stake_minor=stake, cashout_centi=cashout)


def _explain(error: BaseException, file: str) -> str:
    if isinstance(error, _MisuseError):
        return str(error)
    text = f"{type(error).__name__}: {_words_of(error)}".rstrip(": ")
    text = " ".join(text.encode("utf-8", "backslashreplace").decode().split())[:300]
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"{text}, line {error.lineno}"
    return f"{text}{_place(error.__traceback__, file)}"


def _words_of(error: BaseException) -> str:
    try:
        return error.msg if isinstance(error, SyntaxError) else str(error)
    except Exception:  # noqa: BLE001  the class of the exception may be the user's too
        return "its text cannot be had"


def _place(trace: TracebackType | None, file: str) -> str:
    """Return the last line of the user's file that a failure came through."""
    place = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == file:
            place = f", line {trace.tb_lineno} in {code.co_name}"
        trace = trace.tb_next
    return place


def _limit_memory(most_bytes: int) -> None:
    """Limit address space, which macOS does not heed, and before that what is really used."""
    if sys.platform != "win32":
        import resource

        used_bytes = _memory_gauge()
        soft_bytes = most_bytes // 2  # the interpreter reserves more than it uses

        def look(number: int, frame: FrameType | None) -> None:
            if used_bytes() > soft_bytes:
                raise MemoryError(f"uses more than {soft_bytes >> 20} MiB")

        signal.signal(signal.SIGALRM, look)
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = most_bytes if hard == resource.RLIM_INFINITY else min(most_bytes, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _memory_gauge() -> Callable[[], int]:
    """Return what tells how much memory this process uses.

    Where that is not to be had it is the highest use since now: a process begins with the peak of the one
    that started it.
    """
    if sys.platform == "linux":
        statm, page = os.open("/proc/self/statm", os.O_RDONLY), os.sysconf("SC_PAGE_SIZE")
        return lambda: int(os.pread(statm, 100, 0).split()[1]) * page
    else:  # noqa: RET505  what follows is another system's
        import resource

        unit = 1 if sys.platform == "darwin" else 1024

        def peak_bytes() -> int:
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit

        began_bytes = peak_bytes()
        return lambda: peak_bytes() - began_bytes


def _look_at_memory(every_s: float) -> None:
    """Look every so often, or, with 0, no more."""
    if sys.platform != "win32":
        signal.setitimer(signal.ITIMER_REAL, every_s, every_s)


def _die_with_the_parent() -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL)


if __name__ == "__main__":
    main()
