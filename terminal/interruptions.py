"""How a run without a window ends: when its time is over, or by a signal, which is counted, not died of."""

import signal
import time
from collections.abc import Callable

_POLL_S = 0.1  # how soon a run heeds a signal


class Interruptions:
    """Counts SIGINT, SIGTERM and, where there is one, SIGHUP; from the second on it calls `on_next`."""

    def __init__(self) -> None:
        self.count = 0
        self.on_next: Callable[[], None] = lambda: None

    def __enter__(self) -> "Interruptions":
        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
        known = [getattr(signal, name) for name in names if hasattr(signal, name)]
        wanted = [number for number in known if signal.getsignal(number) is not signal.SIG_IGN]  # nohup
        self._before = {number: signal.signal(number, self._note) for number in wanted}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, _number: int, _frame: object) -> None:
        self.count += 1
        if self.count > 1:
            self.on_next()


def end_of_run(duration_s: float | None, interruptions: Interruptions) -> Callable[[], bool]:
    """Return what tells whether `duration_s` is over, None for never, or a signal has come."""
    deadline = None if duration_s is None else time.monotonic() + duration_s

    def ended() -> bool:
        return bool(interruptions.count) or (deadline is not None and time.monotonic() >= deadline)

    return ended


def wait_until(ended: Callable[[], bool]) -> None:
    """Return when `ended` says so."""
    while not ended():
        time.sleep(_POLL_S)
