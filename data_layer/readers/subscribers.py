"""Callbacks that want to hear of something."""

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

NewsT = TypeVar("NewsT")


class Subscribers(Generic[NewsT]):
    """The callbacks of one publisher. News reach all of them, also when one of them fails."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: tuple[Callable[[NewsT], None], ...] = ()

    def add(self, callback: Callable[[NewsT], None]) -> Callable[[], None]:
        """Add `callback` and return what removes it."""

        # One wrapper a subscription, so that the same function can subscribe twice and leave once.
        def call(news: NewsT) -> None:
            callback(news)

        with self._lock:
            self._callbacks = (*self._callbacks, call)

        def remove() -> None:
            with self._lock:
                self._callbacks = tuple(held for held in self._callbacks if held is not call)

        return remove

    def tell(self, news: NewsT) -> None:
        """Hand `news` to every callback, on this thread; what one raises is logged and stops there."""
        for callback in self._callbacks:
            try:
                callback(news)
            except Exception:
                log.exception("a subscriber failed on %r", news)
