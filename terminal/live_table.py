"""The live view of a terminal: the table of workers, drawn four times a second until the run ends."""

import contextlib
import sys
import time
from collections.abc import Callable
from functools import partial

from rich.console import RenderableType
from rich.live import Live

from data_layer.engine import LiveView
from data_layer.readers.last_round_cache import LastRoundCache
from terminal import texts, workers
from terminal.interruptions import wait_until
from utils import clock

_FRAME_S = 0.25
_ROUNDS = 8  # of a bookmaker: those that are shown, and enough to know its rhythm


def is_wanted() -> bool:
    """Tell whether standard output is a terminal that can be drawn on."""
    return sys.stdout is not None and sys.stdout.isatty() and texts.console().is_terminal


def show(live: LiveView, last_rounds: LastRoundCache | None, ended: Callable[[], bool]) -> None:
    """Draw until `ended` says so; the last picture stays on the screen.

    A terminal that goes away ends the view, not the run: the end is waited for. Without `last_rounds` none
    are shown.
    """
    recent = workers.no_rounds if last_rounds is None else partial(last_rounds.recent, count=_ROUNDS)

    def picture() -> RenderableType:
        return workers.overview(live.snapshot(), clock.now_us(), clock.monotonic_us(), recent)

    with contextlib.suppress(OSError), Live(picture(), console=texts.console(), auto_refresh=False) as view:
        while not ended():
            view.update(picture(), refresh=True)
            time.sleep(_FRAME_S)
        view.update(picture(), refresh=True)
    wait_until(ended)
