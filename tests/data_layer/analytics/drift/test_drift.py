import math

import numpy as np
import pytest

from data_layer.analytics.claims import Claim, Claims
from data_layer.analytics.drift.answer import drift, rounds_to_notice
from data_layer.analytics.drift.sequential import log_e_values
from data_layer.analytics.proportions import wilson
from data_layer.analytics.questions import DriftQuestion, Span
from tests.data_layer.analytics.made import SAMPLE, fair_crashes, rounds_of

FAIR = Claim(0.99, "bustabit")
CLAIMS = Claims({name: FAIR for name in "ABC"})


def test_fair_rounds_raise_no_alarm_and_every_line_says_what_was_seen() -> None:
    crashes = fair_crashes(4_000)
    question = DriftQuestion(thresholds_centi=(200, 1000, 200))
    found = drift([rounds_of(crashes)], SAMPLE, question, CLAIMS)
    assert [line.threshold_centi for line in found.lines] == [200, 1000]
    assert found.limit_log_e == pytest.approx(math.log(2 / 0.01))
    line = found.lines[0]
    reached = int((crashes >= 200).sum())
    assert (line.rounds, line.reached, line.share) == (4_000, reached, reached / 4_000)
    assert line.expected == pytest.approx(0.495)
    assert line.wilson == wilson(reached, 4_000)
    moments = log_e_values(crashes >= 200, 0.495)
    assert (line.log_e, line.highest_log_e) == (moments[-1], max(0, moments.max()))
    assert (line.alarm, line.alarmed_at_round) == (False, None)
    assert line.note.startswith("n too small (4,000 rounds; 5 % less would show after about ")
    assert not found.caps[0].capped
    assert found.goodness[0].chi_square_p is not None


def test_a_lowered_return_is_alarmed_with_the_round_at_which_it_was() -> None:
    crashes = np.concatenate((fair_crashes(2_000), fair_crashes(6_000, rtp=0.85, seed=2)))
    found = drift(
        [rounds_of(crashes), rounds_of(fair_crashes(8_000, seed=3), "B")], SAMPLE, DriftQuestion(), CLAIMS
    )
    at_2x = {line.bookmaker: line for line in found.lines if line.threshold_centi == 200}
    assert at_2x["A"].alarm
    share = (crashes >= 200).mean()
    assert at_2x["A"].note == f"{share:.2%} of the rounds reach it, 49.50% are claimed"
    moments = log_e_values(crashes >= 200, 0.495)
    assert at_2x["A"].alarmed_at_round == 1 + int(np.argmax(moments >= math.log(10 / 0.01)))
    assert not any(line.alarm for line in found.lines if line.bookmaker == "B")


def test_an_alarm_stays_when_the_evidence_has_fallen_again() -> None:
    crashes = np.concatenate((fair_crashes(1_500, rtp=0.7), fair_crashes(30_000, rtp=1.0, seed=2)))
    found = drift([rounds_of(crashes)], SAMPLE, DriftQuestion(thresholds_centi=(200,)), CLAIMS)
    line = found.lines[0]
    assert line.log_e is not None
    assert line.log_e < found.limit_log_e
    assert line.alarm
    assert line.note.endswith("; the evidence was over the limit and is not any more")


def test_lines_that_are_nearly_sure_confirm_each_other() -> None:
    crashes = fair_crashes(8_000, rtp=0.93, seed=5)
    for count in range(100, 8_000, 10):
        parts = [rounds_of(crashes[:count], name) for name in "ABC"]
        found = drift(parts, SAMPLE, DriftQuestion(thresholds_centi=(200,)), CLAIMS)
        if found.lines[0].alarm:
            break
    for line in found.lines:  # three times the same: e-BH needs a third of the plain limit
        assert line.highest_log_e is not None
        assert line.highest_log_e < found.limit_log_e
        assert line.alarm
        assert line.alarmed_at_round is not None
        assert line.alarmed_at_round <= count
        assert line.note.endswith("; confirmed by other lines (e-BH)")


def test_a_bookmaker_without_a_claim_is_named_and_costs_the_others_nothing() -> None:
    parts = [rounds_of(fair_crashes(500)), rounds_of(fair_crashes(500, seed=2), "nobody's")]
    found = drift(parts, SAMPLE, DriftQuestion(thresholds_centi=(200,)), CLAIMS)
    assert found.limit_log_e == pytest.approx(math.log(1 / 0.01))
    unknown = found.lines[1]
    assert (unknown.expected, unknown.log_e, unknown.note) == (None, None, "no claimed return")
    assert unknown.share is not None
    assert "no claimed return, so no test: nobody's" in found.note


def test_a_threshold_that_every_round_reaches_is_not_tested() -> None:
    found = drift([rounds_of([100, 200])], SAMPLE, DriftQuestion(thresholds_centi=(100,)), CLAIMS)
    assert found.lines[0].note == "every round reaches it"
    assert (found.lines[0].share, found.lines[0].log_e) == (1, None)


def test_no_rounds_and_no_bookmakers_are_answered() -> None:
    found = drift([rounds_of([])], SAMPLE, DriftQuestion(thresholds_centi=(200,)), CLAIMS)
    assert (found.lines[0].rounds, found.lines[0].share, found.lines[0].alarm) == (0, None, False)
    assert found.lines[0].note.startswith("n too small (0 rounds")
    assert drift([], SAMPLE, DriftQuestion(), CLAIMS).lines == ()


def test_only_the_asked_part_is_tested_and_a_moving_span_is_remarked() -> None:
    crashes = np.concatenate((fair_crashes(3_000, rtp=0.7), fair_crashes(1_000)))
    question = DriftQuestion(thresholds_centi=(200,), span=Span(name="24h"))
    found = drift([rounds_of(crashes, start=3_000)], SAMPLE, question, CLAIMS)
    assert found.lines[0].rounds == 1_000
    assert not found.lines[0].alarm
    assert "not for a span that moves along" in found.note


def test_the_rounds_it_takes_are_the_limit_over_the_information_of_one() -> None:
    p, q = 0.495, 0.495 * 0.95
    information = q * math.log(q / p) + (1 - q) * math.log((1 - q) / (1 - p))
    assert rounds_to_notice(p, 0.95, 7.0) == round(7.0 / information)
