"""Hand-made answers of the analytics, for the view models and the page."""

from data_layer.analytics.questions import (
    Bucket,
    ConditionalShare,
    Distribution,
    Drift,
    DriftLine,
    EdgeEstimate,
    Goodness,
    HeatCell,
    Integrity,
    IntegrityFinding,
    Interval,
    Intervals,
    Quantile,
    Run,
    RunCount,
    RunsTest,
    SameFeed,
    Sample,
    Scope,
    ShareChange,
    Span,
    Streaks,
    SurvivalPoint,
    TailCap,
    ThresholdShare,
)
from data_layer.messages import Origin
from tests.gui.fakes import NOW_US, SECOND_US

HOUR_US = 3_600 * SECOND_US


def sample(bookmaker: str = "Admiral", **fields: object) -> Sample:
    """Return 1,000 simulated rounds of 24 hours, changed in `fields`."""
    given: dict[str, object] = {
        "scope": Scope(bookmaker=bookmaker),
        "span": Span(name="24h"),
        "rounds": 1_000,
        "origins": (Origin.SIMULATOR,),
        "rtp": 0.97,
    }
    return Sample(**(given | fields))  # type: ignore[arg-type]  # fields are named by the tests


def share_at(centi: int, at_or_above: int, rounds: int = 1_000, **fields: object) -> ThresholdShare:
    """Return a threshold that so many reached."""
    share = at_or_above / rounds
    given: dict[str, object] = {
        "threshold_centi": centi,
        "at_or_above": at_or_above,
        "above": at_or_above - 2,
        "at_or_below": rounds - at_or_above + 2,
        "below": rounds - at_or_above,
        "share": share,
        "wilson": Interval(share - 0.03, share + 0.03),
        "expected": 97 / centi,
        "payback": share * centi / 100,
        "payback_error": 0.031,
        "payback_interval": Interval(share * centi / 100 - 0.06, share * centi / 100 + 0.06),
    }
    return ThresholdShare(**(given | fields))  # type: ignore[arg-type]


def distribution(**fields: object) -> Distribution:
    """Return a distribution with every part there is."""
    given: dict[str, object] = {
        "sample": sample(),
        "thresholds": (share_at(150, 640), share_at(200, 482)),
        "quantiles": (
            Quantile(probability=0.25, value_centi=129),
            Quantile(probability=0.5, value_centi=193),
        ),
        "median_centi": 193,
        "median_interval_centi": (187, 199),
        "mean_centi": 963.4,
        "mean_note": "the mean does not settle",
        "lowest_centi": 100,
        "highest_centi": 1_289_755,
        "ones": 44,
        "survival": tuple(
            SurvivalPoint(
                multiplier_centi=centi,
                share=97 / centi if centi > 100 else 1.0,
                wilson=Interval(95 / centi, 99 / centi),
                dkw=Interval(max(0.0, 97 / centi - 0.04), min(1.0, 97 / centi + 0.04)),
                expected=97 / centi,
            )
            for centi in (100, 150, 200, 500, 1_000, 10_000)
        ),
        "edge": EdgeEstimate(edge=0.039, interval=Interval(-0.01, 0.088), threshold_centi=150, claimed=0.03),
        "rounds_before": 990,
        "changes": (
            ShareChange(
                threshold_centi=200,
                now=0.482,
                before=0.47,
                difference_points=1.2,
                interval_points=Interval(-3.1, 5.5),
                p_value=0.58,
            ),
        ),
    }
    return Distribution(**(given | fields))  # type: ignore[arg-type]


def run(length: int = 3, **fields: object) -> Run:
    """Return a run that ended a moment ago."""
    given: dict[str, object] = {
        "bookmaker": "Admiral",
        "length": length,
        "started_at_us": NOW_US - 100 * SECOND_US,
        "ended_at_us": NOW_US - 10 * SECOND_US,
        "ended_by_centi": 1_234,
        "open": False,
    }
    return Run(**(given | fields))  # type: ignore[arg-type]


def streaks(**fields: object) -> Streaks:
    """Return streaks with every part there is."""
    open_run = run(4, ended_at_us=None, ended_by_centi=None, open=True)
    given: dict[str, object] = {
        "sample": sample(),
        "threshold_centi": 200,
        "share": 0.482,
        "current": open_run,
        "longest": run(11),
        "newest": (open_run, run(1), run(2)),
        "counts": (
            RunCount(length=1, runs=120, expected=125.0),
            RunCount(length=2, runs=60, expected=64.8),
            RunCount(length=4, runs=0, expected=0.6),
        ),
        "since_last": 4,
        "probability_of_current": 0.9999,
        "probability_of_longest": 0.31,
        "conditional": (
            ConditionalShare(k=1, rounds=500, reached=240, share=0.48, wilson=Interval(0.44, 0.52)),
            ConditionalShare(k=9, rounds=5, reached=3, share=0.6, wilson=Interval(0.23, 0.88)),
        ),
        "runs_test": RunsTest(runs=501, expected=500.4, z=0.04, p_value=0.97),
    }
    return Streaks(**(given | fields))  # type: ignore[arg-type]


def bucket(number: int, rounds: int = 100, reached: int = 48, **fields: object) -> Bucket:
    """Return a bucket of one hour, the `number`th of 2024 in UTC."""
    start_us = 1_704_067_200 * SECOND_US + number * HOUR_US
    given: dict[str, object] = {
        "start_us": start_us,
        "end_us": start_us + HOUR_US,
        "rounds": rounds,
        "reached": reached,
        "median_centi": 193 if rounds else None,
        "highest_centi": 5_000 if rounds else None,
    }
    return Bucket(**(given | fields))  # type: ignore[arg-type]


def heat_cell(place: int, rounds: int = 100, reached: int = 48) -> HeatCell:
    """Return the cell of an hour of the week."""
    share = reached / rounds if rounds else None
    wilson = None if share is None else Interval(share - 0.1, share + 0.1)
    return HeatCell(
        weekday=place // 24, hour=place % 24, rounds=rounds, reached=reached, share=share, wilson=wilson
    )


def intervals(**fields: object) -> Intervals:
    """Return buckets, one of them empty, one of few rounds, the last one running."""
    given: dict[str, object] = {
        "sample": sample(),
        "timezone": "UTC",
        "threshold_centi": 200,
        "share": 0.48,
        "buckets": (bucket(0), bucket(1, 0, 0), bucket(2, 8, 6), bucket(3, 40, 20, running=True)),
        "heat": tuple(heat_cell(place) for place in range(168)),
    }
    return Intervals(**(given | fields))  # type: ignore[arg-type]


def drift_line(bookmaker: str = "Admiral", log_e: float | None = 0.2, **fields: object) -> DriftLine:
    """Return a line without an alarm."""
    given: dict[str, object] = {
        "bookmaker": bookmaker,
        "threshold_centi": 200,
        "rounds": 5_000,
        "reached": 2_400,
        "expected": 0.485,
        "share": 0.48,
        "log_e": log_e,
        "highest_log_e": None if log_e is None else log_e + 1,
        "alarmed_at_round": None,
    }
    return DriftLine(**(given | fields))  # type: ignore[arg-type]


def drift(**fields: object) -> Drift:
    """Return one bookmaker that is well and one that is not."""
    alarmed = drift_line("Meridian", 30.0, alarm=True, alarmed_at_round=1_234)
    given: dict[str, object] = {
        "sample": sample("", span=Span(name="all"), rounds=10_000),
        "alpha": 0.01,
        "limit_log_e": 6.0,
        "lines": (drift_line(), alarmed),
        "goodness": (goodness("Admiral", 0.4), goodness("Meridian", 0.0001)),
        "caps": (tail_cap("Admiral"), tail_cap("MaxBet", p_value=0.0002, capped=True)),
    }
    return Drift(**(given | fields))  # type: ignore[arg-type]


def goodness(bookmaker: str, p_value: float | None, **fields: object) -> Goodness:
    """Return a goodness of fit."""
    given: dict[str, object] = {
        "bookmaker": bookmaker,
        "rounds": 5_000,
        "bins": 20,
        "chi_square": 21.4,
        "degrees": 19,
        "chi_square_p": p_value,
        "pit_statistic": 0.01,
        "pit_p": p_value,
        "ones": 150,
        "ones_expected": 148.5,
    }
    return Goodness(**(given | fields))  # type: ignore[arg-type]


def tail_cap(bookmaker: str, **fields: object) -> TailCap:
    """Return a tail that nothing caps."""
    given: dict[str, object] = {
        "bookmaker": bookmaker,
        "rounds": 5_000,
        "highest_centi": 600_000,
        "expected_above": 0.8,
        "p_value": 0.45,
    }
    return TailCap(**(given | fields))  # type: ignore[arg-type]


def integrity(**fields: object) -> Integrity:
    """Return two findings and two bookmakers that are one feed."""
    given: dict[str, object] = {
        "sample": sample(""),
        "findings": (
            finding("duplicate", "info", 3),
            finding("id gap", "critical", 1, first_at_us=NOW_US, first_round="77", p_value=0.004),
        ),
        "feeds": (SameFeed(bookmakers=("Admiral", "StarBet"), lag_us=1_400_000, matched=4_990),),
        "checked": ("id gaps", "stalls"),
    }
    return Integrity(**(given | fields))  # type: ignore[arg-type]


def finding(kind: str, severity: str, count: int, **fields: object) -> IntegrityFinding:
    """Return one fault of Soccer's feed."""
    given: dict[str, object] = {
        "bookmaker": "Soccer",
        "kind": kind,
        "severity": severity,
        "count": count,
        "text": f"{count} of them",
    }
    return IntegrityFinding(**(given | fields))  # type: ignore[arg-type]
