"""The names of everything in Redis: keys, fields and channels. The prefix is put before them here only.

A bookmaker's name is percent-encoded, so `a:*`, `{tag}` or a name with a line break is one plain piece of
one key and reaches into no other. Whatever its length, a key stays below Redis' limit of 512 MB.
"""

from urllib.parse import quote, unquote

from data_layer.messages import Round

ROUND_ENDED = "round_ended"
THRESHOLD_CROSSED = "threshold_crossed"
WORKER_STATE = "worker_state"
STATS_UPDATED = "stats_updated"
ALERT = "alert"
CHANNELS = (ROUND_ENDED, THRESHOLD_CROSSED, WORKER_STATE, STATS_UPDATED, ALERT)

ROUND_LIFE_S = 3_600
LAST_ROUND_LIFE_S = 30
STATS_LIFE_S = 60
RECENT_EVENTS = 1_000  # as many are kept in `events:recent`

ANALYTICS = "analytics"  # namespaces of CacheManager
NAMESPACES = (ANALYTICS,)

TOTAL = "total"
_TOTAL_NAME = "%74otal"  # a bookmaker called "total": no other name is encoded to this


def encoded(name: str) -> str:
    """Return `name` as a piece of a key: ASCII letters, digits, `_.-~` and `%` only.

    Lone surrogates, which no UTF-8 text has, are kept as the bytes they would be.
    """
    return quote(name, safe="", errors="surrogatepass")


def decoded(piece: str) -> str:
    """Return the name that `encoded` made `piece` of."""
    return unquote(piece, errors="surrogatepass")


class Keys:
    """All keys and channels behind one prefix. A prefix is taken as it is: `prod:` gives `prod:version`."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.last_round_prefix = f"{prefix}last_round:"
        self.stats_prefix = f"{prefix}stats:"
        self.stats_total = f"{prefix}stats:{TOTAL}"
        self.wall = f"{prefix}wall"  # all of `stats:...` in one value
        self.worker_states = f"{prefix}worker:states"
        self.version = f"{prefix}version"
        self.recent_events = f"{prefix}events:recent"
        self.rounds_stream = f"{prefix}rounds:stream"
        self.cache_era = f"{prefix}cache:era"  # of CacheManager, see `redis_store`

    def named(self, *pieces: str) -> str:
        """Return a key of another kind: literal pieces joined by `:`; encode names first."""
        return self.prefix + ":".join(pieces)

    def round(self, bookmaker: str, round_id: str) -> str:
        """Return the key of one round."""
        return f"{self.prefix}round:{encoded(bookmaker)}:{encoded(round_id)}"

    def round_of(self, record: Round) -> str:
        """Return the key of `record`."""
        return self.round(record.bookmaker, record.round_id)

    def last_round(self, bookmaker: str) -> str:
        """Return the key of a bookmaker's newest round."""
        return self.last_round_prefix + encoded(bookmaker)

    def stats(self, bookmaker: str) -> str:
        """Return the key of a bookmaker's aggregated stats; a bookmaker called "total" has its own."""
        return self.stats_prefix + _bookmaker_beside_total(bookmaker)

    def metrics(self, bookmaker: str, range_name: str) -> str:
        """Return the key of a bookmaker's metrics of one range."""
        return f"{self.prefix}metrics:{_bookmaker_beside_total(bookmaker)}:{encoded(range_name)}"

    def metrics_total(self, range_name: str) -> str:
        """Return the key of the metrics of all bookmakers together."""
        return f"{self.prefix}metrics:{TOTAL}:{encoded(range_name)}"

    def channel(self, name: str) -> str:
        """Return the channel of one of `CHANNELS`, or of another kind: encode names first."""
        return self.prefix + name


def _bookmaker_beside_total(bookmaker: str) -> str:
    return _TOTAL_NAME if bookmaker == TOTAL else encoded(bookmaker)
