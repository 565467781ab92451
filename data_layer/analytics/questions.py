"""What may be asked of the recorded rounds, and in what shape the answers come.

Every question is a small immutable value, so that it can be a key of a cache and travel to another process;
every answer says of which rounds it speaks and how many they are. `_us` are UTC microseconds, `_centi`
hundredths of a multiplier. Shares are between 0 and 1; an interval is (low, high) at 95 % unless it says
otherwise. None stands for "cannot be told", and then `note` says why: too few rounds, no times, no claim.
"""

from typing import NamedTuple

import msgspec

from data_layer.messages import Origin


class _Value(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Base of all questions and answers: immutable, comparable, hashable where its fields are."""


class Interval(NamedTuple):
    """An estimate's range."""

    low: float
    high: float


# Which rounds.


class Scope(_Value, frozen=True, kw_only=True):
    """Whose rounds: one bookmaker's, a group's, or, with both empty, all. A group is one of the
    configuration. Bookmakers that show the same feed count once in a group and in all."""

    bookmaker: str = ""
    group: str = ""


class Span(_Value, frozen=True, kw_only=True):
    """A stretch of time: a named range that ends now, or from one moment up to, not including, another.

    With `name` "all" or without anything it is everything, rounds without a time included.
    """

    name: str = ""  # "1h", "6h", "24h", "3d", "7d", "30d", "all", or empty
    start_us: int | None = None
    end_us: int | None = None


class Sample(_Value, frozen=True, kw_only=True):
    """The rounds an answer speaks of."""

    scope: Scope
    span: Span
    rounds: int
    start_us: int | None = None  # the span as it was resolved; None: open
    end_us: int | None = None
    feeds: tuple[tuple[str, ...], ...] = ()  # bookmakers that are one feed; the first of each was counted
    origins: tuple[Origin, ...] = ()
    rtp: float | None = None  # the claimed return that expectations are computed from


# Distribution.


class DistributionQuestion(_Value, frozen=True, kw_only=True, tag=True):
    """How are crash points distributed?"""

    scope: Scope = Scope()
    span: Span = Span(name="24h")
    thresholds_centi: tuple[int, ...] = (150, 200, 300, 500, 1000, 2000, 5000, 10000)


class ThresholdShare(_Value, frozen=True, kw_only=True):
    """The rounds about one threshold, counted exactly."""

    threshold_centi: int
    at_or_above: int
    above: int
    at_or_below: int
    below: int
    share: float | None  # at or above
    wilson: Interval | None
    expected: float | None  # what the claimed return says of the share
    payback: float | None  # return of cashing out at m: m * share
    payback_error: float | None  # its standard error
    payback_interval: Interval | None


class Quantile(_Value, frozen=True, kw_only=True):
    """A quantile, exact: an observed crash point, or the middle of two."""

    probability: float
    value_centi: int


class SurvivalPoint(_Value, frozen=True, kw_only=True):
    """The share of rounds at or above a multiplier, with a pointwise and a simultaneous band."""

    multiplier_centi: int
    share: float
    wilson: Interval
    dkw: Interval
    expected: float | None


class EdgeEstimate(_Value, frozen=True, kw_only=True):
    """The house edge as the rounds show it, and how well they can show it."""

    edge: float
    interval: Interval
    threshold_centi: int  # the cash-out at which it was measured
    claimed: float | None


class ShareChange(_Value, frozen=True, kw_only=True):
    """One threshold now against the span of equal length before."""

    threshold_centi: int
    now: float | None
    before: float | None
    difference_points: float | None  # percentage points
    interval_points: Interval | None
    p_value: float | None
    note: str = ""


class Distribution(_Value, frozen=True, kw_only=True, tag=True):
    """The answer to `DistributionQuestion`."""

    sample: Sample
    thresholds: tuple[ThresholdShare, ...] = ()
    quantiles: tuple[Quantile, ...] = ()
    median_centi: int | None = None
    median_interval_centi: tuple[int, int] | None = None  # by order statistics
    mean_centi: float | None = None
    mean_note: str = ""  # why the mean does not settle; always shown with it
    lowest_centi: int | None = None
    highest_centi: int | None = None
    ones: int = 0  # rounds of exactly 1.00
    survival: tuple[SurvivalPoint, ...] = ()
    edge: EdgeEstimate | None = None
    rounds_before: int | None = None  # in the span before; None: everything was asked for
    changes: tuple[ShareChange, ...] = ()
    note: str = ""


# Streaks.


class StreaksQuestion(_Value, frozen=True, kw_only=True, tag=True):
    """What runs of rounds below a threshold were there?"""

    scope: Scope = Scope()
    span: Span = Span(name="24h")
    threshold_centi: int = 200
    newest: int = 20  # how many of the newest runs to list


class Run(_Value, frozen=True, kw_only=True):
    """A maximal run of rounds below the threshold. It belongs to the span in which it ends."""

    bookmaker: str
    length: int
    started_at_us: int | None  # crash of its first round
    ended_at_us: int | None  # crash of the round that ended it; None while it is open
    ended_by_centi: int | None
    open: bool


class RunCount(_Value, frozen=True, kw_only=True):
    """How many runs have one length, and how many independent rounds would have given."""

    length: int
    runs: int
    expected: float


class ConditionalShare(_Value, frozen=True, kw_only=True):
    """P(at or above | the last k were below): the same as the plain share where no round is ever due."""

    k: int
    rounds: int  # that had k rounds below right before them
    reached: int
    share: float | None
    wilson: Interval | None


class RunsTest(_Value, frozen=True, kw_only=True):
    """Wald-Wolfowitz: is the order of below and at-or-above that of independent rounds?"""

    runs: int
    expected: float
    z: float | None
    p_value: float | None
    note: str = ""


class Streaks(_Value, frozen=True, kw_only=True, tag=True):
    """The answer to `StreaksQuestion`. Of several bookmakers: their runs together, never across them."""

    sample: Sample
    threshold_centi: int
    share: float | None = None  # of rounds at or above
    current: Run | None = None  # the open run; of several bookmakers the longest open one
    longest: Run | None = None
    newest: tuple[Run, ...] = ()  # newest first, an open one before all
    counts: tuple[RunCount, ...] = ()
    since_last: int | None = None  # rounds since the last at or above; None: there was none
    probability_of_current: float | None = None  # a run at least this long somewhere in so many rounds
    probability_of_longest: float | None = None
    conditional: tuple[ConditionalShare, ...] = ()
    runs_test: RunsTest | None = None
    note: str = ""


# Intervals.


class IntervalsQuestion(_Value, frozen=True, kw_only=True, tag=True):
    """How do the rounds lie in buckets of equal length, by time or by number?"""

    scope: Scope = Scope()
    span: Span = Span(name="24h")
    minutes: int | None = 60  # length of a bucket, aligned to local midnight; or
    rounds: int | None = None  # rounds a bucket, of one bookmaker
    threshold_centi: int = 200
    timezone: str = "UTC"


class Bucket(_Value, frozen=True, kw_only=True):
    """Half-open: from its start up to, not including, its end."""

    start_us: int
    end_us: int
    rounds: int
    reached: int  # at or above the threshold
    median_centi: int | None
    highest_centi: int | None
    running: bool = False  # it has not ended yet
    local_start: str = ""  # "2026-10-25 02:00 +0200"
    short: bool = False  # less than was asked for: a local day's last, or cut by the span's edge
    first_round: int | None = None  # of buckets of rounds: the number of its first, from 1


class HeatCell(_Value, frozen=True, kw_only=True):
    """One hour of one weekday, in local time."""

    weekday: int  # Monday is 0
    hour: int
    rounds: int
    reached: int
    share: float | None
    wilson: Interval | None


class Intervals(_Value, frozen=True, kw_only=True, tag=True):
    """The answer to `IntervalsQuestion`."""

    sample: Sample
    timezone: str
    threshold_centi: int
    share: float | None = None  # over all, to hold the buckets against
    buckets: tuple[Bucket, ...] = ()  # oldest first, empty ones among them
    heat: tuple[HeatCell, ...] = ()  # 168, Monday 0 h first; empty for buckets of rounds
    note: str = ""


# Drift, goodness of fit.


class DriftQuestion(_Value, frozen=True, kw_only=True, tag=True):
    """Do the rounds still come as often as the claimed return says?"""

    scope: Scope = Scope()
    span: Span = Span(name="all")
    thresholds_centi: tuple[int, ...] = (150, 200, 300, 500, 1000)
    alpha: float = 0.01


class DriftLine(_Value, frozen=True, kw_only=True):
    """One bookmaker at one threshold."""

    bookmaker: str
    threshold_centi: int
    rounds: int
    reached: int
    expected: float | None  # share, from the claimed return
    share: float | None
    wilson: Interval | None = None  # of the share
    log_e: float | None  # natural logarithm of the e-value now
    highest_log_e: float | None  # of all moments so far
    alarmed_at_round: int | None  # the first round at which it was over the limit
    alarm: bool = False
    note: str = ""


class Goodness(_Value, frozen=True, kw_only=True):
    """Do all crash points of one bookmaker fit the claimed distribution?"""

    bookmaker: str
    rounds: int
    bins: int
    chi_square: float | None
    degrees: int
    chi_square_p: float | None
    pit_statistic: float | None  # Kolmogorov-Smirnov over randomised probability integral transforms
    pit_p: float | None
    ones: int
    ones_expected: float | None
    note: str = ""


class TailCap(_Value, frozen=True, kw_only=True):
    """Is there a multiplier above which nothing is ever seen?"""

    bookmaker: str
    rounds: int
    highest_centi: int | None
    expected_above: float | None  # rounds that should have been above the highest
    p_value: float | None  # of seeing none
    capped: bool = False
    note: str = ""


class Drift(_Value, frozen=True, kw_only=True, tag=True):
    """The answer to `DriftQuestion`."""

    sample: Sample
    alpha: float
    limit_log_e: float  # an alarm is over this: ln(bookmakers * thresholds / alpha)
    lines: tuple[DriftLine, ...] = ()
    goodness: tuple[Goodness, ...] = ()
    caps: tuple[TailCap, ...] = ()
    note: str = ""


# Feed integrity.


class IntegrityQuestion(_Value, frozen=True, kw_only=True, tag=True):
    """Is the feed what it says it is?"""

    scope: Scope = Scope()
    span: Span = Span(name="all")


class IntegrityFinding(_Value, frozen=True, kw_only=True):
    """One fault of one feed."""

    bookmaker: str
    # "id gap", "repeated stretch", "duplicate", "off grid", "too few 1.00", "gap unlike multiplier", "stall"
    kind: str
    severity: str  # "info", "warning", "critical"
    count: int
    text: str  # for the operator, one line
    first_at_us: int | None = None
    first_round: str = ""
    p_value: float | None = None


class SameFeed(_Value, frozen=True, kw_only=True):
    """Bookmakers that show one sequence of crash points."""

    bookmakers: tuple[str, ...]  # the one with most rounds first
    lag_us: int | None  # how much later the others show it, median
    matched: int  # rounds that were found in both


class VerifiedRounds(_Value, frozen=True, kw_only=True):
    """How many rounds of a bookmaker were recomputed from their hashes, of all time."""

    bookmaker: str
    yes: int
    no: int  # the hash gives another crash point
    unknown: int  # carry no hash, or were not tried


class Integrity(_Value, frozen=True, kw_only=True, tag=True):
    """The answer to `IntegrityQuestion`."""

    sample: Sample
    findings: tuple[IntegrityFinding, ...] = ()
    feeds: tuple[SameFeed, ...] = ()
    checked: tuple[str, ...] = ()  # what was looked for, also where nothing was found
    verified: tuple[VerifiedRounds, ...] = ()  # one for each bookmaker
    note: str = ""


# Paper strategies.


class BacktestQuestion(_Value, frozen=True, kw_only=True, tag=True):
    """What would a strategy have won? One bookmaker."""

    bookmaker: str
    span: Span = Span(name="all")
    strategy: str = "flat"
    parameters: tuple[tuple[str, str], ...] = ()  # name, value as text; see data_layer.strategies
    bankroll_minor: int = 100_000
    currency: str = "EUR"


class CurvePoint(_Value, frozen=True, kw_only=True):
    """The bankroll after a round, and what the edge alone would have left on average."""

    round: int  # 1-based
    at_us: int | None
    bankroll_minor: int
    expected_minor: float | None


class Backtest(_Value, frozen=True, kw_only=True, tag=True):
    """The answer to `BacktestQuestion`. Nothing of it was ever placed."""

    sample: Sample
    strategy: str  # with its parameters, in words
    bankroll_minor: int
    currency: str
    bets: int = 0
    won: int = 0
    staked_minor: int = 0
    paid_out_minor: int = 0
    final_minor: int = 0
    expected_loss_minor: float | None = None  # of the claimed edge on what was staked
    hours: float | None = None
    profit_per_hour_minor: float | None = None
    drawdown_minor: int = 0  # deepest fall from a high
    longest_losing: int = 0  # bets in a row
    ruin_probability: float | None = None  # within as many rounds, by resampling or exactly; see its note
    ruin_paths: int | None = None  # so many courses were resampled for it; None where it is exact
    ruin_note: str = ""
    ruined_at_round: int | None = None
    curve: tuple[CurvePoint, ...] = ()  # at most 2,000 points
    note: str = ""


Question = (
    DistributionQuestion
    | StreaksQuestion
    | IntervalsQuestion
    | DriftQuestion
    | IntegrityQuestion
    | BacktestQuestion
)
Answer = Distribution | Streaks | Intervals | Drift | Integrity | Backtest
