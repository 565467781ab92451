"""The `[alerts]` table of a configuration file: rules, grouping and the webhook."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

from annotated_types import Ge, Gt, Le, Len
from pydantic import AfterValidator, BaseModel, ConfigDict, SecretStr, field_validator

from config.alert_checks import check_bookmakers, check_rule
from config.alert_specs import (
    KINDS,
    LEAST_THRESHOLD,
    LONGEST_HOLD_S,
    LONGEST_NAME,
    MOST_THRESHOLD,
    USUAL_RULES,
    AlertKind,
    Rule,
    Severity,
    usual,
)
from config.problems import RefusedValueError, closest, shown

_STRICT = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
_MOST_RULES = 200
_EXAMPLE = '"https://example.org/hook"'

_Hold = Annotated[float, Ge(0), Le(LONGEST_HOLD_S)]


def webhook_fault(url: str) -> str:
    """Return why `url` cannot be posted to, empty when it can; repeats nothing of it, it may be a secret."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for one that is none
    except ValueError:
        return "is no address"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "does not begin with http:// or https:// and a host"
    if "@" in parts.netloc:
        return "has a user name or password before its host, which would not be sent"
    if not url.isascii() or any(character <= " " for character in url):
        return "has characters that no address has"
    return ""


def _url(value: SecretStr | None) -> SecretStr | None:
    fault = "" if value is None else webhook_fault(value.get_secret_value())
    if fault:
        raise RefusedValueError(f"{fault} (the value is not shown)", nearest=_EXAMPLE)
    return value


class Webhook(BaseModel):
    """Where alerts are posted to as JSON, if anywhere."""

    model_config = _STRICT

    url: Annotated[SecretStr | None, AfterValidator(_url)] = None
    least: Severity = Severity.WARNING  # milder ones are not posted


class AlertRule(BaseModel):
    """A rule as the file has it: what is not said is as in the usual rule of its name or kind."""

    model_config = _STRICT

    name: Annotated[str, Len(1, LONGEST_NAME)]
    kind: AlertKind | None = None  # may be left out of a rule that there is
    enabled: bool = True
    severity: Severity | None = None
    limit: float | None = None
    threshold: Annotated[float, Ge(LEAST_THRESHOLD), Le(MOST_THRESHOLD)] | None = None
    hold_on_s: _Hold | None = None
    hold_off_s: _Hold | None = None
    bookmakers: list[str] = []
    webhook: bool = True

    def rule(self) -> Rule:
        """Return the rule it stands for. Raises `RefusedValueError` when its kind cannot be told."""
        base = next((one for one in USUAL_RULES if one.name == self.name), None)
        if self.kind is not None and (base is None or base.kind is not self.kind):
            base = usual(self.kind, self.name)
        if base is None:
            nearest = closest(self.name, [one.name for one in USUAL_RULES])
            text = f"is missing, and {shown(self.name)} is no usual rule: {', '.join(AlertKind)}"
            raise RefusedValueError(text, nearest=shown(nearest) if nearest else "", at=("kind",))
        return Rule(
            name=self.name,
            kind=base.kind,
            severity=base.severity if self.severity is None else self.severity,
            limit=base.limit if self.limit is None else self.limit,
            threshold=base.threshold if self.threshold is None else self.threshold,
            hold_on_s=base.hold_on_s if self.hold_on_s is None else self.hold_on_s,
            hold_off_s=base.hold_off_s if self.hold_off_s is None else self.hold_off_s,
            bookmakers=tuple(self.bookmakers),
            enabled=self.enabled,
            webhook=self.webhook,
        )


def _counted(rule: Rule, thresholds_centi: Sequence[int]) -> Rule:
    if not KINDS[rule.kind].has_threshold or rule.threshold_centi in thresholds_centi:
        return rule
    nearest = min(thresholds_centi, key=lambda one: abs(one - rule.threshold_centi), default=None)
    if nearest is None:
        return replace(rule, enabled=False)
    return replace(rule, threshold=nearest / 100)


class AlertSettings(BaseModel):
    """What raises an alert and where it is told."""

    model_config = _STRICT

    enabled: bool = True
    group_s: Annotated[float, Ge(0), Le(3_600)] = 10.0  # troubles that begin so close together are one alert
    look_minutes: Annotated[float, Gt(0), Le(1_440)] = 10.0  # how often drift and integrity are looked at
    webhook: Webhook = Webhook()
    rules: Annotated[list[AlertRule], Len(0, _MOST_RULES)] = []

    @field_validator("rules")
    @classmethod
    def _sensible(cls, rules: list[AlertRule]) -> list[AlertRule]:
        """Refuse rules of one name, and those whose numbers make no sense."""
        for index, rule in enumerate(rules):
            if rule.name in [other.name for other in rules[:index]]:
                raise RefusedValueError(f"{shown(rule.name)} is taken", at=(index, "name"))
            try:
                check_rule(rule.rule())
            except RefusedValueError as error:
                raise RefusedValueError(str(error), nearest=error.nearest, at=(index, *error.at)) from None
        return rules

    def resolved(self, thresholds_centi: Sequence[int]) -> tuple[Rule, ...]:
        """Return all rules: the usual ones, as the file changes them, then those it adds.

        A usual rule about streaks goes by the nearest of the thresholds that are counted.
        """
        own = {rule.name: rule.rule() for rule in self.rules}
        names = {rule.name for rule in USUAL_RULES}
        added = (rule for name, rule in own.items() if name not in names)
        usual_ones = (own.get(rule.name) or _counted(rule, thresholds_centi) for rule in USUAL_RULES)
        return (*usual_ones, *added)

    def check_against(self, bookmakers: Sequence[str], thresholds_centi: Sequence[int]) -> None:
        """Raise `RefusedValueError` for what a rule names and the rest of the configuration does not have."""
        for index, rule in enumerate(self.rules):
            try:
                check_bookmakers(rule.rule(), bookmakers)
                check_rule(rule.rule(), thresholds_centi)
            except RefusedValueError as error:
                at = ("alerts", "rules", index, *error.at)
                raise RefusedValueError(str(error), nearest=error.nearest, at=at) from None
