"""A book of alerts on a clock that is moved by hand."""

from collections.abc import Iterable, Sequence

from data_layer.alerts.book import AlertBook, Change, Findings
from data_layer.alerts.conditions import Condition
from data_layer.alerts.model import AlertKind, Mute, Rule, Severity

START_US = 1_700_000_000_000_000
SECOND_US = 1_000_000


def rule(
    kind: AlertKind = AlertKind.STALL,
    name: str = "",
    *,
    severity: Severity = Severity.WARNING,
    hold_on_s: float = 5.0,
    hold_off_s: float = 10.0,
    bookmakers: tuple[str, ...] = (),
    limit: float = 3.0,
    enabled: bool = True,
) -> Rule:
    """Return a rule with round numbers."""
    return Rule(
        name=name or kind.value,
        kind=kind,
        severity=severity,
        limit=limit,
        hold_on_s=hold_on_s,
        hold_off_s=hold_off_s,
        bookmakers=bookmakers,
        enabled=enabled,
    )


class Steps:
    """Steps a book once a second. `wall_us` and the monotonic clock run together unless a test moves one."""

    def __init__(self, *rules: Rule, group_s: float = 10.0) -> None:
        self.rules = list(rules)
        self.book = AlertBook("run", group_s=group_s)
        self.mutes: list[Mute] = []
        self.second = 0
        self.changes: list[Change] = []

    @property
    def now_us(self) -> int:
        """The wall clock."""
        return START_US + self.second * SECOND_US

    def condition(
        self,
        bookmaker: str = "Admiral",
        *,
        what: str = "no data",
        since_s: int | None = None,
        momentary: bool = False,
        cause: AlertKind | None = None,
    ) -> Condition:
        """Return a condition that began at `since_s`, now where nothing is said."""
        return Condition(
            subject=bookmaker,
            what=what,
            bookmaker=bookmaker,
            since_us=START_US + (self.second if since_s is None else since_s) * SECOND_US,
            momentary=momentary,
            cause=cause,
        )

    def engine_condition(self, what: str = "Writer: gone") -> Condition:
        """Return a condition of the engine."""
        return Condition(subject="writer", what=what, since_us=self.now_us)

    def step(self, found: Sequence[Condition] | Findings | None = (), seconds: int = 1) -> list[Change]:
        """Let every second find the same; return what changed. A mere sequence is of the first rule."""
        findings: Findings
        findings = found if isinstance(found, dict) else {self.rules[0].name: found}  # type: ignore[dict-item]
        changes: list[Change] = []
        for _ in range(seconds):
            self.second += 1
            full = {one.name: findings.get(one.name, ()) for one in self.rules}
            changes += self.book.step(
                self.rules,
                full,
                self.mutes,
                now_us=self.now_us,
                monotonic_us=self.second * SECOND_US,
            )
        self.changes += changes
        return changes


def words(changes: Iterable[Change]) -> list[tuple[str, str]]:
    """Return what happened and to what, without the rest."""
    return [(change.what.value, change.alert.title) for change in changes]
