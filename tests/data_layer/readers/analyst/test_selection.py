"""Spans resolved, bookmakers chosen, feeds counted once and looked at again in time."""

from collections.abc import Sequence

import numpy as np
import pytest

from data_layer.analytics.integrity import same_feed
from data_layer.analytics.questions import SameFeed, Scope, Span
from data_layer.analytics.rounds import Rounds
from data_layer.readers.analyst.round_history import Snapshot
from data_layer.readers.analyst.selection import Feeds, Moments, names_of, reduced, resolved

_NOW_US = 1_750_000_000_000_000
_HOUR_US = 3_600_000_000
_GROUPS = {"Admiral": "A", "Mozzart": "A", "Soccer": ""}


def _snapshot(**rounds: int) -> Snapshot:
    books = {}
    for name, count in rounds.items():
        column = np.arange(count, dtype=np.int64)
        books[name] = Rounds(name, column, column + 100, 0, count)
    return Snapshot(version=1, fingerprint="", books=books, origins={})


@pytest.mark.parametrize(
    ("span", "moments"),
    [
        (Span(), Moments(None, None)),
        (Span(name="all"), Moments(None, None)),
        (Span(name="1h"), Moments(_NOW_US - _HOUR_US, _NOW_US + 1)),
        (Span(start_us=5, end_us=9), Moments(5, 9)),
        (Span(start_us=5), Moments(5, None)),
        (Span(end_us=9), Moments(None, 9)),
    ],
)
def test_a_span_is_resolved_to_the_microsecond(span: Span, moments: Moments) -> None:
    assert resolved(span, _NOW_US) == moments


@pytest.mark.parametrize(
    ("moments", "before"),
    [
        (Moments(None, None), None),
        (Moments(None, 9), None),
        (Moments(5, 9), Moments(1, 5)),
        (Moments(_NOW_US - 9, None), Moments(_NOW_US - 19, _NOW_US - 9)),  # with what happens now
        (Moments(_NOW_US + 5, None), Moments(_NOW_US + 5, _NOW_US + 5)),  # it has not begun
    ],
)
def test_the_span_before_is_as_long_and_ends_where_this_one_begins(
    moments: Moments, before: Moments | None
) -> None:
    assert moments.before(_NOW_US) == before


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        (Scope(), ("Admiral", "Other")),
        (Scope(group="A"), ("Admiral",)),  # nothing is recorded of the other one
        (Scope(bookmaker="Soccer"), ("Soccer",)),
        (Scope(bookmaker="Other"), ("Other",)),
    ],
)
def test_a_scope_names_its_bookmakers(scope: Scope, names: tuple[str, ...]) -> None:
    assert names_of(scope, _snapshot(Admiral=3, Other=4), _GROUPS) == names


@pytest.mark.parametrize(
    ("rounds", "counted", "shared"),
    [
        ({"A": 9, "B": 9, "C": 9, "D": 1}, ["A", "D"], (("A", "B", "C"),)),
        ({"B": 9, "C": 9, "D": 1}, ["B", "D"], (("B", "C"),)),
        ({"C": 9, "D": 1}, ["C", "D"], ()),
        ({"A": 0, "B": 7, "C": 9, "D": 1}, ["C", "D"], (("C", "B", "A"),)),  # the longest history had ended
        ({"A": 0, "B": 0, "D": 0}, ["A", "D"], (("A", "B"),)),
    ],
)
def test_of_a_feed_the_bookmaker_with_most_of_the_asked_rounds_counts(
    rounds: dict[str, int], counted: list[str], shared: tuple[tuple[str, ...], ...]
) -> None:
    feeds = [SameFeed(bookmakers=("A", "B", "C"), lag_us=None, matched=9)]
    parts, found = reduced(list(_snapshot(**rounds).books.values()), feeds)
    assert [part.bookmaker for part in parts] == counted
    assert found == shared


@pytest.mark.parametrize(
    ("later", "passed_us", "looks"),
    [
        (_snapshot(A=1_000, B=1_000), 59_999_999, 1),
        (_snapshot(A=1_010, B=1_010), 0, 1),
        (_snapshot(A=1_000, B=1_000), 60_000_000, 2),
        (_snapshot(A=1_010, B=1_011), 0, 2),
        (_snapshot(A=999, B=1_000), 0, 2),  # another database
        (_snapshot(A=1_000, B=1_000, C=1), 0, 2),
    ],
)
def test_feeds_are_looked_at_again_when_that_may_tell_something_new(
    later: Snapshot, passed_us: int, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    real = same_feed.same_feeds

    def looking(parts: Sequence[Rounds]) -> tuple[SameFeed, ...]:
        looked.append(len(parts))
        return real(parts)

    monkeypatch.setattr(same_feed, "same_feeds", looking)
    now_us = 5
    feeds = Feeds(monotonic_us=lambda: now_us)
    feeds.of(_snapshot(A=1_000, B=1_000))
    now_us += passed_us
    found = feeds.of(later)
    assert len(looked) == looks
    assert found[0].bookmakers[:2] in (("A", "B"), ("B", "A"))
