"""The findings of the health check, as the health page shows them."""

from collections.abc import Sequence

from gui.dependencies import HealthCheck
from gui.view_models import words
from gui.view_models.condition import Light
from gui.view_models.finding import Finding
from gui.view_models.tones import Tone

CHECK_EVERY_US = 60_000_000
OLD_AFTER_US = 2 * CHECK_EVERY_US
_CHECK_LIGHTS = {"healthy": Light.LIVE, "degraded": Light.WARN, "broken": Light.BAD, "off": Light.OFF}
_CHECK_WORDS = {"healthy": "ok", "degraded": "look at it", "broken": "broken", "off": "off"}
_WORST_FIRST = ("broken", "degraded", "healthy", "off")


def findings(checks: Sequence[HealthCheck]) -> tuple[Finding, ...]:
    """Return the findings, the worst first, else in the order in which they were made."""
    return tuple(
        Finding(
            name=check.name,
            word=_CHECK_WORDS[check.state],
            light=_CHECK_LIGHTS[check.state],
            text=check.text,
            advice=check.advice,
        )
        for check in sorted(checks, key=lambda check: _WORST_FIRST.index(check.state))
    )


def summary(checks: Sequence[HealthCheck]) -> tuple[str, Light]:
    """Return the whole check in a few words."""
    broken = sum(check.state == "broken" for check in checks)
    degraded = sum(check.state == "degraded" for check in checks)
    if broken:
        return f"{broken} broken" + (f", {degraded} to look at" if degraded else ""), Light.BAD
    if degraded:
        return f"{degraded} to look at", Light.WARN
    return "all ok", Light.LIVE


def check_note(checked_at_us: int | None, now_us: int, *, running: bool) -> tuple[str, Tone]:
    """Return when the health was checked last, in a warning's tone when that is long ago."""
    if running:
        return "checking", Tone.MUTED
    if checked_at_us is None:
        return "not checked yet", Tone.MUTED
    age_us = now_us - checked_at_us
    return f"checked {words.age_text(age_us)} ago", Tone.WARN if age_us > OLD_AFTER_US else Tone.MUTED


def as_text(checks: Sequence[HealthCheck]) -> str:
    """Return the findings as lines for the clipboard."""
    lines = []
    for finding in findings(checks):
        lines.append(f"{finding.name}: {finding.word}: {finding.text}")
        if finding.advice:
            lines.append(f"    {finding.advice}")
    return "\n".join(lines)
