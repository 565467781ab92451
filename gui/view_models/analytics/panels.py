"""What stands in the title of every panel: of which rounds it speaks, how old that is, and what hinders it.

The old answer stays until the new one is there, and says so. A panel without an answer says why.
"""

from dataclasses import dataclass

from data_layer.analytics.questions import Question, Sample
from gui.view_models import words
from gui.view_models.analytics.choices import clock_words, scope_words, span_words
from gui.view_models.tones import Tone

ASK_EVERY_US = 30_000_000
OLD_AFTER_US = 3 * ASK_EVERY_US  # one answer that is late is chance, two are a fault
_PATIENCE_US = 400_000  # an answer that comes sooner is not announced


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """How far one question has come."""

    wanted: Question | None = None  # what the choices ask for
    asked_at_us: int | None = None  # when an answer still under way was asked for
    sample: Sample | None = None  # of the answer that is shown
    question: Question | None = None  # the one it answers
    answered_at_us: int = 0
    trouble: str = ""  # why the last one was not answered


@dataclass(frozen=True, kw_only=True, slots=True)
class PanelBar:
    """The title of a panel and whether its content is of now."""

    span: str = ""
    tag: str = ""
    note: str = ""
    tone: Tone = Tone.MUTED
    old: bool = False  # the content is drawn back
    message: str = ""  # stands in place of the content, when there is none to show


def bar(asked: Asked, *, now_us: int, timezone: str) -> PanelBar:
    """Return the title of a panel at this moment."""
    if asked.sample is None:
        return _without_answer(asked)
    sample = asked.sample
    other = asked.question != asked.wanted
    age_us = now_us - asked.answered_at_us
    waits = asked.asked_at_us is not None and now_us - asked.asked_at_us >= _PATIENCE_US
    clock = clock_words(asked.answered_at_us, timezone)
    note, tone = f"as of {clock}", Tone.MUTED
    if asked.trouble:
        note, tone = f"not renewed: {asked.trouble}", Tone.WARN
        if not other:
            note += f"; of {clock}"
    elif age_us > OLD_AFTER_US:
        note, tone = f"{words.age_text(age_us)} old", Tone.WARN
    elif other and waits:
        note = "still the answer before; computing"
    old = age_us > OLD_AFTER_US or (other and (waits or bool(asked.trouble)))
    return PanelBar(
        span=sample_words(sample, timezone, now_us),
        tag=words.origin_tag(sample.origins),
        note=note,
        tone=tone,
        old=old,
        message="" if sample.rounds else no_rounds(sample, timezone, now_us),
    )


def _without_answer(asked: Asked) -> PanelBar:
    if asked.trouble:
        return PanelBar(note="no answer", tone=Tone.BAD, message=sentence(asked.trouble))
    return PanelBar(note="computing", message="Computing, the first time takes a moment.")


def sample_words(sample: Sample, timezone: str, now_us: int) -> str:
    """Return of which rounds an answer speaks: "Admiral, 24 h, 3,816 rounds"."""
    rounds = "1 round" if sample.rounds == 1 else f"{words.count_text(sample.rounds)} rounds"
    return f"{scope_words(sample.scope)}, {span_words(sample.span, timezone, now_us)}, {rounds}"


def no_rounds(sample: Sample, timezone: str, now_us: int) -> str:
    """Say that there are none."""
    scope, span = sample.scope, sample.span
    whose = f" of {scope_words(scope)}" if scope.bookmaker or scope.group else ""
    when = span_words(span, timezone, now_us)
    if when == words.RANGE_WORDS["all"]:
        return f"No rounds{whose} are recorded."
    return f"No rounds{whose} are recorded {'in the last' if span.name else 'from'} {when}."


def feed_words(sample: Sample) -> str:
    """Say which bookmakers were counted as one; empty where each has a feed of its own."""
    told = [f"{', '.join(feed[1:])} with {feed[0]}" for feed in sample.feeds if len(feed) > 1]
    return f"Counted once, because they show one feed: {'; '.join(told)}." if told else ""


def rtp_words(sample: Sample) -> str:
    """Return the claimed return that expectations come from: "97 %"."""
    return "" if sample.rtp is None else f"{100 * sample.rtp:.4g} %"


def sentence(text: str) -> str:
    """Return words that begin and end as a sentence does."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")
