"""Alerts of sample data, kept in memory: what an operator changes of them takes effect at once."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import msgspec

from config.alert_checks import check_rule
from config.alert_specs import USUAL_RULES
from config.problems import RefusedValueError
from config.specs import DEFAULT_THRESHOLDS_CENTI
from data_layer.alerts.model import Alert, AlertKind, Mute, Rule, Severity

_SECOND_US = 1_000_000
_MINUTE_US = 60 * _SECOND_US
_BAD, _WARN, _INFO = Severity.CRITICAL, Severity.WARNING, Severity.INFO

# Minutes ago, lasted minutes, rule, severity, title, detail, bookmakers.
_PAST = (
    (47, 0.4, "worker", _BAD, "MaxBet: worker exited (signal 11)", "restarted at once", ("MaxBet",)),
    (95, 2.6, "stall", _WARN, "Soccer: no data", "silent for 66 s, usually 22 s at most", ("Soccer",)),
    (131, 0.0, "multiplier", _INFO, "Admiral: 1,204.55x", "round 9127", ("Admiral",)),
    (188, 7.0, "streak", _INFO, "Meridian: 19 rounds in a row below 2.00x", "", ("Meridian",)),
    (310, 12.0, "disk", _WARN, "the disk has 0.9 GB left", "less than 1 GB", ()),
    (1_450, 3.2, "stall", _WARN, "2 bookmakers: no data", "Admiral, Soccer", ("Admiral", "Soccer")),
    (2_015, 0.0, "gap", _WARN, "StarBet: 14 rounds missing", "the source reconnected", ("StarBet",)),
)  # fmt: skip


class SampleAlerts:
    """`data_layer.engine.Alerts` over a fixed set of alerts; calls are kept in `calls`."""

    def __init__(self, now_us: Callable[[], int], *, troubles: bool = True) -> None:
        self._now_us = now_us
        began_us = now_us()
        self.changeable = True
        self.trouble = ""
        self.calls: list[str] = []
        self.alerts = [*(_active(began_us) if troubles else ()), *_past(began_us)]
        self._configured = {rule.name: rule for rule in USUAL_RULES}
        self._rules = dict(self._configured)
        self._mutes: list[Mute] = []
        if troubles:
            self.mute(until_us=began_us + 52 * _MINUTE_US, rule="integrity", bookmaker="Soccer")
        self.calls.clear()

    def active(self) -> Sequence[Alert]:
        """Return the alerts that have not ended, the worst first."""
        found = [alert for alert in self.alerts if alert.active]
        return tuple(sorted(found, key=lambda alert: (-alert.severity.rank, -alert.raised_at_us)))

    def history(self, limit: int) -> Sequence[Alert]:
        """Return the alerts, the last first."""
        return tuple(sorted(self.alerts, key=lambda alert: -alert.raised_at_us)[:limit])

    def rules(self) -> Sequence[Rule]:
        """Return the rules in force."""
        return tuple(self._rules.values())

    def configured_rules(self) -> Sequence[Rule]:
        """Return the rules as they were."""
        return tuple(self._configured.values())

    def change_rule(self, rule: Rule) -> None:
        """Put a rule in the place of the one of its name."""
        check_rule(rule, DEFAULT_THRESHOLDS_CENTI)
        self.calls.append(f"change {rule.name}")
        self._rules[rule.name] = rule

    def reset_rule(self, name: str) -> None:
        """Use the rule as it was."""
        self.calls.append(f"reset {name}")
        self._rules[name] = self._configured[name]

    def mutes(self) -> Sequence[Mute]:
        """Return the mutes that have not ended."""
        now_us = self._now_us()
        return tuple(
            sorted((mute for mute in self._mutes if mute.until_us > now_us), key=lambda mute: mute.until_us)
        )

    def mute(self, *, until_us: int, rule: str = "", bookmaker: str = "") -> None:
        """Mute until a time."""
        if until_us <= self._now_us() or not (rule or bookmaker):
            raise RefusedValueError("a mute ends in the future")
        self.calls.append(f"mute {rule}@{bookmaker}")
        self._drop(rule, bookmaker)
        self._mutes.append(Mute(until_us=until_us, rule=rule, bookmaker=bookmaker))
        self._mark()

    def unmute(self, *, rule: str = "", bookmaker: str = "") -> None:
        """End a mute."""
        self.calls.append(f"unmute {rule}@{bookmaker}")
        self._drop(rule, bookmaker)
        self._mark()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Nothing here changes by itself."""
        return lambda: None

    def _drop(self, rule: str, bookmaker: str) -> None:
        self._mutes = [mute for mute in self._mutes if (mute.rule, mute.bookmaker) != (rule, bookmaker)]

    def _mark(self) -> None:
        self.alerts = [
            msgspec.structs.replace(
                alert,
                muted=alert.active
                and all(
                    any(mute.covers(alert.rule, name) for mute in self._mutes)
                    for name in alert.bookmakers or ("",)
                ),
            )
            for alert in self.alerts
        ]

    def switch_off_all(self) -> None:
        """Disable every rule."""
        self._rules = {name: replace(rule, enabled=False) for name, rule in self._rules.items()}


def _active(now_us: int) -> list[Alert]:
    return [
        _alert(1, now_us, 0, "worker", _BAD, "VolcanoBet: worker exited", "signal 9", ("VolcanoBet",)),
        _alert(2, now_us, 41, "stall", _WARN, "StarBet: no data", "silent, usually 22 s", ("StarBet",)),
        _alert(
            3, now_us, 2_940, "integrity", _WARN, "Soccer: a stretch of rounds came twice",
            "20 rounds from round 8114 on came again 3 h later", ("Soccer",),
        ),
        _alert(
            4, now_us, 260, "streak", _INFO, "Mozzart: 19 rounds in a row below 2.00x",
            "the next round is no likelier to end it than any other", ("Mozzart",),
        ),
    ]  # fmt: skip


def _past(now_us: int) -> list[Alert]:
    return [
        msgspec.structs.replace(
            _alert(10 + number, now_us, round(60 * ago), rule, severity, title, detail, bookmakers),
            ended_at_us=now_us - round((ago - lasted) * _MINUTE_US),
            end_reason="over",
        )
        for number, (ago, lasted, rule, severity, title, detail, bookmakers) in enumerate(_PAST)
    ]


def _alert(
    number: int,
    now_us: int,
    age_s: int,
    rule: str,
    severity: Severity,
    title: str,
    detail: str,
    bookmakers: tuple[str, ...],
) -> Alert:
    since_us = now_us - (age_s + 2) * _SECOND_US
    return Alert(
        uid=f"sample-{number}",
        rule=rule,
        kind=AlertKind(rule),
        severity=severity,
        title=title,
        detail=detail,
        bookmakers=bookmakers,
        since_us=since_us,
        raised_at_us=min(now_us, since_us + 5 * _SECOND_US),
    )
