"""Between our own values and the JSON that stands in Redis.

What is read may be anybody's: `ForeignValueError` tells that a value cannot be ours. Nothing here executes
anything, or builds anything but plain values.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from data_layer.cache.json_shapes import (
    BettingObject,
    BriefObject,
    CommittedObject,
    CommittedRoundsObject,
    CrossingObject,
    RgbObject,
    RoundObject,
    RoundStatsObject,
    SampleObject,
    StatsObject,
    ThresholdObject,
    WorkerStateObject,
)
from data_layer.messages import (
    Committed,
    CommittedRounds,
    Crossing,
    Flag,
    Origin,
    Phase,
    RgbSample,
    Round,
    RoundBrief,
)
from data_layer.statistics import BettingStats, RgbStats, RoundStats, ThresholdCount

ValueT = TypeVar("ValueT")


class ForeignValueError(Exception):
    """A value in Redis that we cannot have written."""


class BookmakerStats(msgspec.Struct, frozen=True, kw_only=True):
    """What Redis holds of one bookmaker (of all of them: with an empty name), as our own values."""

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


_round_decoder = msgspec.json.Decoder(RoundObject)
_stats_decoder = msgspec.json.Decoder(StatsObject)
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


def round_from(blob: bytes, bookmaker: str) -> Round:
    """Return the round in `blob`. Raises `ForeignValueError`, also for one of another bookmaker."""
    held = _decoded(_round_decoder, blob)
    if held.bookmaker != bookmaker:
        raise ForeignValueError(f"a round of {held.bookmaker!r} under a key of {bookmaker!r}")
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


def stats_object(stats: BookmakerStats) -> StatsObject:
    """Return `stats` as they stand in Redis."""
    rounds = msgspec.structs.asdict(stats.rounds)
    rounds["at_or_above"] = tuple(
        ThresholdObject(threshold_centi=one.threshold_centi, count=one.count)
        for one in stats.rounds.at_or_above
    )
    rounds["origins"] = tuple(_ORIGIN_WORDS[origin] for origin in stats.rounds.origins)
    return StatsObject(
        version=stats.version,
        computed_at_us=stats.computed_at_us,
        bookmaker=stats.bookmaker,
        rounds=RoundStatsObject(**rounds),
        betting=BettingObject(**msgspec.structs.asdict(stats.betting)) if stats.betting else None,
        rgb=tuple(_rgb_object(one) for one in stats.rgb),
        newest=tuple(brief_object(brief) for brief in stats.newest),
        bookmakers=stats.bookmakers,
    )


def stats_from(blob: bytes, bookmaker: str) -> BookmakerStats:
    """Return the stats in `blob`. Raises `ForeignValueError`, also for those of another bookmaker."""
    held = _decoded(_stats_decoder, blob)
    if held.bookmaker != bookmaker or held.rounds.bookmaker != bookmaker:
        raise ForeignValueError(f"stats of {held.bookmaker!r} under a key of {bookmaker!r}")
    rounds = msgspec.structs.asdict(held.rounds)
    rounds["at_or_above"] = tuple(
        ThresholdCount(threshold_centi=one.threshold_centi, count=one.count)
        for one in held.rounds.at_or_above
    )
    rounds["origins"] = tuple(_word(_ORIGINS, word) for word in held.rounds.origins)
    return BookmakerStats(
        version=held.version,
        computed_at_us=held.computed_at_us,
        rounds=RoundStats(**rounds),
        betting=BettingStats(**msgspec.structs.asdict(held.betting)) if held.betting else None,
        rgb=tuple(_rgb_from(one) for one in held.rgb),
        newest=tuple(_brief_from(brief) for brief in held.newest),
        bookmakers=held.bookmakers,
    )


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
    if held.bookmaker != bookmaker:
        raise ForeignValueError(f"the state of {held.bookmaker!r} under the name of {bookmaker!r}")
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


def _rgb_object(stats: RgbStats) -> RgbObject:
    newest = SampleObject(**msgspec.structs.asdict(stats.newest)) if stats.newest else None
    return RgbObject(bookmaker=stats.bookmaker, samples=stats.samples, newest=newest)


def _rgb_from(held: RgbObject) -> RgbStats:
    newest = None
    if held.newest is not None:
        fields = msgspec.structs.asdict(held.newest)
        newest = RgbSample(**{**fields, "phase": _word(_PHASES, held.newest.phase)})
    return RgbStats(bookmaker=held.bookmaker, samples=held.samples, newest=newest)


_ORIGIN_WORDS = {origin: origin.name.lower() for origin in Origin}
_ORIGINS = {word: origin for origin, word in _ORIGIN_WORDS.items()}
_FLAGS = {flag.name.lower(): flag for flag in Flag if flag.name}
_PHASES = {phase.value: phase for phase in Phase}


def _decoded(decoder: "msgspec.json.Decoder[ValueT]", blob: bytes) -> ValueT:
    try:
        return decoder.decode(blob)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ForeignValueError(str(error)) from None


def _word(known: dict[str, ValueT], word: str) -> ValueT:
    try:
        return known[word]
    except KeyError:
        raise ForeignValueError(f"{word[:40]!r} is none of {', '.join(known)}") from None
