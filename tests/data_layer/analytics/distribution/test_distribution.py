"""Every figure of a distribution equals what brute force makes of the same rounds."""

import math
import statistics
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.claims import Claim, Claims
from data_layer.analytics.distribution.answer import distribution, tally_of
from data_layer.analytics.distribution.survival import log_spaced
from data_layer.analytics.questions import Distribution, DistributionQuestion, Sample, Scope, Span
from data_layer.analytics.rounds import Rounds
from data_layer.database.connection import open_reader, snapshot
from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Round
from data_layer.readers.analyst.round_history import RoundHistory
from data_layer.recordings.importer import DirectSink, import_file
from tests.data_layer.database.brute_force import stored_rounds
from tests.data_layer.random_histories import NAMES, crashes, histories, times, write

_SAMPLE = Sample(scope=Scope(), span=Span(), rounds=0)
_CLAIMS = Claims({"Admiral": Claim(0.99, "bustabit"), "Mozzart": Claim(0.97)})


def _part(values: Sequence[int], bookmaker: str = "Admiral") -> Rounds:
    crash_centi = np.array(values, np.int64)
    return Rounds(bookmaker, np.arange(len(values), dtype=np.int64), crash_centi, 0, len(values))


def _of(values: Sequence[int], *thresholds: int, before: Sequence[int] | None = None) -> Distribution:
    question = DistributionQuestion(thresholds_centi=thresholds)
    earlier = None if before is None else [_part(before)]
    return distribution([_part(values)], earlier, _SAMPLE, question, _CLAIMS)


def _quantile(values: Sequence[int], probability: Fraction) -> int:
    """Definition 2 of Hyndman and Fan, halves up, in exact arithmetic."""
    ordered = sorted(values)
    place = probability * len(values)
    upper = ordered[min(math.floor(place), len(values) - 1)]
    if place.denominator > 1 or place == 0:
        return upper
    return (ordered[int(place) - 1] + upper + 1) // 2


def _assert_right(found: Distribution, values: Sequence[int], thresholds: Sequence[int]) -> None:
    assert [row.threshold_centi for row in found.thresholds] == list(thresholds)
    for row in found.thresholds:
        threshold = row.threshold_centi
        assert row.at_or_above == sum(value >= threshold for value in values)
        assert row.above == sum(value > threshold for value in values)
        assert row.at_or_below == sum(value <= threshold for value in values)
        assert row.below == sum(value < threshold for value in values)
        assert row.share == (row.at_or_above / len(values) if values else None)
    if not values:
        assert found.note.startswith("n too small")
        assert (found.median_centi, found.mean_centi, found.survival, found.quantiles) == (None, None, (), ())
        return
    assert found.median_centi == math.floor(statistics.median(values) + 0.5)
    assert found.mean_centi == pytest.approx(sum(values) / len(values), rel=1e-12)
    assert found.mean_note
    assert (found.lowest_centi, found.highest_centi) == (min(values), max(values))
    assert found.ones == values.count(100)
    for quantile in found.quantiles:
        probability = Fraction(quantile.probability).limit_denominator(1000)
        assert quantile.value_centi == _quantile(values, probability)
    assert [point.multiplier_centi for point in found.survival] == list(log_spaced(max(values)))
    for point in found.survival:
        assert point.share == sum(value >= point.multiplier_centi for value in values) / len(values)
        assert point.wilson.low <= point.share <= point.wilson.high
        assert point.dkw.low <= point.share <= point.dkw.high


@settings(max_examples=60)
@given(
    history=histories,
    thresholds=st.lists(crashes, max_size=5),
    start_us=st.one_of(st.none(), times),
    length_us=st.integers(1, 100 * 86_400_000_000),
)
def test_every_figure_equals_brute_force_over_any_history_and_span(
    tmp_path_factory: pytest.TempPathFactory,
    history: list[list[Round]],
    thresholds: list[int],
    start_us: int | None,
    length_us: int,
) -> None:
    path = tmp_path_factory.mktemp("distribution") / "aviator.db"
    writer = BatchDatabaseWriter(path)
    kept = RoundHistory()
    reader = open_reader(path)
    for batch in history:
        write(writer, batch)
        with snapshot(reader):
            found = kept.refresh(reader)
    writer.close()
    end_us = None if start_us is None else start_us + length_us
    stored = [row for name in NAMES for row in stored_rounds(reader, name)]
    reader.close()

    def values(start_us: int | None, end_us: int | None) -> list[int]:
        if start_us is None or end_us is None:
            return [row.crash_centi for row in stored]
        timed = [row for row in stored if row.crashed_at_us is not None]
        return [row.crash_centi for row in timed if start_us <= (row.crashed_at_us or 0) < end_us]

    parts = [found.part(name, start_us, end_us) for name in NAMES]
    before = (
        None if start_us is None else [found.part(name, start_us - length_us, start_us) for name in NAMES]
    )
    question = DistributionQuestion(thresholds_centi=tuple(thresholds))
    answer = distribution(parts, before, _SAMPLE, question, _CLAIMS)
    _assert_right(answer, values(start_us, end_us), thresholds)
    if start_us is None:
        assert (answer.rounds_before, answer.changes) == (None, ())
        return
    earlier = values(start_us - length_us, start_us)
    assert answer.rounds_before == len(earlier)
    for change in answer.changes:
        reached = sum(value >= change.threshold_centi for value in earlier)
        assert change.before == (reached / len(earlier) if earlier else None)


@settings(max_examples=60)
@given(values=st.lists(crashes, max_size=60), thresholds=st.lists(crashes, max_size=3))
def test_rounds_without_an_index_are_counted_the_same(values: list[int], thresholds: list[int]) -> None:
    _assert_right(_of(values, *thresholds), values, thresholds)


@pytest.mark.parametrize("length", [2, 3, 10])
def test_several_bookmakers_are_one_sample(length: int) -> None:
    parts = [_part([100 + length, 5_000_000], "Admiral"), _part([150] * length, "Mozzart")]
    question = DistributionQuestion(thresholds_centi=(150,))
    found = distribution(parts, None, _SAMPLE, question, _CLAIMS)
    _assert_right(found, [100 + length, 5_000_000, *[150] * length], [150])
    share = found.thresholds[0]
    assert share.expected == pytest.approx((0.99 / 1.5 * 2 + 0.97 / 1.5 * length) / (2 + length))


def test_nothing_is_expected_where_one_bookmaker_claims_nothing() -> None:
    parts = [_part([150], "Admiral"), _part([150], "Unknown")]
    found = distribution(parts, None, _SAMPLE, DistributionQuestion(thresholds_centi=(150,)), _CLAIMS)
    assert found.thresholds[0].expected is None
    assert found.survival[0].expected is None
    assert found.edge is not None
    assert found.edge.claimed is None


def test_a_bookmaker_without_rounds_in_the_span_spoils_no_expectation() -> None:
    parts = [_part([150], "Admiral"), _part([], "Unknown")]
    found = distribution(parts, None, _SAMPLE, DistributionQuestion(thresholds_centi=(200,)), _CLAIMS)
    assert found.thresholds[0].expected == pytest.approx(0.99 / 2)


def test_the_return_and_its_error_are_those_of_a_binomial_share() -> None:
    found = _of([150] * 40 + [300] * 60, 200).thresholds[0]
    assert found.payback == pytest.approx(2 * 0.6)
    assert found.payback_error == pytest.approx(2 * math.sqrt(0.6 * 0.4 / 100))
    assert found.wilson is not None
    assert found.payback_interval == pytest.approx((2 * found.wilson.low, 2 * found.wilson.high))


def test_the_edge_is_measured_at_the_lowest_cash_out_asked_about_that_can_lose() -> None:
    found = _of([100] * 10 + [200] * 90, 1_000, 100, 150).edge
    assert found is not None
    assert found.threshold_centi == 150
    assert found.edge == pytest.approx(1 - 1.5 * 0.9)
    assert found.claimed == pytest.approx(0.01)
    assert found.interval.low < found.edge < found.interval.high
    only_one = _of([100], 100).edge
    assert only_one is not None
    assert only_one.threshold_centi == 200


@pytest.mark.parametrize(("rounds", "ranks"), [(6, (1, 6)), (9, (2, 8)), (20, (6, 15)), (100, (40, 61))])
def test_the_interval_of_the_median_has_the_ranks_of_the_tables(rounds: int, ranks: tuple[int, int]) -> None:
    """Ranks as in W. J. Conover, "Practical Nonparametric Statistics", and its binomial tables."""
    values = list(range(101, 101 + rounds))
    assert _of(values).median_interval_centi == (100 + ranks[0], 100 + ranks[1])


@given(rounds=st.integers(6, 5_000))
def test_the_interval_of_the_median_covers_95_percent_and_none_narrower_does(rounds: int) -> None:
    from scipy.stats import binom

    interval = _of(range(100, 100 + rounds)).median_interval_centi
    assert interval is not None
    rank = interval[0] - 99
    assert interval[1] == 99 + rounds - rank + 1
    assert binom.cdf(rank - 1, rounds, 0.5) <= 0.025 < binom.cdf(rank, rounds, 0.5)


def test_a_median_of_too_few_rounds_has_no_interval_and_the_answer_says_so() -> None:
    found = _of([150, 180, 200, 210, 300], 200)
    assert found.median_interval_centi is None
    assert found.note == "n too small (5 rounds): the median has no interval"
    assert found.thresholds[0].wilson is not None
    assert _of([150] * 6).note == ""


def test_the_band_around_the_whole_survival_function_is_massarts() -> None:
    found = _of([150] * 50 + [250] * 50)
    middle = next(point for point in found.survival if point.share == 0.5)
    half = math.sqrt(math.log(2 / 0.05) / 200)
    assert middle.dkw == pytest.approx((0.5 - half, 0.5 + half))
    assert middle.dkw.low < middle.wilson.low < middle.wilson.high < middle.dkw.high


def test_the_mean_says_why_it_does_not_settle_and_how_much_one_round_decides() -> None:
    assert "the highest of these 4 alone is 97.1 % of their sum" in _of([100, 100, 100, 10_000]).mean_note


def test_a_whole_history_in_many_blocks_is_counted_like_its_values() -> None:
    from data_layer.analytics.distribution.tally import BLOCK_ROUNDS, TallyIndex

    chance = np.random.default_rng(4)
    count = 3 * BLOCK_ROUNDS + 777
    crash_centi = np.maximum(100, (99 / (1 - chance.random(count))).astype(np.int64))
    index = TallyIndex(crash_centi)
    times_us = np.arange(count, dtype=np.int64)
    for start, stop in (
        (0, count),
        (5, count - 5),
        (BLOCK_ROUNDS, 2 * BLOCK_ROUNDS),
        (20_000, 90_000),
        (7, 7),
    ):
        part = Rounds("Admiral", times_us, crash_centi, start, stop, index)
        found = tally_of([part])
        values = crash_centi[start:stop]
        assert found.total == len(values)
        assert found.sum_centi() == int(values.sum())
        for threshold in (100, 101, 198, 9_999, 10_000, 10_001, 123_456, 10**11):
            assert found.below(threshold) == int((values < threshold).sum())
        ordered = np.sort(values)
        for rank in range(0, len(values), 9_973):
            assert found.value_at(rank) == ordered[rank]


@pytest.mark.parametrize(
    ("name", "shares", "ones", "highest"),
    [
        ("bustabit_2537203-2553000.csv", {200: "0.4962", 1000: "0.1003"}, "0.0192", None),
        ("onexbet_2025-08-31.json", {200: "0.4833", 3500: "0.0000"}, "0.0356", 3498),
    ],
)
def test_the_recordings_show_their_known_truths_to_the_printed_digit(
    shared_data: Path, tmp_path: Path, name: str, shares: dict[int, str], ones: str, highest: int | None
) -> None:
    path = tmp_path / "aviator.db"
    writer = BatchDatabaseWriter(path)
    import_file(shared_data / name, "Site", DirectSink(writer))
    writer.close()
    reader = open_reader(path)
    with snapshot(reader):
        part = RoundHistory().refresh(reader).part("Site", None, None)
    reader.close()
    question = DistributionQuestion(thresholds_centi=tuple(shares))
    found = distribution([part], None, _SAMPLE, question, _CLAIMS)
    assert {row.threshold_centi: f"{row.share:.4f}" for row in found.thresholds} == shares
    assert f"{found.ones / part.count:.4f}" == ones
    if highest is not None:
        assert found.highest_centi == highest
        missing = Claim(0.97).survival(3500) * part.count
        assert round(missing) == 118
    _assert_right(found, part.crash_centi.tolist(), list(shares))
