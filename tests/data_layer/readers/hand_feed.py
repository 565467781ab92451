"""An event feed that the test speaks through."""

from collections.abc import Callable

from data_layer.readers.event_feed import FeedCallback, FeedEvent
from data_layer.readers.subscribers import Subscribers


class HandFeed:
    """Tells what the test says, on the test's thread. An `EventFeed`."""

    trouble = ""

    def __init__(self) -> None:
        self.subscribers = Subscribers[FeedEvent]()

    def subscribe(self, callback: FeedCallback) -> Callable[[], None]:
        return self.subscribers.add(callback)

    def tell(self, event: FeedEvent) -> None:
        self.subscribers.tell(event)

    def start(self) -> None: ...
    def stop(self) -> None: ...
