"""Walking the hash chain of a game, which leads from newer games to older ones only.

A site computes its chain once, publishes the hash at the old end as a commitment and plays the games towards
the new end, so nobody can compute the next game and everybody can compute the one before (Lamport, "Password
authentication with insecure communication", 1981). The walks here cost little more than their hashing.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable

_STRIDE = 100_000  # games between two reports of progress, some 40 ms


class HashChain(ABC):
    """How the hash of a game leads to the hash of the game before. Hashes are 64 lower-case hex digits."""

    @abstractmethod
    def back(self, hash_: str, games: int) -> str:
        """Return the hash of the game that lies `games` before the one of `hash_`."""

    @abstractmethod
    def block(self, newest: str, games: int) -> list[str]:
        """Return the hashes of `games` games that end with `newest`, oldest first; `games` is at least 1."""

    @abstractmethod
    def search(self, hash_: str, wanted: str, games: int) -> tuple[int, str]:
        """Go back up to `games` games until `wanted`.

        Returns how many it took, 0 when `wanted` was not met, and the hash that was come to.
        """

    def previous(self, hash_: str) -> str:
        """Return the hash of the game before."""
        return self.back(hash_, 1)

    def distance(
        self, hash_: str, older: str, at_most: int, on_progress: Callable[[int], None] = lambda games: None
    ) -> int | None:
        """Return how many games back from `hash_` lies `older`: 0 for itself, None beyond `at_most`.

        `on_progress` is told the games gone so far, some 25 times a second.
        """
        if hash_ == older:
            return 0
        gone = 0
        while gone < at_most:
            stride = min(_STRIDE, at_most - gone)
            found, hash_ = self.search(hash_, older, stride)
            if found:
                return gone + found
            gone += stride
            on_progress(gone)
        return None


class RawChain(HashChain):
    """The game before has SHA-256 over the 32 bytes of this game's hash."""

    def back(self, hash_: str, games: int) -> str:
        """See `HashChain`."""
        sha256, raw = hashlib.sha256, bytes.fromhex(hash_)
        for _ in range(games):
            raw = sha256(raw).digest()
        return raw.hex()

    def block(self, newest: str, games: int) -> list[str]:
        """See `HashChain`."""
        sha256, raw = hashlib.sha256, bytes.fromhex(newest)
        found = [newest]
        for _ in range(games - 1):
            raw = sha256(raw).digest()
            found.append(raw.hex())
        found.reverse()
        return found

    def search(self, hash_: str, wanted: str, games: int) -> tuple[int, str]:
        """See `HashChain`."""
        sha256, raw, target = hashlib.sha256, bytes.fromhex(hash_), bytes.fromhex(wanted)
        for gone in range(1, games + 1):
            raw = sha256(raw).digest()
            if raw == target:
                return gone, wanted
        return 0, raw.hex()


class HexChain(HashChain):
    """The game before has SHA-256 over the 64 hex digits of this game's hash, as text."""

    def back(self, hash_: str, games: int) -> str:
        """See `HashChain`."""
        sha256 = hashlib.sha256
        for _ in range(games):
            hash_ = sha256(hash_.encode()).hexdigest()
        return hash_

    def block(self, newest: str, games: int) -> list[str]:
        """See `HashChain`."""
        sha256, hash_ = hashlib.sha256, newest
        found = [newest]
        for _ in range(games - 1):
            hash_ = sha256(hash_.encode()).hexdigest()
            found.append(hash_)
        found.reverse()
        return found

    def search(self, hash_: str, wanted: str, games: int) -> tuple[int, str]:
        """See `HashChain`."""
        sha256 = hashlib.sha256
        for gone in range(1, games + 1):
            hash_ = sha256(hash_.encode()).hexdigest()
            if hash_ == wanted:
                return gone, wanted
        return 0, hash_
