"""The values of the alerts, as the engine makes them and the window, the terminal and Redis show them.

Times are UTC microseconds. What a rule is stands in `config.alert_specs`, because the configuration has them.
"""

import msgspec

from config.alert_specs import KINDS, AlertKind, KindFacts, Rule, Severity

__all__ = ["KINDS", "ActiveAlerts", "Alert", "AlertKind", "KindFacts", "Mute", "Rule", "Severity"]

CUT_OFF = "the instance ended without a word"  # why an alert ended that a killed instance left


class Alert(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One alert, of one bookmaker, of several that have the same trouble, or of the engine itself."""

    uid: str  # unique for ever, the same through all its changes
    rule: str  # name of the rule that raised it
    kind: AlertKind
    severity: Severity
    title: str  # one line: "StarBet: no data for 41 s", "30 bookmakers: no data"
    detail: str = ""  # more of it: "its usual silence is 6 s"
    bookmakers: tuple[str, ...] = ()  # whom it is about, all that joined it; empty: the engine
    recovered: tuple[str, ...] = ()  # those of them that are well again while others are not
    consequences: tuple[str, ...] = ()  # what follows from it and is therefore no alert: "20 outboxes grow"
    since_us: int  # when the trouble began
    raised_at_us: int
    ended_at_us: int | None = None  # None: it is active
    end_reason: str = ""  # "over", "the rule was changed", "the instance was stopped"
    count: int = 1  # how often the condition came (back) while the alert was active, or of moments: how many
    muted: bool = False  # it was, or is, not delivered; it is shown and kept all the same

    @property
    def active(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at_us is None

    @property
    def bookmaker(self) -> str:
        """The one it is about; empty for the engine's and for those of several."""
        return self.bookmakers[0] if len(self.bookmakers) == 1 else ""


class ActiveAlerts(msgspec.Struct, frozen=True, kw_only=True):
    """The alerts that are active on an instance, as it tells others: in a file, and in Redis."""

    at_us: int  # when it was written
    pid: int  # of the instance
    alerts: tuple[Alert, ...] = ()  # the worst first, muted ones too


class Mute(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Alerts of a rule, of a bookmaker, or of one rule at one bookmaker are not delivered until a time."""

    until_us: int
    rule: str = ""  # empty: all rules
    bookmaker: str = ""  # empty: all bookmakers

    def covers(self, rule: str, bookmaker: str) -> bool:
        """Tell whether it silences a rule at a bookmaker (empty name: the engine), its end left aside."""
        return self.rule in ("", rule) and self.bookmaker in ("", bookmaker)
