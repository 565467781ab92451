"""Verdicts on rounds: does a hash give the crash point that was shown?

Yes, no, or unknown. A scheme whose mapping is not public can only ever be found wrong, never right.
"""

from collections.abc import Callable

from data_layer.analytics.fairness.schemes import clean_hash, scheme_named
from data_layer.analytics.fairness.seeded_games import SEEDED_GAMES
from data_layer.errors import SourceError

# From a round's hash, seeds and crash point in hundredths to its verdict.
Judge = Callable[[str | None, str | None, int], bool | None]


def judge_of(scheme: str, salt: str | None = None) -> Judge:
    """Return what judges rounds of a scheme; text that is no hash, or none at all, proves nothing: None.

    Raises `SourceError` for a scheme that there is not, or that needs a salt.
    """
    game = SEEDED_GAMES.get(scheme)
    if game is not None:
        verdict = game.verdict
        return lambda hash_, seed, crash_centi: verdict(hash_, seed, crash_centi) if hash_ and seed else None
    recompute = scheme_named(scheme).calculator(salt)

    def judge(hash_: str | None, _seed: str | None, crash_centi: int) -> bool | None:
        if not hash_:
            return None
        try:
            return recompute(clean_hash(hash_)) == crash_centi
        except SourceError:
            return None

    return judge


def verify(scheme: str, hash_: str, crash_centi: int, salt: str | None = None) -> bool | None:
    """Tell whether a hash gives this crash point; None where the scheme cannot tell from a hash alone.

    Raises `SourceError` for text that is no hash and for a scheme that there is not.
    """
    if scheme in SEEDED_GAMES:
        return None
    return scheme_named(scheme).crash_centi(clean_hash(hash_), salt) == crash_centi
