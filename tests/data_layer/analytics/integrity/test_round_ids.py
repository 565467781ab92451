from array import array
from collections.abc import Sequence

import pytest

from data_layer.analytics.integrity.feed import Feed
from data_layer.analytics.integrity.feed_facts import FeedFacts, Refusals
from data_layer.analytics.integrity.round_ids import check_duplicates, check_gaps
from tests.data_layer.analytics.made import rounds_of


def feed_of(ids: Sequence[int] | None, more: int = 0) -> Feed:
    """Return a feed with `more` rounds before those whose ids are known."""
    known = None if ids is None else array("q", ids)
    count = more + len(ids or ())
    times_us = range(10**15, 10**15 + count)
    return Feed(rounds_of([200] * count, times_us=list(times_us)), FeedFacts(ids=known), None)


def test_ids_in_steps_of_one_have_no_gap() -> None:
    assert check_gaps(feed_of(range(100, 200))).findings == []


@pytest.mark.parametrize("more", [0, 7])
def test_missing_ids_are_counted_and_the_first_and_the_largest_gap_told(more: int) -> None:
    ids = [*range(100, 150), *range(153, 190), *range(200, 240)]
    (finding,) = check_gaps(feed_of(ids, more)).findings
    assert (finding.kind, finding.severity, finding.count) == ("id gap", "warning", 3 + 10)
    assert finding.text == "13 ids missing, in 2 gaps; the largest, of 10, is between rounds 189 and 200"
    assert finding.first_round == "153"
    assert finding.first_at_us == 10**15 + more + 50


def test_ids_are_told_as_the_bookmaker_writes_them() -> None:
    ids = array("q", [*range(950, 999), *range(1_003, 1_050)])
    facts = FeedFacts(ids=ids, id_prefix="demo-", id_digits=3)
    (finding,) = check_gaps(Feed(rounds_of([200] * len(ids)), facts, None)).findings
    assert finding.text.endswith("is between rounds demo-998 and demo-1003")
    assert finding.first_round == "demo-1003"


def test_ids_that_are_no_counters_raise_no_alarm() -> None:
    ids = [1_000]
    for step in [14, 33, 33, 40, 99, 33] * 10:
        ids.append(ids[-1] + step)
    (finding,) = check_gaps(feed_of(ids)).findings
    assert finding.severity == "info"
    assert finding.text.startswith("ids step by 14 to 99, usually by 33: ")


def test_ids_that_run_backwards_are_told() -> None:
    ids = list(range(100, 200))
    ids[50], ids[51] = ids[51], ids[50]
    findings = {finding.severity: finding for finding in check_gaps(feed_of(ids)).findings}
    assert findings["info"].text.startswith("ids run backwards at 1 round:")
    assert findings["warning"].count == 2  # 149 to 151 and 150 to 152: both neighbours are skipped


def test_what_cannot_be_told_is_said() -> None:
    assert check_gaps(feed_of(None)).remark == "id gaps not looked for: ids are no numbers"
    assert "n too small" in check_gaps(feed_of(range(19))).remark
    assert "n too small" in check_gaps(feed_of([])).remark


def test_a_second_crash_point_for_one_id_is_grave_and_a_mere_repetition_is_not() -> None:
    differs = {"crash point differs from the one stored for this round": Refusals(2, 77)}
    feed = Feed(rounds_of([200]), FeedFacts(duplicates=1_500, refused=differs), None)
    grave, harmless = check_duplicates(feed).findings
    assert (grave.kind, grave.severity, grave.count, grave.first_at_us) == ("duplicate", "critical", 2, 77)
    assert (harmless.severity, harmless.count) == ("info", 1_500)
    assert harmless.text == "1,500 rounds came again, ever; each is stored once"
    assert check_duplicates(feed_of([])).findings == []
