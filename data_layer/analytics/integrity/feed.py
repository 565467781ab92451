"""One feed as the integrity checks see it, and what a check says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from data_layer.analytics.claims import Claim
from data_layer.analytics.integrity.feed_facts import FeedFacts
from data_layer.analytics.questions import IntegrityFinding
from data_layer.analytics.rounds import UNTIMED, Rounds

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Checked(NamedTuple):
    """What one check says of one feed."""

    remark: str  # what was looked for, or why it could not be
    findings: Sequence[IntegrityFinding] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """The asked rounds of one bookmaker, with what else is known of them."""

    part: Rounds
    facts: FeedFacts
    claim: Claim | None

    def finding(
        self,
        kind: str,
        severity: str,
        count: int,
        text: str,
        *,
        first: int | None = None,
        first_at_us: int | None = None,
        p_value: float | None = None,
    ) -> IntegrityFinding:
        """Return a finding; `first` is the place of its first round among the asked ones."""
        return IntegrityFinding(
            bookmaker=self.part.bookmaker,
            kind=kind,
            severity=severity,
            count=count,
            text=text,
            first_at_us=first_at_us if first is None else self.at_us(first),
            first_round="" if first is None else self.round_id(first),
            p_value=p_value,
        )

    def at_us(self, place: int) -> int | None:
        """Return when a round crashed, None where that is not known."""
        at_us = int(self.part.part_times_us[place])
        return None if at_us == UNTIMED else at_us

    def round_id(self, place: int) -> str:
        """Return a round's id where ids are numbers and reach back to it."""
        ids = self.facts.ids
        from_end = self.part.count - place
        return "" if ids is None or from_end > len(ids) else self.id_of(ids[len(ids) - from_end])

    def id_of(self, number: int) -> str:
        """Return the id that a number stands for."""
        return f"{self.facts.id_prefix}{number:0{self.facts.id_digits}}"

    def since(self, place: int) -> str:
        """Return where a round is, for the operator: its id, its time or its number."""
        at_us, round_id = self.at_us(place), self.round_id(place)
        where = f"round {round_id}" if round_id else f"round number {place + 1:,}"
        return where if at_us is None else f"{where} at {utc(at_us)}"


def utc(at_us: int) -> str:
    """Return a moment for people; UTC, because nobody here knows their zone."""
    return f"{_EPOCH + timedelta(microseconds=at_us):%Y-%m-%d %H:%M:%S} UTC"


def long(length_us: float) -> str:
    """Return a length of time in words: "17 s", "2 min 5 s", "3 h 20 min", "4 d 1 h"."""
    seconds = length_us / 1_000_000
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    for unit, size, smaller, part in (
        ("d", 86_400, "h", 3_600),
        ("h", 3_600, "min", 60),
        ("min", 60, "s", 1),
    ):
        if seconds >= size:
            whole, rest = divmod(round(seconds / part) * part, size)
            return f"{whole:.0f} {unit} {rest / part:.0f} {smaller}"
    raise AssertionError("unreachable")
