"""A class of the user's own, run over rounds that are there already: batch by batch, in its own process."""

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from data_layer.strategies import own_class
from data_layer.strategies.own_class import OwnClass
from data_layer.strategies.own_protocol import (
    HEADER,
    MOST_FRAME_BYTES,
    Failed,
    Loaded,
    Play,
    Played,
    Reply,
    Request,
    pack,
    replies,
)

FIRST_BATCH, MOST_BATCH = 1, 65_536  # rounds; more while the class is quick, fewer when it becomes slow
BATCH_WITHIN_S = 2.0
_QUICK_S, _SLOW_S = 0.1, 0.5  # for a batch
_GRACE_S = 1.0  # beyond what the process is given to end itself


class OwnRun:
    """One life of the process. Use `opened`."""

    def __init__(self, own: OwnClass, within_s: float) -> None:
        self._own = own
        self._within_s = within_s
        self._trace = own_class.trace_file()
        self._process = subprocess.Popen(
            own_class.command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._trace,
            cwd=own_class.working_directory(),
            env=own_class.environment(),
            start_new_session=True,  # Ctrl-C is for us, and what it starts can be ended with it
        )
        self.batch = FIRST_BATCH
        self._late = False

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def load(self, memory_bytes: int = own_class.MEMORY_BYTES) -> None:
        """Have the class loaded. Raises `StrategyFaultError`."""
        request = self._own.load(memory_bytes)
        if not isinstance(self._ask(request, request.within_s), Loaded):
            raise self._own.fault("its process gave another answer than was asked for")

    def play(self, crashes_centi: Sequence[int], bankroll_minor: int) -> Played:
        """Return what the class bets on these rounds, at most `batch` of them.

        Raises `StrategyFaultError` when it fails or is not through in time.
        """
        began_s = time.monotonic()
        request = Play(
            crashes_centi=list(crashes_centi), bankroll_minor=bankroll_minor, within_s=self._within_s
        )
        reply = self._ask(request, self._within_s)
        count = len(crashes_centi)
        if not isinstance(reply, Played) or {len(reply.stakes_minor), len(reply.cashouts_centi)} != {count}:
            raise self._own.fault("its process gave another answer than was asked for")
        took_s = time.monotonic() - began_s
        if took_s < _QUICK_S:
            self.batch = min(self.batch * 4, MOST_BATCH)
        elif took_s > _SLOW_S:
            self.batch = max(self.batch // 4, FIRST_BATCH)
        return reply

    def close(self) -> None:
        """End the process."""
        own_class.end(self._process)
        self._trace.close()

    def _ask(self, request: Request, within_s: float) -> Reply:
        last_resort = threading.Timer(within_s + _GRACE_S, self._kill)
        last_resort.start()
        try:
            reply = self._exchange(request)
        except (OSError, msgspec.MsgspecError):
            reply = None
        finally:
            last_resort.cancel()
            last_resort.join()
        if isinstance(reply, Failed):
            raise self._own.fault(reply.text)
        if reply is None:
            code = own_class.end(self._process)
            raise self._own.fault(
                own_class.why_ended(self._own, self._trace, within_s, code, late=self._late)
            )
        return reply

    def _kill(self) -> None:
        """End it and all that holds its pipes open."""
        self._late = True
        self._process.kill()
        own_class.end_others(self._process.pid)

    def _exchange(self, request: Request) -> Reply | None:
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        pipe_in.write(pack(request))
        pipe_in.flush()
        header = pipe_out.read(HEADER.size)
        if len(header) < HEADER.size:
            return None
        (length,) = HEADER.unpack(header)
        body = pipe_out.read(length) if length <= MOST_FRAME_BYTES else b""
        return replies.decode(body) if len(body) == length else None


@contextmanager
def opened(
    own: OwnClass, *, within_s: float = BATCH_WITHIN_S, memory_bytes: int = own_class.MEMORY_BYTES
) -> Iterator[OwnRun]:
    """Start the process, load the class and end the process afterwards, whatever happens.

    Raises `StrategyFaultError` when the class cannot be loaded.
    """
    run = OwnRun(own, within_s)
    with contextlib.closing(run):
        run.load(memory_bytes)
        yield run
