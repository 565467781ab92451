"""Rounds that are missing, as the ids tell, and ids that came twice."""

import numpy as np

from data_layer.analytics.integrity.feed import Checked, Feed
from utils.plurals import counted

LEAST_IDS = 20
_USUALLY = 0.9  # share of steps by one from which a longer step is a gap
_DIFFERS = "crash point differs from the one stored for this round"  # as the writer's quarantine words it


def check_gaps(feed: Feed) -> Checked:
    """Look for ids that are missing, where a bookmaker numbers its rounds one by one."""
    if feed.facts.ids is None:
        return Checked("id gaps not looked for: ids are no numbers")
    ids = np.frombuffer(feed.facts.ids, np.int64)
    if len(ids) < LEAST_IDS:
        return Checked(f"id gaps not looked for: n too small (under {LEAST_IDS} ids)")
    steps = np.diff(ids)
    longer = np.flatnonzero(steps > 1)
    if np.mean(steps == 1) < _USUALLY:
        text = (
            f"ids step by {int(steps.min()):,} to {int(steps.max()):,}, "
            f"usually by {int(np.median(steps)):,}: "
            "the bookmaker does not number these rounds one by one, so ids cannot tell what is missing"
        )
        return Checked("id gaps: ids are no counters", (feed.finding("id gap", "info", 0, text),))
    found = []
    before = feed.part.count - len(ids)  # rounds older than the ids that were read
    if len(longer):
        missing = int((steps[longer] - 1).sum())
        largest = longer[np.argmax(steps[longer])]
        text = (
            f"{counted(missing, 'id')} missing, in {counted(len(longer), 'gap')}; "
            f"the largest, of {int(steps[largest]) - 1:,}, "
            f"is between rounds {feed.id_of(ids[largest])} and {feed.id_of(ids[largest + 1])}"
        )
        first = max(0, before + int(longer[0]) + 1)
        found.append(feed.finding("id gap", "warning", missing, text, first=first))
    back = np.flatnonzero(steps < 1)
    if len(back):
        text = (
            f"ids run backwards at {counted(len(back), 'round')}: the order of ids is not that of the times"
        )
        first = max(0, before + int(back[0]) + 1)
        found.append(feed.finding("id gap", "info", len(back), text, first=first))
    return Checked("id gaps", found)


def check_duplicates(feed: Feed) -> Checked:
    """Tell of rounds whose id was stored already."""
    found = []
    differing = feed.facts.refused.get(_DIFFERS)
    if differing is not None:
        text = (
            f"{counted(differing.count, 'round')} came again with another crash point; the first one stands"
        )
        found.append(
            feed.finding("duplicate", "critical", differing.count, text, first_at_us=differing.first_at_us)
        )
    if feed.facts.duplicates:
        text = f"{counted(feed.facts.duplicates, 'round')} came again, ever; each is stored once"
        found.append(feed.finding("duplicate", "info", feed.facts.duplicates, text))
    return Checked("duplicate ids", found)
