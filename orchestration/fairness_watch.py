"""Inside a worker: every round that carries a hash is verified as it comes, before it is recorded.

A wrong round is stored like any other, with its verdict. What is found is said once for each stretch of equal
rounds, not once a round.
"""

import logging

import msgspec

from config.specs import FairnessSpec
from data_layer.analytics.fairness.continuity import ChainWatch, Link, Place
from data_layer.analytics.fairness.recomputation import judge_of
from data_layer.analytics.fairness.schemes import SCHEMES, clean_hash
from data_layer.errors import SourceError
from data_layer.messages import Flag, Gap, Round

_log = logging.getLogger(__name__)


class FairnessWatch:
    """Verifies the rounds of one bookmaker by its configured scheme."""

    def __init__(self, spec: FairnessSpec) -> None:
        """Raises `SourceError` for a scheme that needs a salt and has none."""
        self._judge = judge_of(spec.scheme, spec.salt)
        scheme = SCHEMES.get(spec.scheme)
        self._chain = ChainWatch(scheme.chain) if scheme else None
        self._name = spec.scheme
        self._last: Round | None = None
        self._said = ""  # of the present stretch

    def check(self, finished: Round) -> tuple[Round, Gap | None]:
        """Return the round with its verdict, and the gap before it that its place in the chain shows.

        A round that its source has verified, or that carries no hash, comes back as it is.
        """
        if finished.verified is not None:
            return finished, None
        verified = self._judge(finished.hash, finished.seed, finished.crash_centi)
        place = self._placed(finished)
        trouble = ""
        if verified is False:
            trouble = f"by scheme {self._name} its hash gives another crash point"
        elif place.link is Link.BROKEN:
            verified = False
            trouble = "its hash does not lead to the one of the round before"
        elif finished.hash and verified is None and self._chain is not None:
            trouble = "what it carries is no hash"
        if finished.hash:
            self._say(finished, trouble)
        last = self._last
        if place.link is not Link.EARLIER:
            self._last = finished
        if place.link is not Link.AFTER_MISSING or last is None or finished.flags & Flag.GAP_BEFORE:
            return msgspec.structs.replace(finished, verified=verified), None
        flags = finished.flags | Flag.GAP_BEFORE
        checked = msgspec.structs.replace(finished, verified=verified, flags=flags)
        return checked, _gap_between(last, finished, place.missing)

    def _placed(self, finished: Round) -> Place:
        """Return where the round stands in the chain; as if it were the first where that cannot be told."""
        if self._chain is None:
            return Place(Link.FIRST)
        if finished.flags & Flag.GAP_BEFORE:
            self._chain.gap()
        try:
            return self._chain.place(clean_hash(finished.hash or ""), finished.round_id)
        except SourceError:
            self._chain.hashless()
            return Place(Link.FIRST)

    def _say(self, finished: Round, trouble: str) -> None:
        """Log the first round of a stretch."""
        if trouble == self._said:
            return
        if trouble:
            _log.warning("Round %s is not verified: %s", finished.round_id, trouble)
        else:
            _log.info("Round %s is in order again", finished.round_id)
        self._said = trouble


def _gap_between(last: Round, finished: Round, missing: int | None) -> Gap:
    started_at_us = last.crashed_at_us or last.received_at_us
    reason = "the hash chain does not lead to the round before"
    return Gap(
        bookmaker=finished.bookmaker,
        started_at_us=started_at_us,
        ended_at_us=max(started_at_us, finished.started_at_us or finished.received_at_us),
        reason=reason if missing is None else "rounds are missing in the hash chain",
        missing=missing,
    )
