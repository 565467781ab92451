"""Tells the log once that Redis refuses something, and once that it does so no more."""

import logging

from data_layer.cache.remote_states import RemoteUnreachableError

_log = logging.getLogger(__name__)


class RefusalLog:
    """The voice of one thread that speaks to Redis. Of an outage of Redis as a whole others tell."""

    def __init__(self, refused: str, taken: str) -> None:
        """What a refusal means to the operator, and what its end does."""
        self._refused = refused
        self._taken = taken
        self._told = False

    def refused(self, error: RemoteUnreachableError) -> None:
        """Redis did not answer, or refused."""
        if not error.outage and not self._told:
            _log.warning("%s: Redis %s", self._refused, error)
            self._told = True

    def taken(self) -> None:
        """Redis did what was asked."""
        if self._told:
            _log.info("%s", self._taken)
            self._told = False
