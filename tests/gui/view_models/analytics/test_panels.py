"""The title of a panel says of which rounds it speaks, how old that is, and what hinders it."""

from dataclasses import replace

from data_layer.analytics.questions import DistributionQuestion, Scope, Span
from gui.view_models.analytics.panels import (
    OLD_AFTER_US,
    Asked,
    PanelBar,
    bar,
    feed_words,
    no_rounds,
    rtp_words,
    sample_words,
)
from gui.view_models.tones import Tone
from tests.gui.analytics_answers import sample
from tests.gui.fakes import NOW_US, SECOND_US

QUESTION = DistributionQuestion(scope=Scope(bookmaker="Admiral"))
OTHER = DistributionQuestion(scope=Scope(bookmaker="Mozzart"))
ANSWERED = Asked(wanted=QUESTION, question=QUESTION, sample=sample(), answered_at_us=NOW_US)
CLOCK = "06:59:09"  # at NOW_US in Kathmandu, whatever the zone of the machine


def shown(asked: Asked, after_s: int = 0) -> PanelBar:
    return bar(asked, now_us=NOW_US + after_s * SECOND_US, timezone="Asia/Kathmandu")


def test_an_answer_names_whose_rounds_when_and_how_many() -> None:
    found = shown(ANSWERED)
    assert found.span == "Admiral, 24 h, 1,000 rounds"
    assert found.tag == "simulated"
    assert found.note == f"as of {CLOCK}"
    assert not found.old
    assert not found.message


def test_before_the_first_answer_it_says_that_it_computes_or_what_hinders() -> None:
    assert "Computing" in shown(Asked(wanted=QUESTION, asked_at_us=NOW_US)).message
    failed = shown(Asked(wanted=QUESTION, trouble="there is no database yet"))
    assert (failed.message, failed.tone) == ("There is no database yet.", Tone.BAD)


def test_asking_the_same_again_does_not_draw_the_answer_back() -> None:
    asked = replace(ANSWERED, asked_at_us=NOW_US)
    assert not shown(asked, 30).old
    assert shown(asked, 30).note == f"as of {CLOCK}"


def test_an_answer_to_another_question_is_drawn_back_once_the_new_one_takes_its_time() -> None:
    asked = replace(ANSWERED, wanted=OTHER, asked_at_us=NOW_US)
    assert not shown(asked).old
    late = shown(asked, 1)
    assert late.old
    assert late.note == "still the answer before; computing"
    assert late.span.startswith("Admiral")


def test_an_answer_that_could_not_be_renewed_says_why_and_from_when_it_is() -> None:
    asked = replace(ANSWERED, trouble="the database is locked")
    found = shown(asked, 40)
    assert found.note == f"not renewed: the database is locked; of {CLOCK}"
    assert found.tone is Tone.WARN
    assert not found.old
    assert shown(asked, OLD_AFTER_US // SECOND_US + 1).old


def test_an_old_answer_says_its_age() -> None:
    found = shown(ANSWERED, 200)
    assert (found.note, found.old) == ("3 min old", True)


def test_no_rounds_stand_as_a_sentence_in_place_of_figures() -> None:
    asked = replace(ANSWERED, sample=sample(rounds=0))
    assert shown(asked).message == "No rounds of Admiral are recorded in the last 24 h."


def test_one_round_is_one_and_everybody_is_named_so() -> None:
    spoken = sample("", rounds=1, span=Span(name="all"))
    assert sample_words(spoken, "UTC", NOW_US) == "all bookmakers, all time, 1 round"
    assert sample_words(sample("", scope=Scope(group="B")), "UTC", NOW_US).startswith("group B, ")


def test_feeds_that_were_counted_once_are_named() -> None:
    spoken = sample(feeds=(("Admiral", "StarBet", "MaxBet"), ("Soccer",)))
    assert feed_words(spoken) == "Counted once, because they show one feed: StarBet, MaxBet with Admiral."
    assert feed_words(sample()) == ""
    assert (rtp_words(sample()), rtp_words(sample(rtp=None))) == ("97 %", "")
    assert rtp_words(sample(rtp=0.980353)) == "98.04 %"


def test_no_rounds_at_all_is_said_in_plain_words() -> None:
    everything = sample(scope=Scope(), span=Span(name="all"), rounds=0)
    assert no_rounds(everything, "UTC", NOW_US) == "No rounds are recorded."
    chosen = sample(scope=Scope(), span=Span(start_us=NOW_US), rounds=0)
    assert no_rounds(chosen, "UTC", NOW_US) == "No rounds are recorded from 20 Nov 01:14:09 to now."


def test_times_are_those_of_the_chosen_zone() -> None:
    asked = Asked(sample=sample(), answered_at_us=NOW_US)
    assert bar(asked, now_us=NOW_US, timezone="Asia/Kathmandu").note == "as of 06:59:09"
