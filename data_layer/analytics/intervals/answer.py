"""Rounds in buckets of equal length, by time or by number."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data_layer.analytics.checks import BadQuestionError, zone
from data_layer.analytics.intervals.bucket_tally import BucketTally, tally_by_number, tally_by_time
from data_layer.analytics.intervals.buckets import MOST_BUCKETS, bucket_edges
from data_layer.analytics.intervals.heat_map import heat_map
from data_layer.analytics.intervals.zones import SECOND_US, LocalTime, local_time
from data_layer.analytics.questions import Bucket, HeatCell, Intervals, IntervalsQuestion, Sample
from data_layer.analytics.rounds import UNTIMED, Rounds


def intervals(parts: Sequence[Rounds], sample: Sample, question: IntervalsQuestion, now_us: int) -> Intervals:
    """Return the asked rounds in buckets, oldest first, empty ones among them.

    Of time: see `buckets`. Those that the span cuts begin or end with it and are short; all others are
    whole. The last is the one of `now_us`, or of the span's end; where the span has no beginning the first is
    the one of the first round.

    Of so many rounds: counted from the first asked round of one bookmaker. A bucket is from the crash of its
    first round to that of the next bucket's first, the last to a microsecond after its last crash; -1 where
    rounds have no time. The last is running while it has fewer rounds and the next may still come, and short
    when the span's end cut it.

    Raises `BadQuestionError` for more buckets than can be shown, for an unknown zone, and for buckets of
    rounds of several bookmakers.
    """
    if question.rounds is not None:
        return _by_number(parts, sample, question, question.rounds)
    return _by_time(parts, sample, question, question.minutes or 60, now_us)


def _by_time(
    parts: Sequence[Rounds], sample: Sample, question: IntervalsQuestion, minutes: int, now_us: int
) -> Intervals:
    local_zone = zone(question.timezone)
    firsts = [int(times_us[0]) for times_us in map(_timed, parts) if len(times_us)]
    start_us = min(firsts, default=now_us + 1) if sample.start_us is None else max(0, sample.start_us)
    ended_us = sample.end_us if sample.end_us is not None and sample.end_us < now_us else None
    until_us = now_us + 1 if ended_us is None else ended_us
    if start_us >= until_us:
        return _answer(parts, sample, question, note=_left_out(parts, until_us) or "no rounds")
    edges = bucket_edges(
        local_zone,
        minutes,
        start_us=start_us,
        until_us=until_us,
        cut_start=sample.start_us is not None,
        cut_end=ended_us is not None,
    )
    first_us, last_us = int(edges.edges_us[0]), int(edges.edges_us[-1])
    return _answer(
        parts,
        sample,
        question,
        buckets=_buckets(
            tally_by_time(parts, edges.edges_us, question.threshold_centi),
            edges.edges_us[:-1],
            edges.edges_us[1:],
            local_starts=_local_texts(edges.local, edges.edges_us[:-1]),
            running=edges.edges_us[1:] > now_us,
            short=edges.short,
        ),
        heat=heat_map(parts, edges.local, max(0, first_us), last_us, question.threshold_centi),
        note=_left_out(parts, last_us),
    )


def _by_number(
    parts: Sequence[Rounds], sample: Sample, question: IntervalsQuestion, rounds: int
) -> Intervals:
    local_zone = zone(question.timezone)
    if len(parts) > 1:
        raise BadQuestionError("buckets of rounds are those of one bookmaker: name it")
    if not parts or not parts[0].count:
        return _answer(parts, sample, question, note="no rounds")
    part = parts[0]
    if part.count > MOST_BUCKETS * rounds:
        nearest = -(-part.count // MOST_BUCKETS)
        raise BadQuestionError(
            f"buckets of {rounds} of {part.count:,} rounds are more than {MOST_BUCKETS:,};"
            f" nearest valid: {nearest}"
        )
    starts_us = part.part_times_us[::rounds]
    last_us = int(part.part_times_us[-1])
    ends_us = np.append(starts_us[1:], UNTIMED if last_us < 0 else last_us + 1)
    incomplete = np.zeros(len(starts_us), np.bool_)
    incomplete[-1] = part.count % rounds > 0
    goes_on = part.stop == len(part.crash_centi)
    local = local_time(local_zone, max(0, int(starts_us.min())), max(0, last_us) + 1)
    buckets = _buckets(
        tally_by_number(part, rounds, question.threshold_centi),
        starts_us,
        ends_us,
        local_starts=_local_texts(local, starts_us),
        running=incomplete & goes_on,
        short=incomplete & (not goes_on),
        step=rounds,
    )
    return _answer(parts, sample, question, buckets=buckets)


def _answer(
    parts: Sequence[Rounds],
    sample: Sample,
    question: IntervalsQuestion,
    *,
    buckets: tuple[Bucket, ...] = (),
    heat: tuple[HeatCell, ...] = (),
    note: str = "",
) -> Intervals:
    rounds = sum(part.count for part in parts)
    reached = sum(int(np.count_nonzero(part.part >= question.threshold_centi)) for part in parts)
    return Intervals(
        sample=sample,
        timezone=question.timezone,
        threshold_centi=question.threshold_centi,
        share=reached / rounds if rounds else None,
        buckets=buckets,
        heat=heat,
        note=note,
    )


def _buckets(
    tally: BucketTally,
    starts_us: NDArray[np.int64],
    ends_us: NDArray[np.int64],
    *,
    local_starts: Sequence[str],
    running: NDArray[np.bool_],
    short: NDArray[np.bool_],
    step: int | None = None,
) -> tuple[Bucket, ...]:
    return tuple(
        Bucket(
            start_us=start_us,
            end_us=end_us,
            rounds=rounds,
            reached=reached,
            median_centi=median_centi if rounds else None,
            highest_centi=highest_centi if rounds else None,
            running=runs,
            short=is_short,
            local_start=local_start,
            first_round=place * step + 1 if step else None,
        )
        for place, (
            start_us,
            end_us,
            rounds,
            reached,
            median_centi,
            highest_centi,
            runs,
            is_short,
            local_start,
        ) in enumerate(
            zip(
                starts_us.tolist(),
                ends_us.tolist(),
                tally.rounds.tolist(),
                tally.reached.tolist(),
                tally.median_centi.tolist(),
                tally.highest_centi.tolist(),
                running.tolist(),
                short.tolist(),
                local_starts,
                strict=True,
            )
        )
    )


def _local_texts(local: LocalTime, times_us: NDArray[np.int64]) -> list[str]:
    """Return moments as "2026-10-25 02:00 +0200"; nothing for those without a time."""
    offsets_us = local.offsets_at(times_us)
    texts = np.datetime_as_string((times_us + offsets_us).astype("datetime64[us]"), unit="m")
    names = {offset_us: _offset_text(offset_us) for offset_us in np.unique(offsets_us).tolist()}
    return [
        f"{text[:10]} {text[11:]} {names[offset_us]}" if time_us >= 0 else ""
        for text, offset_us, time_us in zip(
            texts.tolist(), offsets_us.tolist(), times_us.tolist(), strict=True
        )
    ]


def _offset_text(offset_us: int) -> str:
    hours, minutes = divmod(abs(offset_us) // (60 * SECOND_US), 60)
    return f"{'-' if offset_us < 0 else '+'}{hours:02}{minutes:02}"


def _timed(part: Rounds) -> NDArray[np.int64]:
    times_us = part.part_times_us
    return times_us[np.searchsorted(times_us, 0) :]


def _left_out(parts: Sequence[Rounds], end_us: int) -> str:
    """Return which rounds are in no bucket of time, and why."""
    untimed = sum(part.count - len(_timed(part)) for part in parts)
    later = sum(part.count - int(np.searchsorted(part.part_times_us, end_us)) for part in parts)
    reasons = (("without a time", untimed), ("dated later than now", later))
    found = [f"{count:,} {'round' if count == 1 else 'rounds'} {why}" for why, count in reasons if count]
    return f"in no bucket: {', '.join(found)}" if found else ""
