"""Whether an alert rule makes sense, wherever it comes from: the configuration, the window, a file."""

from collections.abc import Sequence

from config.alert_specs import (
    KINDS,
    LEAST_THRESHOLD,
    LONGEST_HOLD_S,
    LONGEST_NAME,
    MOST_THRESHOLD,
    KindFacts,
    Rule,
    plain,
)
from config.problems import RefusedValueError, closest, shown


def check_rule(rule: Rule, thresholds_centi: Sequence[int] | None = None) -> None:
    """Raise `RefusedValueError` for a rule whose numbers make no sense; its `at` names the field.

    A streak is looked up in what the database counts, so its threshold is one of `thresholds_centi`.
    """
    facts = KINDS[rule.kind]
    if not rule.name or len(rule.name) > LONGEST_NAME or not rule.name.isprintable():
        raise RefusedValueError(f"a name has 1 to {LONGEST_NAME} characters", at=("name",))
    _check_limit(rule, facts)
    for field in ("hold_on_s", "hold_off_s"):
        value = getattr(rule, field)
        if not 0 <= value <= LONGEST_HOLD_S:
            nearest = "0" if not value > LONGEST_HOLD_S else plain(LONGEST_HOLD_S)
            text = f"{plain(value)} is not between 0 and {plain(LONGEST_HOLD_S)}"
            raise RefusedValueError(text, nearest=nearest, at=(field,))
    if facts.momentary and rule.hold_on_s:
        text = f"{rule.kind} tells of a moment, which holds for no time"
        raise RefusedValueError(text, nearest="0", at=("hold_on_s",))
    if rule.bookmakers and not facts.by_bookmaker:
        raise RefusedValueError(f"{rule.kind} is about no bookmaker", nearest="[]", at=("bookmakers",))
    if facts.has_threshold:
        _check_threshold(rule, thresholds_centi)


def _check_threshold(rule: Rule, thresholds_centi: Sequence[int] | None) -> None:
    value = rule.threshold
    if not LEAST_THRESHOLD <= value <= MOST_THRESHOLD:
        nearest = plain(MOST_THRESHOLD if value > MOST_THRESHOLD else LEAST_THRESHOLD)
        text = f"{plain(value)} is not between {plain(LEAST_THRESHOLD)} and {plain(MOST_THRESHOLD)}"
        raise RefusedValueError(text, nearest=nearest, at=("threshold",))
    if thresholds_centi is not None and rule.threshold_centi not in thresholds_centi:
        counted = min(thresholds_centi, key=lambda one: abs(one - rule.threshold_centi), default=None)
        raise RefusedValueError(
            f"{plain(value)} is none of the thresholds that are counted",
            nearest="" if counted is None else plain(counted / 100),
            at=("threshold",),
        )


def _check_limit(rule: Rule, facts: KindFacts) -> None:
    if not facts.limit_words:
        return
    value = rule.limit
    if not facts.least <= value <= facts.most:
        nearest = facts.most if value > facts.most else facts.least
        bounds = f"between {plain(facts.least)} and {plain(facts.most)}"
        text = f"{plain(value)} is not {bounds} {facts.limit_words}"
        raise RefusedValueError(text, nearest=plain(nearest), at=("limit",))
    if facts.whole and value != int(value):
        text = f"{plain(value)} is no whole number of {facts.limit_words}"
        raise RefusedValueError(text, nearest=f"{max(round(value), 1)}", at=("limit",))


def check_bookmakers(rule: Rule, names: Sequence[str]) -> None:
    """Raise `RefusedValueError` when a rule names a bookmaker that is none of `names`."""
    for index, bookmaker in enumerate(rule.bookmakers):
        if bookmaker not in names:
            nearest = closest(bookmaker, names)
            raise RefusedValueError(
                f"{shown(bookmaker)} is no bookmaker",
                nearest="" if nearest is None else shown(nearest),
                at=("bookmakers", index),
            )
