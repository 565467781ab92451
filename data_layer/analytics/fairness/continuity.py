"""Whether rounds follow each other in their site's hash chain, looked at round by round as they come.

The hash of a round must lead to the one of the round before in one step. A site that could choose each hash
anew would find one for any crash point, so a hash that gives the right one proves nothing by itself. Where
rounds are missing the chain shows how many, if there are not too many of them.
"""

import re
from enum import Enum, auto
from typing import NamedTuple

from data_layer.analytics.fairness.hash_chain import HashChain

_FAR_GAMES = 20_000  # that may be missing and are looked for, some 7 ms
_NEAR_GAMES = 100  # the same while the chain is broken anyway, so that a broken one costs little
_ID = re.compile(r"(.*?)(\d{1,18})", re.DOTALL)  # a number, maybe with a name before it


class Link(Enum):
    """How a round hangs on those before it."""

    FIRST = auto()  # nothing is known to hang on
    NEXT = auto()
    AFTER_MISSING = auto()  # rounds are missing in between: `missing` says how many, None: unknown
    EARLIER = auto()  # an older round, or one that was told before
    BROKEN = auto()  # it is the next round by its id, and its hash does not lead to the one before
    LOOSE = auto()  # the chain was broken already, and whether rounds are missing cannot be told


class Place(NamedTuple):
    """Where a round stands in the chain."""

    link: Link
    missing: int | None = None


class ChainWatch:
    """Follows the chain of one bookmaker. For rounds in the order in which they come."""

    def __init__(self, chain: HashChain) -> None:
        self._chain = chain
        self._hash = ""  # of the newest round
        self._id = ""
        self._whole = True  # the newest round hung on the one before
        self._hashless = 0  # rounds without a usable hash that came since
        self._gap_known = False

    def hashless(self) -> None:
        """Note that a round came whose hash cannot be used."""
        self._hashless += 1

    def gap(self) -> None:
        """Note that rounds are known to be missing before the next one."""
        self._gap_known = True

    def place(self, hash_: str, round_id: str) -> Place:
        """Return where a round stands; `hash_` is 64 lower-case hex digits."""
        if not self._hash:
            return self._goes_on(hash_, round_id, Place(Link.FIRST))
        ahead = _games_between(self._id, round_id)
        if hash_ == self._hash:
            # One hash for two rounds: the second is made up, unless it is the same one told again.
            return Place(Link.BROKEN if ahead and ahead > 0 else Link.EARLIER)
        reach = _FAR_GAMES if self._whole else _NEAR_GAMES
        steps = self._chain.distance(hash_, self._hash, reach)
        if steps is not None:
            missing = steps - 1 - self._hashless
            place = Place(Link.AFTER_MISSING, missing) if missing > 0 else Place(Link.NEXT)
            return self._goes_on(hash_, round_id, place)
        if (ahead is None or ahead < 0) and self._chain.distance(self._hash, hash_, reach) is not None:
            return Place(Link.EARLIER)
        link = Link.AFTER_MISSING if self._whole else Link.LOOSE
        if ahead == 1 and not self._hashless and not self._gap_known:
            link = Link.BROKEN
        found = self._goes_on(hash_, round_id, Place(link))
        self._whole = False
        return found

    def _goes_on(self, hash_: str, round_id: str, place: Place) -> Place:
        self._hash, self._id = hash_, round_id
        self._whole = True
        self._hashless = 0
        self._gap_known = False
        return place


def _games_between(round_id: str, later_id: str) -> int | None:
    """Return by how much the number in an id is higher than in another; None where they tell no numbers."""
    before, after = _ID.fullmatch(round_id), _ID.fullmatch(later_id)
    if before is None or after is None or before[1] != after[1]:
        return None
    return int(after[2]) - int(before[2])
