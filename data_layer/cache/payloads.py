"""Between our own values and the JSON that stands in Redis.

What is read may be anybody's: `ForeignValueError` tells that a value cannot be ours. Nothing here executes
anything, or builds anything but plain values.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from data_layer.cache.json_shapes import (
    BriefObject,
    Centi,
    CommittedObject,
    CommittedRoundsObject,
    Count,
    CrossedObject,
    CrossingObject,
    Number,
    RoundObject,
    Text,
    WorkerStateObject,
)
from data_layer.messages import (
    Committed,
    CommittedRounds,
    Crossing,
    Flag,
    Origin,
    Round,
    RoundBrief,
)
from data_layer.statistics import BettingStats, RgbStats, RoundStats

_HIGHEST = 2**63 - 1  # what the database can hold

ValueT = TypeVar("ValueT")


class ForeignValueError(Exception):
    """A value in Redis that we cannot have written."""


class BookmakerStats(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`stats:...` and `metrics:...`, here and in Redis alike; of all bookmakers together with an empty name.

    In JSON a round in `newest` is an array of its id, crash_centi, crashed_at_us and duration_ms, and
    `origins` are the numbers of `data_layer.messages.Origin`: these are read by the dozen, several times a
    second.
    """

    version: int  # of the data it was computed from
    computed_at_us: int
    rounds: RoundStats
    betting: BettingStats | None = None
    rgb: tuple[RgbStats, ...] = ()
    newest: tuple[RoundBrief, ...] = ()  # oldest first
    bookmakers: tuple[str, ...] = ()  # of a total: who is in it

    @property
    def bookmaker(self) -> str:
        """Whose they are; empty for the total."""
        return self.rounds.bookmaker


class WallStats(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """`wall`: the stats of all bookmakers of one commit, without their newest rounds."""

    total: BookmakerStats
    rows: tuple[BookmakerStats, ...]  # in the order of `total.bookmakers`


class _LastRound(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a card shows of `last_round:...`."""

    bookmaker: Text
    round_id: Text
    crash_centi: Centi
    crashed_at_us: Number | None = None
    duration_ms: Count | None = None


_round_decoder = msgspec.json.Decoder(RoundObject)
_last_round_decoder = msgspec.json.Decoder(_LastRound)
_stats_decoder = msgspec.json.Decoder(BookmakerStats)
_wall_decoder = msgspec.json.Decoder(WallStats)
_committed_decoder = msgspec.json.Decoder(CommittedObject)
_state_decoder = msgspec.json.Decoder(WorkerStateObject)
_encoder = msgspec.json.Encoder()


def as_json(value: msgspec.Struct) -> bytes:
    """Return one of the objects above as JSON."""
    return _encoder.encode(value)


def round_object(record: Round) -> RoundObject:
    """Return `record` as it stands in Redis."""
    return RoundObject(
        bookmaker=record.bookmaker,
        round_id=record.round_id,
        crash_point=record.crash_centi / 100,
        crash_centi=record.crash_centi,
        started_at_us=record.started_at_us,
        crashed_at_us=record.crashed_at_us,
        duration_ms=record.duration_ms,
        players_total=record.players_total,
        players_cashed_out=record.players_cashed_out,
        stake_minor=record.stake_minor,
        payout_minor=record.payout_minor,
        currency=record.currency,
        hash=record.hash,
        seed=record.seed,
        verified=record.verified,
        received_at_us=record.received_at_us,
        flags=tuple(flag.name.lower() for flag in Flag(record.flags) if flag.name) if record.flags else (),
        origin=_ORIGIN_WORDS[record.origin],
        crossings=tuple(crossing_object(crossing) for crossing in record.crossings),
    )


def crossing_object(crossing: Crossing) -> CrossingObject:
    """Return `crossing` as it stands in Redis."""
    return CrossingObject(
        threshold_centi=crossing.threshold_centi,
        actual_centi=crossing.actual_centi,
        crossed_at_us=crossing.crossed_at_us,
        players_left=crossing.players_left,
        stake_left_minor=crossing.stake_left_minor,
    )


def crossed_object(record: Round, crossing: Crossing) -> CrossedObject:
    """Return what `threshold_crossed` tells of one crossing of `record`."""
    return CrossedObject(
        bookmaker=record.bookmaker,
        round_id=record.round_id,
        threshold_centi=crossing.threshold_centi,
        actual_centi=crossing.actual_centi,
        crossed_at_us=crossing.crossed_at_us,
        players_left=crossing.players_left,
        stake_left_minor=crossing.stake_left_minor,
    )


def round_from(blob: bytes, bookmaker: str) -> Round:
    """Return the round in `blob`. Raises `ForeignValueError`, also for one of another bookmaker."""
    held = _decoded(_round_decoder, blob)
    _refuse_another(bookmaker, held.bookmaker, "a round")
    if round(held.crash_point * 100) != held.crash_centi:
        raise ForeignValueError("crash_point and crash_centi differ")
    flags = 0
    for word in held.flags:
        flags |= _word(_FLAGS, word)
    return Round(
        bookmaker=held.bookmaker,
        round_id=held.round_id,
        crash_centi=held.crash_centi,
        started_at_us=held.started_at_us,
        crashed_at_us=held.crashed_at_us,
        duration_ms=held.duration_ms,
        players_total=held.players_total,
        players_cashed_out=held.players_cashed_out,
        stake_minor=held.stake_minor,
        payout_minor=held.payout_minor,
        currency=held.currency,
        hash=held.hash,
        seed=held.seed,
        verified=held.verified,
        received_at_us=held.received_at_us,
        flags=int(flags),
        origin=_word(_ORIGINS, held.origin),
        crossings=tuple(Crossing(**msgspec.structs.asdict(crossing)) for crossing in held.crossings),
    )


def brief_from(blob: bytes, bookmaker: str) -> RoundBrief:
    """Return what a card shows of the round in `blob`. Raises `ForeignValueError`, as `round_from`."""
    held = _decoded(_last_round_decoder, blob)
    _refuse_another(bookmaker, held.bookmaker, "a round")
    return RoundBrief(
        round_id=held.round_id,
        crash_centi=held.crash_centi,
        crashed_at_us=held.crashed_at_us,
        duration_ms=held.duration_ms,
    )


def stats_from(blob: bytes, bookmaker: str) -> BookmakerStats:
    """Return the stats in `blob`. Raises `ForeignValueError`, also for those of another bookmaker."""
    held = _decoded(_stats_decoder, blob)
    _refuse_another(bookmaker, held.bookmaker, "stats")
    _check(held)
    for brief in held.newest:
        _check_numbers(brief.crash_centi - 100, brief.crashed_at_us or 0, brief.duration_ms or 0)
    return held


def wall_from(blob: bytes) -> WallStats:
    """Return the wall in `blob`. Raises `ForeignValueError`, also for one that does not fit together."""
    held = _decoded(_wall_decoder, blob)
    if tuple([row.rounds.bookmaker for row in held.rows]) != held.total.bookmakers or held.total.bookmaker:
        raise ForeignValueError("the rows are not those of the total")
    version = held.total.version
    _check(held.total)
    for row in held.rows:
        if row.version != version:
            raise ForeignValueError(f"a row of version {row.version} in a wall of {version}")
        _check(row)
    return held


def _check(stats: BookmakerStats) -> None:
    """Refuse numbers that nothing of ours computes and nothing of ours could show."""
    rounds = stats.rounds
    _check_numbers(
        stats.version,
        stats.computed_at_us,
        rounds.count,
        rounds.sum_centi,
        rounds.min_centi or 0,
        rounds.max_centi or 0,
        rounds.median_centi or 0,
        rounds.current_below_2x,
        rounds.longest_below_2x,
        rounds.newest_at_us or 0,
    )
    for threshold in rounds.at_or_above:
        if not 0 <= threshold.count <= rounds.count:
            raise ForeignValueError("more rounds above a threshold than rounds")
    bets = stats.betting
    if bets is not None:
        money = (bets.staked_minor, bets.paid_out_minor, bets.bankroll_minor or 0)
        _check_numbers(bets.bets, bets.won, bets.newest_at_us or 0, *map(abs, money))
    for colours in stats.rgb:
        _check_numbers(colours.samples)


def _check_numbers(*numbers: int) -> None:
    if min(numbers) < 0 or max(numbers) > _HIGHEST:
        raise ForeignValueError("a number out of every range")


def committed_object(event: Committed) -> CommittedObject:
    """Return `event` as `stats_updated` tells it."""
    return CommittedObject(
        version=event.version,
        committed_at_us=event.committed_at_us,
        rounds=tuple(
            CommittedRoundsObject(
                bookmaker=share.bookmaker,
                count=share.count,
                newest=tuple(brief_object(brief) for brief in share.newest),
            )
            for share in event.rounds
        ),
        bets=event.bets,
        rgb_samples=event.rgb_samples,
    )


def committed_from(blob: bytes) -> Committed:
    """Return the commit that the data of a `stats_updated` tells of. Raises `ForeignValueError`."""
    held = _decoded(_committed_decoder, blob)
    return Committed(
        version=held.version,
        committed_at_us=held.committed_at_us,
        rounds=tuple(
            CommittedRounds(bookmaker=share.bookmaker, count=share.count, newest=_briefs_from(share.newest))
            for share in held.rounds
        ),
        bets=held.bets,
        rgb_samples=held.rgb_samples,
    )


def state_from(blob: bytes, bookmaker: str) -> WorkerStateObject:
    """Return the state in `blob`. Raises `ForeignValueError`, also for that of another bookmaker."""
    held = _decoded(_state_decoder, blob)
    _refuse_another(bookmaker, held.bookmaker, "the state")
    return held


def brief_object(brief: RoundBrief) -> BriefObject:
    """Return `brief` as it stands in Redis."""
    return BriefObject(
        round_id=brief.round_id,
        crash_centi=brief.crash_centi,
        crashed_at_us=brief.crashed_at_us,
        duration_ms=brief.duration_ms,
    )


def _briefs_from(held: Sequence[BriefObject]) -> tuple[RoundBrief, ...]:
    return tuple(_brief_from(brief) for brief in held)


def _brief_from(held: BriefObject) -> RoundBrief:
    return RoundBrief(
        round_id=held.round_id,
        crash_centi=held.crash_centi,
        crashed_at_us=held.crashed_at_us,
        duration_ms=held.duration_ms,
    )


_ORIGIN_WORDS = {origin: origin.name.lower() for origin in Origin}
_ORIGINS = {word: origin for origin, word in _ORIGIN_WORDS.items()}
_FLAGS = {flag.name.lower(): flag for flag in Flag if flag.name}


def _decoded(decoder: "msgspec.json.Decoder[ValueT]", blob: bytes) -> ValueT:
    try:
        return decoder.decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ForeignValueError(str(error)) from None


def _refuse_another(bookmaker: str, found: str, what: str) -> None:
    if found != bookmaker:
        raise ForeignValueError(f"{what} of {found!r} in the place of {bookmaker!r}")


def _word(known: dict[str, ValueT], word: str) -> ValueT:
    try:
        return known[word]
    except KeyError:
        raise ForeignValueError(f"{word[:40]!r} is none of {', '.join(known)}") from None
