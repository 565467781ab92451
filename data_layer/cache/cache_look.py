"""A look at the cache of computed results that all processes share, from one that does not use it."""

from config.redis_target import RedisTarget
from data_layer.cache.cache_manager import CacheManager, CacheStats
from data_layer.cache.keys import NAMESPACES
from data_layer.cache.redis_cache import RedisCache


def look_at_shared(target: RedisTarget) -> CacheStats:
    """Return how many results of each namespace stand in Redis; takes three calls at most."""
    cache = RedisCache(target=target, telling=False)
    try:
        return CacheManager(cache).stats(NAMESPACES)
    finally:
        cache.close()
