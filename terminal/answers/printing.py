"""One answer under its heading, with the rounds it speaks of."""

from collections.abc import Sequence

from data_layer.analytics.questions import Answer, Distribution, Drift, Integrity, Intervals, Sample, Streaks
from data_layer.messages import Origin
from gui.view_models.analytics import figures
from gui.view_models.analytics.choices import scope_words
from gui.view_models.analytics.panels import feed_words, rtp_words
from gui.view_models.words import count_text, origin_tag, range_words
from terminal import texts
from terminal.answers.distribution import print_distribution
from terminal.answers.feeds import NO_FEEDS, print_drift, print_integrity
from terminal.answers.intervals import print_buckets, print_heat
from terminal.answers.place import Place, sentence
from terminal.answers.streaks import print_streaks


def print_answer(place: Place, section: str, answer: Answer) -> None:
    """Print one answer under its heading."""
    place.console.print()
    place.console.print(texts.safe(_heading(section, answer)), style="bold")
    # The integrity of each feed is looked at, so its rounds are all counted; it tells of equal ones itself.
    place.say(*sample_lines(place, answer.sample, counted_once=not isinstance(answer, Integrity)))
    if isinstance(answer, Distribution):
        print_distribution(place, answer)
    elif isinstance(answer, Streaks):
        print_streaks(place, answer)
    elif isinstance(answer, Intervals):
        (print_heat if section == "heat_map" else print_buckets)(place, answer)
    elif isinstance(answer, Drift):
        print_drift(place, answer)
    elif isinstance(answer, Integrity):
        print_integrity(place, answer)
    place.say(sentence(f"note: {answer.note}") if answer.note else "")


def _heading(section: str, answer: Answer) -> str:
    whose = scope_words(answer.sample.scope)
    if isinstance(answer, (Streaks, Intervals)):
        threshold = figures.threshold_text(answer.threshold_centi)
        titles = {
            "streaks": f"Runs of rounds below {threshold}",
            "intervals": f"Rounds by interval, and how many reached {threshold}",
            "heat_map": f"Share that reached {threshold}, by weekday and hour",
        }
        return f"{titles[section]}: {whose}"
    titles = {"distribution": "Crash points", "drift": "Drift", "integrity": "Feed integrity"}
    return f"{titles[section]}: {whose}"


def sample_lines(place: Place, sample: Sample, *, counted_once: bool = True) -> list[str]:
    """Return of which rounds an answer speaks, and where they come from.

    `counted_once` says that of bookmakers which show one feed only one was counted.
    """
    rounds = "1 round" if sample.rounds == 1 else f"{count_text(sample.rounds)} rounds"
    everything = sample.start_us is None and sample.end_us is None
    name = f"the last {range_words(sample.span.name)}, " if sample.span.name and not everything else ""
    span = "all time"
    if not everything:
        start = "the first round" if sample.start_us is None else place.full(sample.start_us)
        end = "now" if sample.end_us is None else place.full(sample.end_us)
        span = f"{name}{start} to {end}, {place.timezone}"
    feeds = feed_words(sample)
    if counted_once and not feeds and not sample.scope.bookmaker:
        feeds = NO_FEEDS
    rtp = rtp_words(sample)
    claim = ""
    if rtp:
        whose = (
            f"a claimed return of {rtp}" if sample.scope.bookmaker else f"claimed returns, on average {rtp}"
        )
        claim = f"What is expected comes from {whose}."
    return [f"{rounds}, {span}", feeds, _origin_words(sample.origins), claim]


def _origin_words(origins: Sequence[Origin]) -> str:
    """Say which rounds are not live; nothing where all are."""
    tag = origin_tag(origins)
    if not tag:
        return ""
    if Origin.LIVE in origins:
        return f"Not all of these rounds are live: there are {tag} ones among them."
    return f"These rounds are not live: {tag}."
