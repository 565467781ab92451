"""The event feed over Redis: what the writer publishes after its commits, heard on every machine."""

import logging
from collections.abc import Callable

from config.redis_target import RedisTarget
from data_layer.cache.client import connect_blocking
from data_layer.cache.events import POLL_S, Event, Subscription
from data_layer.cache.keys import STATS_UPDATED, Keys
from data_layer.cache.payloads import ForeignValueError, committed_from
from data_layer.readers.event_feed import FeedCallback, FeedEvent, Resynchronize
from data_layer.readers.subscribers import Subscribers

log = logging.getLogger(__name__)


class RedisEventFeed:
    """Listens to `stats_updated`, for ever: after a loss it connects again. Implements `EventFeed`."""

    def __init__(self, target: RedisTarget) -> None:
        self._subscribers = Subscribers[FeedEvent]()
        self._subscription = Subscription(
            lambda: connect_blocking(target, POLL_S),
            Keys(target.prefix),
            self._on_event,
            channels=(STATS_UPDATED,),
            on_connect=lambda: self._subscribers.tell(Resynchronize()),
            on_foreign=self._count_foreign,
        )
        self._stopped = False
        self.foreign = 0  # messages on our channel that no writer of ours sent

    @property
    def trouble(self) -> str:
        """Why no events come at the moment, for the operator; empty while they do."""
        return "stopped" if self._stopped else self._subscription.trouble

    def subscribe(self, callback: FeedCallback) -> Callable[[], None]:
        """See `EventFeed.subscribe`."""
        return self._subscribers.add(callback)

    def start(self) -> None:
        """See `EventFeed.start`."""
        self._subscription.start()

    def stop(self) -> None:
        """See `EventFeed.stop`."""
        self._stopped = True
        self._subscription.stop()

    def _on_event(self, event: Event) -> None:
        try:
            committed = committed_from(event.data)
        except ForeignValueError as error:
            self._count_foreign(str(error))
            return
        self._subscribers.tell(committed)

    def _count_foreign(self, why: str) -> None:
        if not self.foreign:
            log.warning("a message in Redis that is none of ours: %s; later ones are only counted", why)
        self.foreign += 1
