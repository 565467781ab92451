"""Two event feeds as one: the writer's own, and Redis' while it is used. Either alone is enough."""

import threading
from collections.abc import Callable

from data_layer.readers.event_feed import EventFeed, FeedCallback, FeedEvent, Resynchronize
from data_layer.readers.subscribers import Subscribers


class MergedEventFeed:
    """Hands on what `first` and a second feed tell, which may be changed while it runs. An `EventFeed`.

    A commit is told by each of them: whoever listens goes by its version. `first` is None on a machine
    without a writer. The feeds given are started and stopped here.
    """

    def __init__(self, first: EventFeed | None) -> None:
        self._first = first
        self._second: EventFeed | None = None
        self._leave_second: Callable[[], None] = lambda: None
        self._subscribers = Subscribers[FeedEvent]()
        self._telling = threading.Lock()  # two threads tell, and events come one after the other
        self._state = threading.Lock()
        self._running = self._stopped = False
        if first is not None:
            first.subscribe(self._hand_on)

    @property
    def trouble(self) -> str:
        """Why no events come at the moment, for the operator; empty while one of the feeds tells any."""
        troubles = [feed.trouble for feed in (self._first, self._second) if feed is not None]
        if "" in troubles:
            return ""
        return "; ".join(troubles) or "there is nothing to listen to"

    def subscribe(self, callback: FeedCallback) -> Callable[[], None]:
        """See `EventFeed.subscribe`."""
        return self._subscribers.add(callback)

    def start(self) -> None:
        """See `EventFeed.start`."""
        with self._state:
            if self._running or self._stopped:
                raise RuntimeError("an event feed starts only once")
            self._running = True
            for feed in (self._first, self._second):
                if feed is not None:
                    feed.start()

    def stop(self) -> None:
        """See `EventFeed.stop`."""
        with self._state:
            self._stopped = True
            feeds, self._second = (self._first, self._second), None
        for feed in feeds:
            if feed is not None:
                feed.stop()

    def listen_to(self, feed: EventFeed | None) -> None:
        """Put `feed`, which was not started, in the place of the second one. May wait for its end."""
        with self._state:
            if self._stopped:
                return
            old, self._second = self._second, feed
            self._leave_second()
            self._leave_second = lambda: None
            if feed is not None:
                self._leave_second = feed.subscribe(self._hand_on)
                if self._running:
                    feed.start()
        if old is not None:
            old.stop()
            self._hand_on(Resynchronize())

    def _hand_on(self, event: FeedEvent) -> None:
        with self._telling:
            if not self._stopped:
                self._subscribers.tell(event)
