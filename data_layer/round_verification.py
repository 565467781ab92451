"""Verifying rounds that are stored: their verdicts go to whoever writes the database.

Either each round is judged by the hash that it carries, or the hashes of all of them are recomputed from that
of one game, whose number tells which round is which. Only verdicts that say something new are delivered.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import apsw
import msgspec

from data_layer.analytics.fairness.recomputation import judge_of
from data_layer.analytics.fairness.schemes import SCHEMES, Scheme, clean_hash
from data_layer.analytics.fairness.seeded_games import SEEDED_GAMES
from data_layer.database import rounds_to_verify
from data_layer.database.rounds_to_verify import StoredRound
from data_layer.errors import SourceError
from data_layer.messages import Record, Verified
from data_layer.recordings.importer import RecordSink

STREAM = "verify"  # verdicts have no positions: a second delivery changes nothing
WRONG_TOLD = 10  # of the wrong rounds, in a report
MOST_GAMES = 10_000_000  # that are walked at most, unless more are allowed
_BATCH = 1_000  # verdicts
_BLOCK_GAMES = 5_000
_STRIDE_GAMES = 100_000

Progress = Callable[[int], None]


class WrongRound(msgspec.Struct, frozen=True, kw_only=True):
    """A round that is not what its hash says."""

    round_id: str
    crash_centi: int  # as stored
    recomputed_centi: int | None  # None: the hash itself is wrong
    reason: str


class VerificationReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the rounds that were looked at: rounds = yes + no + unknown."""

    bookmaker: str
    scheme: str
    rounds: int
    yes: int
    no: int
    unknown: int  # without a usable hash, out of reach, or of a scheme that cannot be recomputed
    changed: int  # verdicts and hashes that were not stored before
    first_wrong: tuple[WrongRound, ...]  # the first few
    without_hash: int = 0  # of the unknown ones
    oldest_hash: str = ""  # of the first round that carries a usable one


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """Whose rounds are verified, by which scheme, and where the verdicts go."""

    connection: apsw.Connection  # that reads
    bookmaker: str
    scheme: str
    salt: str | None
    since_us: int | None  # only rounds that crashed at or after; None: all, also those without a time
    sink: RecordSink
    on_progress: Progress = lambda _: None  # is told the rounds or games gone so far


def verify_carried(task: Task) -> VerificationReport:
    """Judge every round by the hash that it carries.

    Raises `SourceError` for a scheme that there is not or that needs a salt, and what the sink raises.
    """
    judge = judge_of(task.scheme, task.salt)
    scheme = SCHEMES.get(task.scheme)
    recomputed = _recomputed(task)
    tally = _Tally(task)
    for page in rounds_to_verify.in_pages(task.connection, task.bookmaker, task.since_us):
        for found in page:
            verdict = judge(found.hash, found.seed, found.crash_centi)
            if not tally.oldest_hash and scheme is not None and verdict is not None:
                tally.oldest_hash = clean_hash(found.hash or "")
            if verdict is False:
                tally.wrong(found, recomputed(found.hash or "", found.seed or ""))
            else:
                tally.judged(found, verdict)
        tally.end_page()
        task.on_progress(tally.rounds)
    return tally.report()


def _recomputed(task: Task) -> Callable[[str, str], int | None]:
    """Return what tells the crash point of a wrong round from its hash and seeds; None: its hash is wrong."""
    game = SEEDED_GAMES.get(task.scheme)
    if game is not None:
        return game.recomputed_centi
    recompute = SCHEMES[task.scheme].calculator(task.salt)
    return lambda hash_, _seed: recompute(clean_hash(hash_))


def verify_along_chain(task: Task, newest: str, newest_game: int, at_most: int) -> VerificationReport:
    """Judge every round by the hash that its game has when game `newest_game` has the hash `newest`.

    Rounds that are newer, more than `at_most` games older, or not named by their number stay unknown. One
    that carries another hash than its place in the chain is wrong. Hashes are stored with rounds that carry
    none, unless most rounds beside them are wrong. Raises as `verify_carried`, `SourceError` also for a
    scheme without a chain.
    """
    scheme = SCHEMES.get(task.scheme)
    if scheme is None:
        raise SourceError(f"scheme {task.scheme} has no chain to walk")
    recompute = scheme.calculator(task.salt)
    games, others = rounds_to_verify.numbered_games(task.connection, task.bookmaker, task.since_us)
    low, high = bisect_left(games, newest_game - at_most), bisect_right(games, newest_game)
    tally = _Tally(task, unknown=others + len(games) - (high - low))
    walk = _Walk(scheme, clean_hash(newest), newest_game, task.on_progress)
    while high > low:
        newest_here = games[high - 1]
        start = max(low, bisect_left(games, newest_here - _BLOCK_GAMES + 1, 0, high))
        hashes = walk.hashes(games[start:high])
        stored = rounds_to_verify.of_games(task.connection, task.bookmaker, games[start:high])
        judged = [_judged(found, hashes[int(found.round_id)], recompute) for found in stored]
        # Where most differ, the start is another game's rather than the rounds false: no hash is kept then.
        right = sum(each.is_right for each in judged)
        keep_hashes = 2 * right > len(judged)
        for each in judged:
            hash_ = each.hash if keep_hashes and each.carries_no_other else None
            if each.is_right:
                tally.judged(each.found, verdict=True, hash_=hash_)
            else:
                tally.wrong(each.found, each.crash_centi if each.carries_no_other else None, hash_)
        tally.end_page(older_than_before=True)
        high = start
    return tally.report()


class _Judged(NamedTuple):
    """A round beside what its game must have been."""

    found: StoredRound
    hash: str
    crash_centi: int
    carries_no_other: bool  # hash

    @property
    def is_right(self) -> bool:
        return self.carries_no_other and self.crash_centi == self.found.crash_centi


def _judged(found: StoredRound, hash_: str, recompute: Callable[[str], int]) -> _Judged:
    return _Judged(found, hash_, recompute(hash_), _carried(found) in (None, hash_))


def _carried(found: StoredRound) -> str | None:
    """Return the hash that a round carries, None where it carries none or text that is no hash."""
    if not found.hash:
        return None
    try:
        return clean_hash(found.hash)
    except SourceError:
        return None


class _Walk:
    """The hashes of games that are asked for from newer to older ones."""

    def __init__(self, scheme: Scheme, hash_: str, game: int, on_progress: Progress) -> None:
        self._chain = scheme.chain
        self._hash = hash_
        self._game = game
        self._newest = game
        self._on_progress = on_progress

    def hashes(self, games: Sequence[int]) -> dict[int, str]:
        """Return the hashes of some games, given in rising order and not far apart."""
        oldest, newest = games[0], games[-1]
        while self._game > newest:
            stride = min(_STRIDE_GAMES, self._game - newest)
            self._hash = self._chain.back(self._hash, stride)
            self._game -= stride
            self._on_progress(self._newest - self._game)
        block = self._chain.block(self._hash, newest - oldest + 1)
        self._hash, self._game = block[0], oldest
        self._on_progress(self._newest - self._game)
        return {game: block[game - oldest] for game in games}


class _Tally:
    """Counts verdicts and delivers those that are news."""

    def __init__(self, task: Task, unknown: int = 0) -> None:
        self._task = task
        self._batch: list[Record] = []
        self._yes = self._no = self._changed = self._without_hash = 0
        self._unknown = unknown
        self._first_wrong: list[WrongRound] = []
        self._wrong_in_page: list[WrongRound] = []
        self.oldest_hash = ""

    @property
    def rounds(self) -> int:
        """Rounds so far."""
        return self._yes + self._no + self._unknown

    def judged(self, found: StoredRound, verdict: bool | None, hash_: str | None = None) -> None:
        """Count a round that is not wrong; `hash_` is stored where it carries none."""
        if verdict is None:
            self._unknown += 1
            self._without_hash += not found.hash
            return
        self._yes += 1
        self._deliver(found, verdict, hash_)

    def wrong(self, found: StoredRound, recomputed_centi: int | None, hash_: str | None = None) -> None:
        """Count a round that is wrong."""
        self._no += 1
        if len(self._wrong_in_page) < WRONG_TOLD:
            seeded = self._task.scheme in SEEDED_GAMES
            reason = f"its {'seeds give' if seeded else 'hash gives'} another crash point"
            if recomputed_centi is None:
                reason = f"its hash is not the one that its {'seeds give' if seeded else 'game must have'}"
            self._wrong_in_page.append(
                WrongRound(
                    round_id=found.round_id,
                    crash_centi=found.crash_centi,
                    recomputed_centi=recomputed_centi,
                    reason=reason,
                )
            )
        self._deliver(found, verdict=False, hash_=hash_)

    def end_page(self, *, older_than_before: bool = False) -> None:
        """Keep the first wrong rounds; a page tells them in their order, the pages maybe in reverse."""
        before, here = self._first_wrong, self._wrong_in_page
        self._first_wrong = (here + before if older_than_before else before + here)[:WRONG_TOLD]
        self._wrong_in_page = []

    def report(self) -> VerificationReport:
        """Deliver the rest, wait until it is committed and return the counts."""
        self._flush()
        self._task.sink.finish()
        return VerificationReport(
            bookmaker=self._task.bookmaker,
            scheme=self._task.scheme,
            rounds=self.rounds,
            yes=self._yes,
            no=self._no,
            unknown=self._unknown,
            changed=self._changed,
            first_wrong=tuple(self._first_wrong),
            without_hash=self._without_hash,
            oldest_hash=self.oldest_hash,
        )

    def _deliver(self, found: StoredRound, verdict: bool, hash_: str | None) -> None:
        new_hash = hash_ if found.hash is None else None
        if found.verified == verdict and new_hash is None:
            return
        self._changed += 1
        self._batch.append(
            Verified(bookmaker=self._task.bookmaker, round_id=found.round_id, verified=verdict, hash=new_hash)
        )
        if len(self._batch) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._batch:
            self._task.sink.write(self._task.bookmaker, STREAM, self._batch)
            self._batch = []
