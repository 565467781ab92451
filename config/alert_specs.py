"""What an alert rule is, which kinds there are, and those an operator begins with; plain values.

`config.alert_checks` says what makes sense; workers and the writer load nothing of that.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_NAME = 64
LONGEST_HOLD_S = 86_400.0
LEAST_THRESHOLD, MOST_THRESHOLD = 1.01, 100_000.0


class Severity(enum.StrEnum):
    """How much an alert matters."""

    INFO = "info"  # worth knowing, nothing is wrong
    WARNING = "warning"  # something wants a look
    CRITICAL = "critical"  # rounds are being lost, cannot be recorded, or are not what they claim to be

    @property
    def rank(self) -> int:
        """Return 0 for the mildest; higher is worse."""
        return list(Severity).index(self)


class AlertKind(enum.StrEnum):
    """What a rule looks at."""

    STALL = "stall"  # a feed is silent for longer than its own rhythm explains
    GAP = "gap"  # rounds were missed
    STREAK = "streak"  # many rounds in a row below a multiplier
    MULTIPLIER = "multiplier"  # a round at or above a multiplier
    DRIFT = "drift"  # rounds do not come as the claimed return says
    VERIFICATION = "verification"  # a round is not what its hash says
    INTEGRITY = "integrity"  # a feed repeats itself, lacks rounds, is capped
    WORKER = "worker"  # a worker does not run or is hindered
    WRITER = "writer"  # the writer does not run or cannot commit
    REDIS = "redis"  # Redis is enabled and does not do its part
    DISK = "disk"  # the disk of the data directory fills up
    OUTBOX = "outbox"  # recorded rounds wait and are not taken


@dataclass(frozen=True, kw_only=True, slots=True)
class KindFacts:
    """What the numbers of a rule of one kind mean, and what they may be."""

    text: str  # when such a rule raises an alert, for the operator
    text_of_one: str = ""  # the same where `limit` is one; empty: as `text`
    severity: Severity
    limit: float  # the usual one
    limit_words: str = ""  # what `Rule.limit` counts: "rounds in a row"; empty where it has no meaning
    least: float = 0.0  # bounds of `limit`
    most: float = 1e9
    whole: bool = False  # the limit is a whole number
    has_threshold: bool = False  # `Rule.threshold` has a meaning
    momentary: bool = False  # tells of a moment instead of a state: nothing that could hold on before
    by_bookmaker: bool = True  # its alerts are about bookmakers
    hold_on_s: float = 0.0  # the usual ones
    hold_off_s: float = 60.0


KINDS: Mapping[AlertKind, KindFacts] = {
    AlertKind.STALL: KindFacts(
        text="the feed is silent for `limit` times the longest silence of its usual rounds",
        severity=Severity.WARNING,
        limit=3.0,
        limit_words="usual silences",
        least=1.1,
        most=1_000,
        hold_on_s=5.0,
        hold_off_s=15.0,
    ),
    AlertKind.GAP: KindFacts(
        text="at least `limit` rounds were missed, or an unknown number",
        text_of_one="at least `limit` round was missed, or an unknown number",
        severity=Severity.WARNING,
        limit=1,
        limit_words="missing rounds",
        least=1,
        most=1_000_000,
        whole=True,
        momentary=True,
        hold_off_s=120.0,
    ),
    AlertKind.STREAK: KindFacts(
        text="`limit` rounds in a row stayed below `threshold`; chance alone does this now and then",
        severity=Severity.INFO,
        limit=18,
        limit_words="rounds in a row",
        least=2,
        most=1_000_000,
        whole=True,
        has_threshold=True,
        hold_off_s=0.0,
    ),
    AlertKind.MULTIPLIER: KindFacts(
        text="a round reached `limit`",
        severity=Severity.INFO,
        limit=1_000,
        limit_words="times the stake",
        least=1.01,
        momentary=True,
        hold_off_s=60.0,
    ),
    AlertKind.DRIFT: KindFacts(
        text="the rounds do not come as the claimed return says, with false alarms in `limit` of all feeds",
        severity=Severity.CRITICAL,
        limit=0.01,
        limit_words="share of false alarms",
        least=1e-6,
        most=0.5,
        hold_off_s=0.0,
    ),
    AlertKind.VERIFICATION: KindFacts(
        text="at least `limit` rounds at once are not what their hashes say",
        text_of_one="at least `limit` round is not what its hash says",
        severity=Severity.CRITICAL,
        limit=1,
        limit_words="failed rounds",
        least=1,
        most=1_000_000,
        whole=True,
        momentary=True,
        hold_off_s=600.0,
    ),
    AlertKind.INTEGRITY: KindFacts(
        text="the last 24 hours of the feed have a fault that was found `limit` times",
        text_of_one="the last 24 hours of the feed have a fault that was found `limit` time",
        severity=Severity.WARNING,
        limit=1,
        limit_words="findings",
        least=1,
        most=1_000_000,
        whole=True,
        hold_off_s=0.0,
    ),
    AlertKind.WORKER: KindFacts(
        text="the worker does not run, is hindered, or was restarted `limit` times in ten minutes",
        text_of_one="the worker does not run, is hindered, or was restarted `limit` time in ten minutes",
        severity=Severity.CRITICAL,
        limit=3,
        limit_words="restarts in ten minutes",
        least=1,
        most=1_000,
        whole=True,
        hold_on_s=3.0,
        hold_off_s=30.0,
    ),
    AlertKind.WRITER: KindFacts(
        text="the writer does not run, cannot commit, or has not answered for `limit` seconds",
        text_of_one="the writer does not run, cannot commit, or has not answered for `limit` second",
        severity=Severity.CRITICAL,
        limit=3,
        limit_words="seconds without an answer",
        least=1,
        most=3_600,
        by_bookmaker=False,
        hold_on_s=2.0,
        hold_off_s=10.0,
    ),
    AlertKind.REDIS: KindFacts(
        text="Redis is enabled and cannot be used, or rounds of other machines do not come through it",
        severity=Severity.WARNING,
        limit=0,
        by_bookmaker=False,
        hold_on_s=5.0,
        hold_off_s=15.0,
    ),
    AlertKind.DISK: KindFacts(
        text="the disk of the data directory has less than `limit` gigabytes left",
        text_of_one="the disk of the data directory has less than `limit` gigabyte left",
        severity=Severity.WARNING,
        limit=1.0,
        limit_words="gigabytes free",
        least=0.001,
        most=1_000_000,
        by_bookmaker=False,
        hold_off_s=60.0,
    ),
    AlertKind.OUTBOX: KindFacts(
        text="at least `limit` recorded rounds wait in an outbox and none is taken",
        text_of_one="at least `limit` recorded round waits in an outbox and is not taken",
        severity=Severity.WARNING,
        limit=20,
        limit_words="waiting rounds",
        least=1,
        whole=True,
        hold_on_s=30.0,
        hold_off_s=30.0,
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """When an alert is raised, and how patiently. What `limit` means depends on the kind: see `KINDS`."""

    name: str  # unique among the rules
    kind: AlertKind
    severity: Severity
    limit: float
    threshold: float = 2.0  # of a streak: the rounds stay below it
    hold_on_s: float  # the condition must hold for so long before the alert is raised
    hold_off_s: float  # and must be gone for so long before it ends
    bookmakers: tuple[str, ...] = ()  # only these; empty: all
    enabled: bool = True
    webhook: bool = True  # its alerts are posted to the webhook, where there is one and they are grave enough

    @property
    def threshold_centi(self) -> int:
        """Return the threshold in hundredths."""
        return round(self.threshold * 100)

    def concerns(self, bookmaker: str) -> bool:
        """Tell whether the rule looks at a bookmaker; the empty name stands for the engine itself."""
        return not self.bookmakers or bookmaker in self.bookmakers


def plain(value: float) -> str:
    """Return a number in digits, not as 1e+06 and without zeros at its end; a monstrous one is shortened."""
    return f"{value:g}" if abs(value) >= 1e15 else f"{value:.10f}".rstrip("0").rstrip(".")


def usual(kind: AlertKind, name: str = "") -> Rule:
    """Return the rule of a kind as it is where nothing else is said."""
    facts = KINDS[kind]
    return Rule(
        name=name or kind.value,
        kind=kind,
        severity=facts.severity,
        limit=facts.limit,
        hold_on_s=facts.hold_on_s,
        hold_off_s=facts.hold_off_s,
    )


def _usual_rules() -> tuple[Rule, ...]:
    full = usual(AlertKind.DISK, "disk full")
    return (
        *(usual(kind) for kind in AlertKind),
        Rule(
            name=full.name,
            kind=full.kind,
            severity=Severity.CRITICAL,
            limit=0.1,
            hold_on_s=full.hold_on_s,
            hold_off_s=full.hold_off_s,
        ),
    )


USUAL_RULES: tuple[Rule, ...] = _usual_rules()  # one of every kind, and a second one for a full disk
