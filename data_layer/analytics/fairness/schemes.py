"""Provably fair schemes: from a game's hash to its crash point, and from a game's hash to the one before.

Formulas and salts are those the sites publish. Where a site computes in floating point, so does this, in the
same order, because its published crash points came out of that. A hash is text of 64 lower-case hex digits;
`h` is the top 52 bits of a digest and `E` is 2**52. Schemes without a chain are in `seeded_games`.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from difflib import get_close_matches

from data_layer.analytics.fairness import keyed_digests
from data_layer.analytics.fairness.hash_chain import HashChain, HexChain, RawChain
from data_layer.analytics.fairness.seeded_games import SEEDED_GAMES
from data_layer.errors import SourceError

OWN_SALT = "aviator simulator"  # of simulated rounds, for schemes that publish none

_E = 2**52
_HASH = re.compile(r"[0-9a-f]{64}")


def clean_hash(text: str) -> str:
    """Return `text` as a hash: trimmed, lower case. Raises `SourceError` when it is not 64 hex digits."""
    hash_ = text.strip().lower()
    if not _HASH.fullmatch(hash_):
        shown = text if len(text) <= 80 else text[:77] + "..."
        raise SourceError(f"a game's hash has 64 hexadecimal digits; {shown!r} has not")
    return hash_


class Scheme(ABC):
    """How one site makes a crash point from a game's hash.

    `salt` is the published one, None where each use must bring its own.
    """

    def __init__(self, name: str, salt: str | None, chain: HashChain) -> None:
        self.name = name
        self.salt = salt
        self.chain = chain
        self.previous = chain.previous  # hash of a game -> hash of the game before

    @abstractmethod
    def calculator(self, salt: str | None = None) -> Callable[[str], int]:
        """Return what turns a hash into a crash point in hundredths, for many hashes of one salt.

        Raises `SourceError` when neither `salt` nor the scheme gives a salt.
        """

    def crash_centi(self, hash_: str, salt: str | None = None) -> int:
        """Return the crash point, in hundredths, of the game with this hash."""
        return self.calculator(salt)(hash_)

    def salt_used(self, salt: str | None = None) -> str:
        """Return the salt that `salt` or the scheme gives. Raises `SourceError` when neither does."""
        chosen = salt or self.salt
        if not chosen:
            raise SourceError(f"scheme {self.name} has no published salt: give one")
        return chosen


class BustabitScheme(Scheme):
    """`result = max(1, floor(99 / (1 - h/E)) / 100)` with h from HMAC(salt text, hash bytes)."""

    def calculator(self, salt: str | None = None) -> Callable[[str], int]:
        """See `Scheme`."""
        digest = keyed_digests.of_messages(self.salt_used(salt).encode())
        numerator, whole = 99.0 * _E, _E
        from_hex, from_bytes = bytes.fromhex, int.from_bytes

        def crash_centi(hash_: str) -> int:
            # 99 E / (E - h) is the published 99 / (1 - h/E): all is exact before the one division.
            crash = int(numerator / (whole - (from_bytes(digest(from_hex(hash_))[:7], "big") >> 4)))
            return crash if crash > 100 else 100

        return crash_centi


class BcGameScheme(Scheme):
    """As Bustabit, with h/E rounded to 9 significant digits before use."""

    def calculator(self, salt: str | None = None) -> Callable[[str], int]:
        """See `Scheme`."""
        digest = keyed_digests.of_messages(self.salt_used(salt).encode())

        def crash_centi(hash_: str) -> int:
            share = _top_52(digest(bytes.fromhex(hash_))) / _E
            rounded = float(f"{share:.9g}")
            # One hash in two billion rounds to 1, for which the site's own formula divides by zero.
            return max(100, int(99 / (1 - (rounded if rounded < 1 else share))))

        return crash_centi


class EthercrashScheme(Scheme):
    """One game in 101 is 1.00; else `floor((100 E - h) / (E - h)) / 100`, h from HMAC(hash, salt)."""

    def calculator(self, salt: str | None = None) -> Callable[[str], int]:
        """See `Scheme`."""
        digest_of = keyed_digests.of_keys(self.salt_used(salt).encode())

        def crash_centi(hash_: str) -> int:
            digest = digest_of(hash_.encode())
            if int.from_bytes(digest, "big") % 101 == 0:
                return 100
            h = _top_52(digest)
            return int(float(100 * _E - h) / (_E - h))

        return crash_centi


class StakeScheme(Scheme):
    """`result = max(1, 2**32 / (n + 1) * 0.99)`, n the first 32 bits of HMAC(hash text, salt text)."""

    def result(self, hash_: str, salt: str | None = None) -> float:
        """Return the multiplier as published, with all its decimals."""
        return self._results(salt)(hash_)

    def calculator(self, salt: str | None = None) -> Callable[[str], int]:
        """See `Scheme`."""
        # Hundredths are cut, not rounded: a cash-out at the rounded-up value would not have been reached.
        result = self._results(salt)
        return lambda hash_: int(result(hash_) * 100)

    def _results(self, salt: str | None) -> Callable[[str], float]:
        digest_of = keyed_digests.of_keys(self.salt_used(salt).encode())

        def result(hash_: str) -> float:
            return max(1.0, 2**32 / (int.from_bytes(digest_of(hash_.encode())[:4], "big") + 1) * 0.99)

        return result


def _top_52(digest: bytes) -> int:
    return int.from_bytes(digest[:7], "big") >> 4


_RAW, _HEX = RawChain(), HexChain()
SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        BustabitScheme("bustabit", "00000000000000000001e08b7fd44f95e3e950ac65650a8031a6d5e1750e34be", _RAW),
        BustabitScheme(
            "bustabit-v2", "0000000000000000004d6ec16dafe9d8370958664c1dc422f452892264c59526", _HEX
        ),
        EthercrashScheme("ethercrash", None, _HEX),
        BcGameScheme("bc.game", "0000000000000000000301e2801a9a9598bfb114e574a91a887f2132f33047e6", _HEX),
        StakeScheme("stake", "0000000000000000001b34dc6a1e86083f95500b096231436e9b25cbdd0075c4", _HEX),
    )
}
NAMES: tuple[str, ...] = (*SCHEMES, *SEEDED_GAMES)  # of all schemes, those on a chain first


def scheme_named(name: str) -> Scheme:
    """Return the chain scheme called `name`. Raises `SourceError` naming the nearest and those there are."""
    try:
        return SCHEMES[name]
    except KeyError:
        known = ", ".join(SCHEMES)
        near = get_close_matches(name.lower(), SCHEMES, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise SourceError(f"no scheme {name!r} that runs on a hash chain; there are {known}{hint}") from None
