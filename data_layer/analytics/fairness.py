"""Provably fair schemes: from a game's hash to its crash point, and from a game's hash to the one before.

Formulas and salts are those the sites publish. Where a site computes in floating point, so does this, in the
same order, because its published crash points came out of that. A hash is text of 64 lower-case hex digits;
`h` is the top 52 bits of a digest and `E` is 2**52.
"""

import hashlib
import hmac
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from data_layer.errors import SourceError

_E = 2**52
_HASH = re.compile(r"[0-9a-f]{64}")
_BLOCK_BYTES = 64  # of SHA-256, for HMAC


def clean_hash(text: str) -> str:
    """Return `text` as a hash: trimmed, lower case. Raises `SourceError` when it is not 64 hex digits."""
    hash_ = text.strip().lower()
    if not _HASH.fullmatch(hash_):
        shown = text if len(text) <= 80 else text[:77] + "..."
        raise SourceError(f"a game's hash has 64 hexadecimal digits; {shown!r} has not")
    return hash_


def _keyed(key: bytes) -> Callable[[bytes], bytes]:
    """Return HMAC-SHA256 with a constant key; one of up to 64 bytes costs a third of `hmac.digest`."""
    if len(key) > _BLOCK_BYTES:
        return lambda message: hmac.digest(key, message, "sha256")
    padded = key.ljust(_BLOCK_BYTES, b"\0")
    inner_start = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded))
    outer_start = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def digest(message: bytes) -> bytes:
        inner = inner_start.copy()
        inner.update(message)
        outer = outer_start.copy()
        outer.update(inner.digest())
        return outer.digest()

    return digest


def _top_52(digest: bytes) -> int:
    return int.from_bytes(digest[:7], "big") >> 4


def _raw_step(hash_: str) -> str:
    return hashlib.sha256(bytes.fromhex(hash_)).hexdigest()


def _hex_step(hash_: str) -> str:
    return hashlib.sha256(hash_.encode()).hexdigest()


class Scheme(ABC):
    """How one site makes a crash point from a game's hash.

    `salt` is the published one, None where each use must bring its own.
    """

    def __init__(self, name: str, salt: str | None, step: Callable[[str], str]) -> None:
        self.name = name
        self.salt = salt
        self.previous = step  # hash of a game -> hash of the game before

    @abstractmethod
    def calculator(self, salt: str | None = None) -> Callable[[str], int]:
        """Return what turns a hash into a crash point in hundredths, for many hashes of one salt.

        Raises `SourceError` when neither `salt` nor the scheme gives a salt.
        """

    def crash_centi(self, hash_: str, salt: str | None = None) -> int:
        """Return the crash point, in hundredths, of the game with this hash."""
        return self.calculator(salt)(hash_)

    def _salt(self, salt: str | None) -> str:
        chosen = salt or self.salt
        if not chosen:
            raise SourceError(f"scheme {self.name} has no published salt: give one")
        return chosen


class BustabitScheme(Scheme):
    """`result = max(1, floor(99 / (1 - h/E)) / 100)` with h from HMAC(salt text, hash bytes)."""

    def calculator(self, salt: str | None = None) -> Callable[[str], int]:
        digest = _keyed(self._salt(salt).encode())
        numerator = 99 * _E
        from_hex = bytes.fromhex

        def crash_centi(hash_: str) -> int:
            # 99 E / (E - h) is the published 99 / (1 - h/E): both steps are exact before the one division.
            return max(100, int(numerator / (_E - _top_52(digest(from_hex(hash_))))))

        return crash_centi


class BcGameScheme(Scheme):
    """As Bustabit, with h/E rounded to 9 significant digits before use."""

    def calculator(self, salt: str | None = None) -> Callable[[str], int]:
        digest = _keyed(self._salt(salt).encode())

        def crash_centi(hash_: str) -> int:
            share = _top_52(digest(bytes.fromhex(hash_))) / _E
            rounded = float(f"{share:.9g}")
            # One hash in two billion rounds to 1, for which the site's own formula divides by zero.
            return max(100, int(99 / (1 - (rounded if rounded < 1 else share))))

        return crash_centi


class EthercrashScheme(Scheme):
    """One game in 101 is 1.00; else `floor((100 E - h) / (E - h)) / 100`, h from HMAC(hash, salt)."""

    def calculator(self, salt: str | None = None) -> Callable[[str], int]:
        message = self._salt(salt).encode()

        def crash_centi(hash_: str) -> int:
            digest = hmac.digest(hash_.encode(), message, "sha256")
            if int.from_bytes(digest, "big") % 101 == 0:
                return 100
            h = _top_52(digest)
            return int(float(100 * _E - h) / (_E - h))

        return crash_centi


class StakeScheme(Scheme):
    """`result = max(1, 2**32 / (n + 1) * 0.99)`, n the first 32 bits of HMAC(hash text, salt text)."""

    def result(self, hash_: str, salt: str | None = None) -> float:
        """Return the multiplier as published, with all its decimals."""
        digest = hmac.digest(hash_.encode(), self._salt(salt).encode(), "sha256")
        return max(1.0, 2**32 / (int.from_bytes(digest[:4], "big") + 1) * 0.99)

    def calculator(self, salt: str | None = None) -> Callable[[str], int]:
        # Hundredths are cut, not rounded: a cash-out at the rounded-up value would not have been reached.
        chosen = self._salt(salt)
        return lambda hash_: int(self.result(hash_, chosen) * 100)


SCHEMES: dict[str, Scheme] = {
    scheme.name: scheme
    for scheme in (
        BustabitScheme(
            "bustabit", "00000000000000000001e08b7fd44f95e3e950ac65650a8031a6d5e1750e34be", _raw_step
        ),
        BustabitScheme(
            "bustabit-v2", "0000000000000000004d6ec16dafe9d8370958664c1dc422f452892264c59526", _hex_step
        ),
        EthercrashScheme("ethercrash", None, _hex_step),
        BcGameScheme(
            "bc.game", "0000000000000000000301e2801a9a9598bfb114e574a91a887f2132f33047e6", _hex_step
        ),
        StakeScheme("stake", "0000000000000000001b34dc6a1e86083f95500b096231436e9b25cbdd0075c4", _hex_step),
    )
}

UNVERIFIABLE = {
    "aviator": "how Aviator makes a multiplier of its hash is not published; "
    "only its commitment can be checked"
}


def scheme_named(name: str) -> Scheme:
    """Return the chain scheme called `name`. Raises `SourceError` naming those there are."""
    try:
        return SCHEMES[name]
    except KeyError:
        known = ", ".join(SCHEMES)
        raise SourceError(f"no scheme {name!r} that runs on a hash chain; there are {known}") from None


def chain_block(scheme: Scheme, newest: str, games: int) -> list[str]:
    """Return the hashes of `games` games that end with `newest`, oldest first."""
    step = scheme.previous
    hash_ = newest
    block = [hash_]
    for _ in range(games - 1):
        hash_ = step(hash_)
        block.append(hash_)
    block.reverse()
    return block


def leads_to(scheme: Scheme, hash_: str, commitment: str, at_most: int) -> int | None:
    """Return how many games lie between `hash_` and the `commitment` made before them.

    None when the chain does not reach it within `at_most` steps: then the hash is not of this chain.
    """
    step = scheme.previous
    for steps in range(at_most + 1):
        if hash_ == commitment:
            return steps
        hash_ = step(hash_)
    return None


def verify(scheme: str, hash_: str, crash_centi: int, salt: str | None = None) -> bool | None:
    """Tell whether a hash gives this crash point; None where the scheme cannot be verified."""
    if scheme in UNVERIFIABLE:
        return None
    return scheme_named(scheme).crash_centi(clean_hash(hash_), salt) == crash_centi


def duel_crash_centi(seed: str, drand: str) -> int:
    """Return the crash point of a Duel game from its revealed seed and the drand randomness, both hex."""
    message = bytes.fromhex(drand).decode("utf-8", errors="replace") + ":0"
    digest = hmac.digest(bytes.fromhex(seed), message.encode(), "sha256")
    v = int.from_bytes(digest[:4], "big")
    return max(100, int(0.999 * 2**32 / (v + 1) * 100))


def duel_commitment(seed: str) -> str:
    """Return what Duel published before the game: SHA-256 of the seed's bytes."""
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def aviator_hash(server_seed: str, client_seeds: Sequence[str]) -> str:
    """Return SHA-512 over the server seed and the first three client seeds, as Aviator shows it.

    The step from there to the multiplier is not published: see `UNVERIFIABLE`.
    """
    return hashlib.sha512("".join([server_seed, *client_seeds[:3]]).encode()).hexdigest()
