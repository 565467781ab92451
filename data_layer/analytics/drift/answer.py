"""Do the rounds still come as often as is claimed? The sequential test, the fit and the cap, put together."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, log1p

import numpy as np

from data_layer.analytics.claims import Claims
from data_layer.analytics.drift.goodness import goodness
from data_layer.analytics.drift.sequential import Evidence, e_bh, evidence
from data_layer.analytics.drift.tail import tail_cap
from data_layer.analytics.proportions import wilson
from data_layer.analytics.questions import Drift, DriftLine, DriftQuestion, Sample, Span
from data_layer.analytics.rounds import Rounds

_NOTICEABLE = 0.95  # of the claimed share: how many rounds it takes to notice that is told
_ONE_LOOK = (
    "the p-values of the fit are for one look; the tests of thresholds and of the cap are for any number"
)
_FIXED_BEGINNING = (
    "any number of looks holds for rounds watched from a fixed beginning on, not for a span that moves along"
)


@dataclass(frozen=True, slots=True)
class _Test:
    """One bookmaker at one threshold, with the evidence where a claim can be contradicted."""

    part: Rounds
    threshold_centi: int
    expected: float | None  # claimed share
    found: Evidence | None


def drift(parts: Sequence[Rounds], sample: Sample, question: DriftQuestion, claims: Claims) -> Drift:
    """Return the tests of the asked rounds of every bookmaker at every threshold.

    The limit of a line is 1/alpha times the number of lines that can be tested, so that the chance of any
    false alarm, however long one looks, is at most alpha (Ville 1939 and Boole's inequality). A line is
    also alarmed while e-BH finds it: several e-values that are nearly high enough confirm each other. That
    keeps the promise too: as long as all claims are true, it needs an average e-value of 1/alpha.
    """
    thresholds = sorted(set(question.thresholds_centi))
    shares = [(part, centi, _expected(part, centi, claims)) for part in parts for centi in thresholds]
    testable = sum(_can_fail(share) for _, _, share in shares)
    limit = log(max(testable, 1) / question.alpha)
    tests = [_Test(part, centi, share, _evidence(part, centi, share, limit)) for part, centi, share in shares]
    confirmed, lower = _confirmed(tests, question.alpha)
    sure = question.alpha / max(len(parts), 1)
    return Drift(
        sample=sample,
        alpha=question.alpha,
        limit_log_e=limit,
        lines=tuple(
            _line(test, limit, lower if index in confirmed else None) for index, test in enumerate(tests)
        ),
        goodness=tuple(goodness(part, claims.of(part.bookmaker)) for part in parts),
        caps=tuple(tail_cap(part, claims.of(part.bookmaker), sure) for part in parts),
        note=_note(parts, claims, question),
    )


def rounds_to_notice(share: float, factor: float, limit_log_e: float) -> int:
    """Return about how many rounds it takes until `share` times `factor`, instead of `share`, is noticed.

    The limit over the information in a round, the Kullback-Leibler divergence (Wald 1945).
    """
    other = share * factor
    information = other * log(factor) + (1 - other) * (log1p(-other) - log1p(-share))
    return round(limit_log_e / information)


def _expected(part: Rounds, threshold_centi: int, claims: Claims) -> float | None:
    claim = claims.of(part.bookmaker)
    return None if claim is None else claim.survival(threshold_centi)


def _can_fail(share: float | None) -> bool:
    return share is not None and 0 < share < 1


def _evidence(part: Rounds, threshold_centi: int, share: float | None, limit: float) -> Evidence | None:
    if share is None or not _can_fail(share):
        return None
    return evidence(part.part >= threshold_centi, share, limit)


def _confirmed(tests: Sequence[_Test], alpha: float) -> tuple[frozenset[int], float]:
    """Return the places of the tests that e-BH finds, and the limit they had to reach."""
    log_e = [(index, test.found.log_e) for index, test in enumerate(tests) if test.found is not None]
    chosen, lower = e_bh([value for _, value in log_e], alpha)
    return frozenset(log_e[place][0] for place in chosen), lower


def _line(test: _Test, limit: float, lower: float | None) -> DriftLine:
    """Return one line; `lower` is the limit of e-BH where that finds it."""
    part, found = test.part, test.found
    reached = int(np.count_nonzero(part.part >= test.threshold_centi))
    share = reached / part.count if part.count else None
    first = None if found is None else found.first_over
    confirmed = first is None and lower is not None
    if confirmed and lower is not None:
        again = _evidence(part, test.threshold_centi, test.expected, lower)
        first = None if again is None else again.first_over
    return DriftLine(
        bookmaker=part.bookmaker,
        threshold_centi=test.threshold_centi,
        rounds=part.count,
        reached=reached,
        expected=test.expected,
        share=share,
        wilson=wilson(reached, part.count),
        log_e=None if found is None else found.log_e,
        highest_log_e=None if found is None else found.highest_log_e,
        alarmed_at_round=first,
        alarm=first is not None,
        note=_quiet_note(test, limit) if first is None else _alarm_note(test, share, limit, confirmed),
    )


def _alarm_note(test: _Test, share: float | None, limit: float, confirmed: bool) -> str:
    """Return what an alarm says, for the operator."""
    if share is None or test.expected is None or test.found is None:
        return ""
    notes = [f"{share:.2%} of the rounds reach it, {test.expected:.2%} are claimed"]
    if confirmed:
        notes.append("confirmed by other lines (e-BH)")
    elif test.found.log_e < limit:
        notes.append("the evidence was over the limit and is not any more")
    return "; ".join(notes)


def _quiet_note(test: _Test, limit: float) -> str:
    """Return why a line without an alarm says little, empty where it says that all is well."""
    if test.expected is None:
        return "no claimed return"
    if not _can_fail(test.expected):
        return "every round reaches it"
    needed = rounds_to_notice(test.expected, _NOTICEABLE, limit)
    if test.part.count >= needed:
        return ""
    less = f"{100 * (1 - _NOTICEABLE):.0f} % less"
    return f"n too small ({test.part.count:,} rounds; {less} would show after about {needed:,})"


def _note(parts: Sequence[Rounds], claims: Claims, question: DriftQuestion) -> str:
    notes = [_ONE_LOOK]
    if question.span.name != "all" and question.span != Span():
        notes.append(_FIXED_BEGINNING)
    without = [part.bookmaker for part in parts if claims.of(part.bookmaker) is None]
    if without:
        notes.append(
            f"no claimed return, so no test: {', '.join(without)}; rtp in the configuration gives one"
        )
    return "; ".join(notes)
