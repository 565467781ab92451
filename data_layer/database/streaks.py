"""Streaks: runs of consecutive rounds below a threshold, exact even when rounds arrive late.

The order of rounds is (crashed_at_us, id), rounds without a time first. Per threshold the lengths of all
ended runs are kept as a histogram, so a late round that lengthens or splits a run in the past can be
accounted for: only the stretch around it is read again, from the last round that ends every run to the
next.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import sub

import apsw
import msgspec

ALWAYS_CENTI = 200  # the streak that statistics show, whatever thresholds are configured

_CLUSTER_GAP_US = 3_600_000_000  # late rounds further apart are spliced one by one
_lengths = msgspec.json.Decoder(dict[int, int])
_encode = msgspec.json.encode

_NO_ID = 2**63 - 1
_UNTIMED_BEFORE = (
    "SELECT -1, id, crash_centi FROM rounds WHERE bookmaker = ? AND crashed_at_us IS NULL AND id < ?"
    " ORDER BY id DESC"
)
_TIMED_BEFORE = (
    "SELECT crashed_at_us, id, crash_centi FROM rounds WHERE bookmaker = ? AND (crashed_at_us, id) < (?, ?)"
    " ORDER BY crashed_at_us DESC, id DESC"
)
_TIMED_FROM = (
    "SELECT crashed_at_us, id, crash_centi FROM rounds WHERE bookmaker = ? AND (crashed_at_us, id) >= (?, ?)"
    " ORDER BY crashed_at_us, id"
)
_SET = (
    "INSERT INTO streaks VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (bookmaker, threshold_centi) DO UPDATE"
    " SET current = ?3, longest = ?4, ended = ?5"
)

Place = tuple[int, int, int]  # time in microseconds (-1: none), id, crash point in hundredths


@dataclass(slots=True)
class Streak:
    """The runs below one threshold."""

    current: int = 0
    ended: dict[int, int] = field(default_factory=dict)  # length -> how many

    @property
    def longest(self) -> int:
        """Length of the longest run, ended or not."""
        return max(self.current, max(self.ended, default=0))

    def count(self, length: int, runs: int) -> None:
        """Note `runs` more (or, negative, fewer) ended runs of a length."""
        left = self.ended.get(length, 0) + runs
        if left:
            self.ended[length] = left
        else:
            self.ended.pop(length, None)


class Streaks:
    """Keeps the streaks table. The caller owns the transaction."""

    def __init__(self, connection: apsw.Connection, thresholds_centi: Iterable[int]) -> None:
        self._connection = connection
        self._thresholds = sorted({*thresholds_centi, ALWAYS_CENTI})

    def add(self, bookmaker: str, places: list[Place], newest_at_us: int | None) -> None:
        """Account for new rounds, already in `rounds`, in any order.

        `newest_at_us` is the latest time of the rounds that were there before, None when none has a time.
        """
        places.sort()
        streaks = self._load(bookmaker)
        begin = 0
        if newest_at_us is not None:
            while begin < len(places) and places[begin][0] < newest_at_us:
                begin += 1
            self._splice(bookmaker, streaks, places[:begin], min(place[1] for place in places))
        self._append(streaks, [place[2] for place in places[begin:]])
        self._save(bookmaker, streaks)

    def append(self, bookmaker: str, values_centi: Sequence[int]) -> None:
        """Account for new rounds that all come after those that were there before, in order."""
        streaks = self._load(bookmaker)
        self._append(streaks, values_centi)
        self._save(bookmaker, streaks)

    def _append(self, streaks: dict[int, Streak], values: Sequence[int]) -> None:
        count = len(values)
        hits: Sequence[int] = range(count)
        for threshold in self._thresholds:  # what reaches the next one is among what reached this one
            hits = [index for index in hits if values[index] >= threshold]
            streak = streaks[threshold]
            if not hits:
                streak.current += count
                continue
            if streak.current + hits[0]:
                streak.count(streak.current + hits[0], 1)
            for step, runs in Counter(map(sub, hits[1:], hits)).items():
                if step > 1:
                    streak.count(step - 1, runs)
            streak.current = count - 1 - hits[-1]

    def _splice(
        self, bookmaker: str, streaks: dict[int, Streak], late: Sequence[Place], first_new_id: int
    ) -> None:
        """Put late rounds, in order, where they belong among those with ids below `first_new_id`."""
        placed: set[int] = set()
        for cluster in _clusters(late):
            known = _Known(first_new_id, placed)
            before = self._back(bookmaker, cluster[0], known)
            follows, at_end = self._forth(bookmaker, cluster[0], cluster[-1], known)
            before += follows
            after = sorted([*before, *cluster])
            placed.update(place[1] for place in cluster)
            for threshold in self._thresholds:
                _recount(streaks[threshold], before, threshold, -1, at_end=at_end)
                _recount(streaks[threshold], after, threshold, 1, at_end=at_end)

    def _back(self, bookmaker: str, first: Place, known: "_Known") -> list[Place]:
        """Return the rounds before `first`, in order, back to the one that ended every run."""
        found: list[Place] = []
        queries: list[tuple[str, tuple[str | int, ...]]] = []
        if first[0] >= 0:
            queries.append((_TIMED_BEFORE, (bookmaker, first[0], first[1])))
        queries.append((_UNTIMED_BEFORE, (bookmaker, first[1] if first[0] < 0 else _NO_ID)))
        for query, bindings in queries:
            for place in self._connection.execute(query, bindings):
                if place[1] in known:
                    if place[2] >= self._thresholds[-1]:
                        return found[::-1]
                    found.append(place)
        return found[::-1]

    def _forth(self, bookmaker: str, first: Place, last: Place, known: "_Known") -> tuple[list[Place], bool]:
        """Return the rounds from `first` to the one after `last` that ends every run; whether none does."""
        found: list[Place] = []
        for place in self._connection.execute(_TIMED_FROM, (bookmaker, first[0], first[1])):
            if place[1] in known:
                if place[2] >= self._thresholds[-1] and place > last:
                    return found, False
                found.append(place)
        return found, True

    def _load(self, bookmaker: str) -> dict[int, Streak]:
        streaks = {threshold: Streak() for threshold in self._thresholds}
        for threshold, current, ended in self._connection.execute(
            "SELECT threshold_centi, current, ended FROM streaks WHERE bookmaker = ?", (bookmaker,)
        ):
            streaks[threshold] = Streak(current, _lengths.decode(ended))
        return streaks

    def _save(self, bookmaker: str, streaks: dict[int, Streak]) -> None:
        self._connection.executemany(
            _SET,
            [
                (bookmaker, threshold, streak.current, streak.longest, _encode(streak.ended).decode())
                for threshold, streak in streaks.items()
            ],
        )


class _Known:
    """The ids of rounds that the streaks count already; those of the batch come in one by one."""

    __slots__ = ("_first_new_id", "_placed")

    def __init__(self, first_new_id: int, placed: set[int]) -> None:
        self._first_new_id = first_new_id
        self._placed = placed

    def __contains__(self, round_id: int) -> bool:
        return round_id < self._first_new_id or round_id in self._placed


def _clusters(late: Sequence[Place]) -> list[list[Place]]:
    clusters: list[list[Place]] = []
    for place in late:
        if clusters and place[0] - clusters[-1][-1][0] <= _CLUSTER_GAP_US:
            clusters[-1].append(place)
        else:
            clusters.append([place])
    return clusters


def _recount(streak: Streak, places: Iterable[Place], threshold: int, runs: int, *, at_end: bool) -> None:
    """Add (or, with `runs` -1, take away) the runs of a stretch that begins where every run begins."""
    run = 0
    for _, _, value in places:
        if value < threshold:
            run += 1
        elif run:
            streak.count(run, runs)
            run = 0
    if not at_end:
        if run:
            streak.count(run, runs)
    elif runs > 0:
        streak.current = run
