"""What the health check says of the cache of computed results."""

from typing import TYPE_CHECKING

from gui.view_models.words import bytes_text, count_text
from utils.diagnostic import Finding, Health

if TYPE_CHECKING:
    from config.model import RedisSettings
    from data_layer.cache.cache_manager import CacheStats

_NAME = "cache"


def finding(stats: "CacheStats", *, redis_on: bool) -> Finding:
    """Return how the cache of this process does."""
    if stats.available:
        place = "in Redis"
        if stats.redis_memory_bytes is not None:
            place += f", which uses {bytes_text(stats.redis_memory_bytes)}"
    else:
        place = f"in memory, {bytes_text(stats.memory_bytes)}"
    parts = [place, _asked(stats)]
    if stats.fallbacks:
        parts.append(f"{count_text(stats.fallbacks)} times memory stood in for Redis")
    if stats.foreign:
        parts.append(f"{count_text(stats.foreign)} values of other programs ignored")
    parts.append(_keys(stats))
    away = redis_on and not stats.available
    if away:
        parts.insert(1, f"Redis {stats.trouble or 'is being connected'}")
    return Finding(name=_NAME, health=Health.DEGRADED if away else Health.HEALTHY, text="; ".join(parts))


def shared(settings: "RedisSettings") -> Finding | None:
    """Return what all processes share of it, for one that has none itself; None while Redis is away."""
    if not settings.enabled:
        text = "in the memory of each window: Redis is not configured"
        return Finding(name=_NAME, health=Health.OFF, text=text)
    from data_layer.cache.cache_look import look_at_shared

    stats = look_at_shared(settings.target)
    if not stats.available:
        return None  # said of Redis already
    text = f"{_keys(stats)} in Redis; how often they are found says the Health page of each window"
    return Finding(name=_NAME, health=Health.HEALTHY, text=text)


def _asked(stats: "CacheStats") -> str:
    asked = stats.hits + stats.misses
    if stats.hit_rate is None:
        return "not asked yet"
    return f"{stats.hit_rate:.0%} of {count_text(asked)} questions answered from it"


def _keys(stats: "CacheStats") -> str:
    counts = [f"{count_text(count)} of {namespace}" for namespace, count in stats.keys.items()]
    return "results kept: " + (", ".join(counts) or "none")
