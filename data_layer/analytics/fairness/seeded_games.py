"""Provably fair schemes without a chain: each game stands for itself, by seeds that are revealed after it.

Duel makes the crash point of a seed that it committed to before the game and of randomness that the drand
network published after that. Aviator shows SHA-512 over a server seed and the seeds of the first three
players who joined; how a multiplier is made of it is not public, so nothing can be said of the multiplier.
"""

import hashlib
import hmac
from abc import ABC, abstractmethod
from collections.abc import Sequence

from data_layer.errors import SourceError

CLIENT_SEEDS = 3  # that an Aviator hash covers
_HEX_DIGITS = frozenset("0123456789abcdef")
_SEPARATOR = ":"  # between the seeds of one game where they are stored as one text


class SeededGame(ABC):
    """A scheme whose games are checked one by one."""

    name: str
    unverifiable = ""  # why its multipliers cannot be recomputed; empty where they can

    @abstractmethod
    def verdict(self, hash_: str, seed: str, crash_centi: int) -> bool | None:
        """Judge a stored game by its hash (the commitment) and its seeds, joined by colons.

        False when commitment or crash point is wrong, True when both are right, None when what is at hand
        proves neither, as text that is no hash.
        """

    def recomputed_centi(self, hash_: str, seed: str) -> int | None:
        """Return the crash point, in hundredths, of a stored game whose seeds give its hash.

        None where they do not, or where what is at hand gives none.
        """
        return None


class Duel(SeededGame):
    """`result = max(1, floor(0.999 * 2**32 / (v + 1) * 100) / 100)`, v the first 32 bits of an HMAC.

    Its key is the seed, its message the drand randomness as UTF-8 text (undecodable bytes
    replaced) with ":0" behind it.
    """

    name = "duel"

    def crash_centi(self, seed: str, drand: str) -> int:
        """Return the crash point of the revealed seed and the drand randomness, both hex, in hundredths.

        Raises `SourceError` for what is no hex.
        """
        message = _bytes("drand randomness", drand).decode("utf-8", errors="replace") + ":0"
        digest = hmac.digest(_bytes("seed", seed), message.encode(), "sha256")
        v = int.from_bytes(digest[:4], "big")
        return max(100, int(0.999 * 2**32 / (v + 1) * 100))

    def commitment(self, seed: str) -> str:
        """Return what Duel published before the game: SHA-256 of the seed's bytes. Raises `SourceError`."""
        return hashlib.sha256(_bytes("seed", seed)).hexdigest()

    def verdict(self, hash_: str, seed: str, crash_centi: int) -> bool | None:
        """See `SeededGame`; the seeds are SEED or SEED:DRAND. Without the drand part only "no" is certain."""
        server, _, drand = seed.partition(_SEPARATOR)
        if not _is_digest(hash_, 256):
            return None
        try:
            if self.commitment(server) != hash_.strip().lower():
                return False
            return self.crash_centi(server, drand) == crash_centi if drand else None
        except SourceError:
            return None

    def recomputed_centi(self, hash_: str, seed: str) -> int | None:
        """See `SeededGame`."""
        server, _, drand = seed.partition(_SEPARATOR)
        try:
            kept = bool(drand) and self.commitment(server) == hash_.strip().lower()
            return self.crash_centi(server, drand) if kept else None
        except SourceError:
            return None


class Aviator(SeededGame):
    """Only the commitment can be checked."""

    name = "aviator"
    unverifiable = "its mapping is not public"

    def commitment(self, server_seed: str, client_seeds: Sequence[str]) -> str:
        """Return SHA-512 over the server seed and the first three client seeds.

        Raises `SourceError` for fewer than three.
        """
        if len(client_seeds) < CLIENT_SEEDS:
            raise SourceError(
                f"an Aviator hash covers {CLIENT_SEEDS} client seeds; {len(client_seeds)} were given"
            )
        seeds = (server_seed, *client_seeds[:CLIENT_SEEDS])
        return hashlib.sha512("".join(seeds).encode()).hexdigest()

    def verdict(self, hash_: str, seed: str, crash_centi: int) -> bool | None:
        """See `SeededGame`; the seeds are SERVER:CLIENT:CLIENT:CLIENT. Never True."""
        server, *clients = seed.split(_SEPARATOR)
        if len(clients) < CLIENT_SEEDS or not _is_digest(hash_, 512):
            return None
        return None if self.commitment(server, clients) == hash_.strip().lower() else False


DUEL = Duel()
AVIATOR = Aviator()
SEEDED_GAMES: dict[str, SeededGame] = {game.name: game for game in (DUEL, AVIATOR)}


def _is_digest(text: str, bits: int) -> bool:
    digits = text.strip().lower()
    return len(digits) == bits // 4 and set(digits) <= _HEX_DIGITS


def _bytes(what: str, text: str) -> bytes:
    try:
        found = bytes.fromhex(text.strip())
    except ValueError:
        found = b""
    if not found:
        shown = text if len(text) <= 80 else text[:77] + "..."
        raise SourceError(f"a {what} is written in hexadecimal digits; {shown!r} is not")
    return found
