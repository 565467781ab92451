"""When drift and integrity are asked, and what becomes of the answers."""

from concurrent.futures import Future
from dataclasses import replace

import msgspec
import pytest

from config.alert_specs import USUAL_RULES, AlertKind
from data_layer.analytics.questions import (
    Answer,
    Drift,
    DriftLine,
    DriftQuestion,
    Integrity,
    IntegrityFinding,
    IntegrityQuestion,
    Question,
    Sample,
    Scope,
    Span,
    TailCap,
)
from data_layer.errors import AviatorError
from orchestration.alerts.looks import SlowLooks

SECOND_US = 1_000_000
SAMPLE = Sample(scope=Scope(), span=Span(), rounds=5)


class Analyst:
    """Takes questions; the test answers them."""

    def __init__(self) -> None:
        self.asked: list[tuple[Question, Future[Answer]]] = []

    def ask(self, question: Question) -> "Future[Answer]":
        """Take a question."""
        self.asked.append((question, Future()))
        return self.asked[-1][1]

    def answer(self, kind: type, answer: Answer | Exception) -> None:
        """Answer the last question of a kind."""
        future = next(one for question, one in reversed(self.asked) if isinstance(question, kind))
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)


def a_line(share: float, *, alarm: bool = True) -> DriftLine:
    return DriftLine(
        bookmaker="Admiral",
        threshold_centi=200,
        rounds=1_000,
        reached=round(share * 1_000),
        expected=0.485,
        share=share,
        log_e=9.0,
        highest_log_e=9.0,
        alarmed_at_round=900 if alarm else None,
        alarm=alarm,
    )


DRIFT = Drift(
    sample=SAMPLE,
    alpha=0.01,
    limit_log_e=4.6,
    lines=(a_line(0.43), a_line(0.6), a_line(0.48, alarm=False)),
    caps=(
        TailCap(
            bookmaker="1xBet", rounds=900, highest_centi=15_000, expected_above=9.0, p_value=1e-4, capped=True
        ),
        TailCap(bookmaker="Admiral", rounds=900, highest_centi=99, expected_above=0.1, p_value=0.9),
    ),
)
INTEGRITY = Integrity(
    sample=SAMPLE,
    findings=tuple(
        IntegrityFinding(bookmaker="JetX", kind=kind, severity=severity, count=3, text=f"{kind}!")
        for kind, severity in (
            ("repeated stretch", "critical"),
            ("id gap", "warning"),
            ("stall", "warning"),
            ("duplicate", "info"),
        )
    ),
)


def test_answers_become_suspicions_that_name_what_is_wrong() -> None:
    analyst = Analyst()
    looks = SlowLooks(analyst.ask, 600)
    looks.look(USUAL_RULES, 0)
    assert analyst.asked == []
    looks.look(USUAL_RULES, 60 * SECOND_US)
    assert (looks.drift, looks.integrity) == ({}, None)

    analyst.answer(DriftQuestion, DRIFT)
    analyst.answer(IntegrityQuestion, INTEGRITY)
    looks.look(USUAL_RULES, 61 * SECOND_US)

    assert [(one.what, one.detail) for one in looks.drift[0.01]] == [
        (
            "the return is not what is claimed",  # one drift, however many thresholds show it
            "2.00x in 43.00% of 1,000 rounds, claimed are 48.50%; "
            "2.00x in 60.00% of 1,000 rounds, claimed are 48.50%",
        )
    ]
    assert looks.integrity is not None
    assert [(one.bookmaker, one.what, one.count) for one in looks.integrity] == [
        # stalls have a rule of their own, mild findings none; of gaps the rule hears only what a source knows
        ("JetX", "repeated stretches of rounds", 3),
        ("JetX", "round ids are missing", 3),
        ("1xBet", "its multipliers are capped", 1),
    ]


@pytest.mark.parametrize(("share", "word"), [(0.43, "below"), (0.6, "above")])
def test_a_drift_says_which_way(share: float, word: str) -> None:
    lines = tuple(msgspec.structs.replace(a_line(share), threshold_centi=centi) for centi in (150, 200, 300))
    analyst = Analyst()
    looks = SlowLooks(analyst.ask, 60)
    looks.look(USUAL_RULES, 0)
    looks.look(USUAL_RULES, 60 * SECOND_US)
    analyst.answer(DriftQuestion, msgspec.structs.replace(DRIFT, lines=lines))
    looks.look(USUAL_RULES, 61 * SECOND_US)

    [one] = looks.drift[0.01]
    assert one.what == f"the return is {word} what is claimed"
    assert one.detail.count("claimed are") == 2  # not a list without end


def test_the_questions_are_put_again_only_when_it_is_time_and_the_last_are_answered() -> None:
    analyst = Analyst()
    looks = SlowLooks(analyst.ask, 600)
    for second in range(0, 2_000, 10):
        looks.look(USUAL_RULES, second * SECOND_US)
    assert len(analyst.asked) == 2  # nobody answered

    analyst.answer(DriftQuestion, DRIFT)
    analyst.answer(IntegrityQuestion, INTEGRITY)
    for second in range(2_000, 2_590, 10):
        looks.look(USUAL_RULES, second * SECOND_US)

    assert len(analyst.asked) == 4


def test_each_alpha_is_a_question_and_rules_that_are_off_ask_nothing() -> None:
    analyst = Analyst()
    drift = next(rule for rule in USUAL_RULES if rule.kind is AlertKind.DRIFT)
    looks = SlowLooks(analyst.ask, 60)
    looks.look((), 0)
    looks.look(
        [drift, replace(drift, name="strict", limit=0.001), replace(drift, enabled=False)], 60 * SECOND_US
    )

    assert sorted(question.alpha for question, _ in analyst.asked if isinstance(question, DriftQuestion)) == [
        0.001,
        0.01,
    ]
    assert len(analyst.asked) == 2


def test_a_question_that_fails_is_told_once_and_what_was_known_stays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    analyst = Analyst()
    looks = SlowLooks(analyst.ask, 60)
    away = AviatorError("no database")
    answers: tuple[Answer | Exception, ...] = (DRIFT, away, away, ValueError())
    for minute, answer in enumerate(answers):
        looks.look(USUAL_RULES, minute * 60 * SECOND_US)
        looks.look(USUAL_RULES, (minute * 60 + 60) * SECOND_US)
        analyst.answer(DriftQuestion, answer)
        analyst.answer(IntegrityQuestion, INTEGRITY)
        looks.look(USUAL_RULES, (minute * 60 + 61) * SECOND_US)

    assert len(looks.drift[0.01]) == 1
    assert caplog.text.count("no database") == 1


def test_without_an_analyst_nothing_is_ever_known() -> None:
    looks = SlowLooks(None, 60)
    for minute in range(10):
        looks.look(USUAL_RULES, minute * 60 * SECOND_US)
    looks.close()

    assert (looks.drift, looks.integrity) == ({}, None)
