"""Which rounds a question speaks of: the span in microseconds, the bookmakers, one of each feed."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced

from data_layer.analytics.claims import Claims, Expected
from data_layer.analytics.questions import SameFeed, Sample, Scope, Span
from data_layer.analytics.rounds import Rounds
from data_layer.messages import Origin
from data_layer.ranges import RANGES
from data_layer.readers.analyst.round_history import Snapshot
from utils import clock

_COMPARED_ROUNDS = 5_000  # newest of each bookmaker, in which feeds are told apart
_FEEDS_LIFE_US = 60_000_000
_FEEDS_GROWTH = 0.01  # share of new rounds from which feeds are looked at again


@dataclass(frozen=True, slots=True)
class Moments:
    """A span of time, resolved. None: open; both None: everything, rounds without a time included."""

    start_us: int | None
    end_us: int | None

    def before(self, now_us: int) -> "Moments | None":
        """Return the span of equal length that ends where this one begins; None where this has no start."""
        if self.start_us is None:
            return None
        end_us = now_us + 1 if self.end_us is None else self.end_us
        return Moments(self.start_us - max(0, end_us - self.start_us), self.start_us)


def resolved(span: Span, now_us: int) -> Moments:
    """Return when a span begins and ends; a named one ends with what happens now."""
    if not span.name:
        return Moments(span.start_us, span.end_us)
    seconds = RANGES[span.name]
    return Moments(None, None) if seconds is None else Moments(now_us - seconds * 1_000_000, now_us + 1)


def names_of(scope: Scope, snapshot: Snapshot, groups: Mapping[str, str]) -> tuple[str, ...]:
    """Return the bookmakers of a scope that there are rounds of, and the one asked about by name."""
    if scope.bookmaker:
        return (scope.bookmaker,)
    if scope.group:
        return tuple(name for name in snapshot.books if groups.get(name) == scope.group)
    return tuple(snapshot.books)


def reduced(
    parts: Sequence[Rounds], feeds: Sequence[SameFeed]
) -> tuple[tuple[Rounds, ...], tuple[tuple[str, ...], ...]]:
    """Return the parts with one bookmaker of each feed, and the feeds that more than one of them show.

    The one with most of the rounds that are asked about counts, and stands first: it need not be the one with
    the longest history, which may have ended before what is asked about began.
    """
    rounds = {part.bookmaker: part.count for part in parts}
    shared = []
    dropped: set[str] = set()
    for feed in feeds:
        known = (name for name in feed.bookmakers if name in rounds)
        members = tuple(sorted(known, key=lambda name: -rounds[name]))
        if len(members) > 1:
            shared.append(members)
            dropped.update(members[1:])
    return tuple(part for part in parts if part.bookmaker not in dropped), tuple(shared)


def sample_of(
    parts: Sequence[Rounds],
    scope: Scope,
    span: Span,
    moments: Moments,
    feeds: tuple[tuple[str, ...], ...],
    snapshot: Snapshot,
    claims: Claims,
) -> Sample:
    """Return what an answer says of its rounds."""
    origins: set[Origin] = set()
    for part in parts:
        origins.update(snapshot.origins.get(part.bookmaker, ()) if part.count else ())
    return Sample(
        scope=scope,
        span=span,
        rounds=sum(part.count for part in parts),
        start_us=moments.start_us,
        end_us=moments.end_us,
        feeds=feeds,
        origins=tuple(sorted(origins)),
        rtp=Expected(parts, claims).rtp(),
    )


class Feeds:
    """Which bookmakers show one feed, looked at again as rounds come in. For any thread."""

    def __init__(self, *, monotonic_us: Callable[[], int] = clock.monotonic_us) -> None:
        self._monotonic_us = monotonic_us
        self._lock = threading.Lock()
        self._looked_at: tuple[tuple[str, ...], int, int] | None = None  # bookmakers, rounds, when
        self._found: tuple[SameFeed, ...] = ()

    def of(self, snapshot: Snapshot) -> tuple[SameFeed, ...]:
        """Return the feeds that several bookmakers show."""
        with self._lock:
            if not self._is_fresh(snapshot):
                from data_layer.analytics.integrity.same_feed import same_feeds

                newest = [
                    replaced(book, start=max(0, book.stop - _COMPARED_ROUNDS))
                    for book in snapshot.books.values()
                ]
                self._found = same_feeds(newest)
                self._looked_at = (tuple(snapshot.books), snapshot.rounds, self._monotonic_us())
            return self._found

    def _is_fresh(self, snapshot: Snapshot) -> bool:
        if self._looked_at is None:
            return False
        names, rounds, at_us = self._looked_at
        return (
            names == tuple(snapshot.books)
            and 0 <= snapshot.rounds - rounds <= _FEEDS_GROWTH * rounds
            and self._monotonic_us() - at_us < _FEEDS_LIFE_US
        )
