"""`worker`: which bookmakers a machine without the database is to collect, and through which Redis."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from config.specs import BookmakerSpec
from data_layer.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from config.settings import Settings


def chosen(settings: "Settings", names: Sequence[str]) -> tuple[BookmakerSpec, ...]:
    """Return all bookmakers, those called `names` switched on, whatever the configuration says, others off.

    Raises `UsageError` for a name that the configuration does not know, `ConfigurationError` without Redis.
    """
    from config.problems import closest, shown

    if not settings.redis.enabled:
        raise ConfigurationError(
            "a worker on another machine delivers through Redis, which is switched off:"
            " set REDIS_ENABLED=true and REDIS_URL to the Redis of the instance with the database"
        )
    known = [bookmaker.name for bookmaker in settings.bookmakers]
    for name in names:
        if name not in known:
            nearest = closest(name, known)
            hint = f"; did you mean {shown(nearest)}?" if nearest else f"; known are: {', '.join(known)}"
            raise UsageError(f"--bookmaker {shown(name)} is not configured in {settings.file}{hint}")
    return tuple(replace(bookmaker, enabled=bookmaker.name in names) for bookmaker in settings.bookmakers)
