"""How a worker's slot on the live board is kept up to date: at once, but not more often than anyone looks."""

import asyncio
from collections.abc import Callable

from data_layer.messages import LiveState
from orchestration.live_board import LiveBoard
from utils import clock

SHORTEST_GAP_US = 20_000  # between two writes; nobody draws more often than 50 times a second


class LivePublisher:
    """Writes what `picture` returns. All methods belong to the event loop's thread."""

    def __init__(
        self,
        board: LiveBoard,
        slot: int,
        picture: Callable[[], LiveState],
        monotonic_us: Callable[[], int] = clock.monotonic_us,
    ) -> None:
        self._board = board
        self._slot = slot
        self._picture = picture
        self._monotonic_us = monotonic_us
        self._written_us = 0
        self._timer: asyncio.TimerHandle | None = None

    def touch(self) -> None:
        """Say that something shown has changed. It is on the board now, or within the shortest gap."""
        if self._timer is not None:
            return
        since_us = self._monotonic_us() - self._written_us
        if since_us >= SHORTEST_GAP_US:
            self.write()
        else:
            delay_s = (SHORTEST_GAP_US - since_us) / 1_000_000
            self._timer = asyncio.get_running_loop().call_later(delay_s, self.write)

    def write(self) -> None:
        """Put the present picture on the board, changed or not: a heartbeat."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._written_us = self._monotonic_us()
        self._board.write_live(self._slot, self._picture())

    def close(self) -> None:
        """Write the last picture and let go of the board."""
        self.write()
        self._board.close()
