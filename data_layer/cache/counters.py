"""What became of the calls to a cache, counted."""

import threading
from dataclasses import dataclass, fields


@dataclass(frozen=True, kw_only=True, slots=True)
class CacheCounts:
    """Counts since the cache was made."""

    hits: int = 0
    misses: int = 0
    foreign: int = 0  # values under our names that we cannot have written; also misses
    refused: int = 0  # commands that Redis refused one by one: keys of another type, missing permissions
    unavailable: int = 0  # calls while Redis was away
    last_foreign: str = ""  # where and what
    last_refused: str = ""

    def remark(self) -> str:
        """Return what the operator should know of them; empty when there is nothing."""
        found = []
        if self.foreign:
            found.append(f"{self.foreign:,} values of other programs ignored, the last: {self.last_foreign}")
        if self.refused:
            found.append(f"{self.refused:,} commands refused, the last: {self.last_refused}")
        return "; ".join(found)


class CacheCounters:
    """Counts for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = {field.name: 0 for field in fields(CacheCounts) if field.type in (int, "int")}
        self._last_foreign = self._last_refused = ""

    def hit(self, count: int = 1) -> None:
        """Count values that were found."""
        self._add("hits", count)

    def miss(self, count: int = 1) -> None:
        """Count values that were not there."""
        self._add("misses", count)

    def foreign(self, what: str) -> None:
        """Count a value that is not ours and remember what was wrong with it."""
        self._last_foreign = what[:200]
        self._add("foreign", 1)

    def refused(self, what: str) -> None:
        """Count a refused command and remember why."""
        self._last_refused = what[:200]
        self._add("refused", 1)

    def unavailable(self) -> None:
        """Count a call that Redis was away for."""
        self._add("unavailable", 1)

    def counts(self) -> CacheCounts:
        """Return the counts as they are now."""
        with self._lock:
            return CacheCounts(
                **self._counts, last_foreign=self._last_foreign, last_refused=self._last_refused
            )

    def _add(self, name: str, count: int) -> None:
        if count:
            with self._lock:
                self._counts[name] += count
