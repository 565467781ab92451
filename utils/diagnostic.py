"""The health check: what a finding is, and the checks that know nothing of rounds.

`python -m utils.diagnostic` is `python main.py diagnose`, which adds the database and the running instance.

What the levels mean: *broken* is what keeps rounds from being recorded or the program from starting (a wrong
configuration, a package that is missing, a full disk, a corrupt database, a dead writer, no worker that
works). *Degraded* is what still works but wants attention (another package version, little disk space, one
worker in trouble, Redis configured but away: the database stands in). What is not there on purpose (Redis
not enabled, no display on a server, nothing running, no database before the first start) is *off*, and fine.
"""

import enum
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from utils.display import display_problem

if TYPE_CHECKING:
    from config.model import RedisSettings
    from config.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)
SCARCE_BYTES = 1_000_000_000
FULL_BYTES = 100_000_000

_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)(?:\s*;\s*sys_platform\s*==\s*[\"'](\w+)[\"'])?")


class Health(enum.StrEnum):
    """How a part is; see above for where the borders are."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    BROKEN = "broken"
    OFF = "off"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What one check found."""

    name: str  # of the part: "disk", "worker Admiral"
    health: Health
    text: str  # one line
    advice: str = ""  # what to do, where there is something to do


def overall(findings: Iterable[Finding]) -> Health:
    """Return the worst of `findings`; parts that are off on purpose do not count."""
    found = {finding.health for finding in findings}
    return next((level for level in (Health.BROKEN, Health.DEGRADED) if level in found), Health.HEALTHY)


def exit_code(health: Health) -> int:
    """Return what `diagnose` ends with: 0 healthy, 1 degraded, 2 broken."""
    return {Health.DEGRADED: 1, Health.BROKEN: 2}.get(health, 0)


def check_python() -> Finding:
    """Tell which Python runs this, and whether it is one we support."""
    text = (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.platform(terse=True)}"
    )
    if sys.version_info[:2] < OLDEST_PYTHON:
        advice = "install Python 3.11 or newer and run bootstrap.py with it"
        return Finding(name="Python", health=Health.BROKEN, text=text, advice=advice)
    return Finding(name="Python", health=Health.HEALTHY, text=text)


def check_packages(requirements: Path = ROOT / "requirements.txt") -> Finding:
    """Compare what is installed with what `requirements` pins."""
    try:
        lines = requirements.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        text = f"{requirements.name} cannot be read: {error.strerror}"
        return Finding(name="packages", health=Health.DEGRADED, text=text, advice="restore the file")
    missing, other, count = [], [], 0
    for match in filter(None, map(_REQUIREMENT.match, lines)):
        name, wanted, only_on = match.groups()
        if only_on and only_on != sys.platform:
            continue
        count += 1
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
            continue
        if installed != wanted:
            other.append(f"{name} {installed} instead of {wanted}")
    advice = "run: python3 bootstrap.py check"
    if missing:
        text = f"missing: {', '.join(missing)}"
        return Finding(name="packages", health=Health.BROKEN, text=text, advice=advice)
    if other:
        return Finding(name="packages", health=Health.DEGRADED, text=", ".join(other), advice=advice)
    return Finding(name="packages", health=Health.HEALTHY, text=f"{count} as {requirements.name} pins them")


def check_display(environ: Mapping[str, str] = os.environ) -> Finding:
    """Tell whether the window can be shown here."""
    problem = display_problem(environ)
    if problem:
        advice = "on a server use: main.py headless"
        return Finding(name="display", health=Health.OFF, text=problem, advice=advice)
    return Finding(name="display", health=Health.HEALTHY, text="a window can be shown")


def check_disk(data_dir: Path) -> Finding:
    """Tell how much room the disk of `data_dir` has, and whether it can be written."""
    there = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        advice = "make it writable for this user, or choose another --data-dir"
        text = f"{there} cannot be written"
        return Finding(name="disk", health=Health.BROKEN, text=text, advice=advice)
    free = shutil.disk_usage(there).free
    text = f"{free / 1e9:,.1f} GB free for {data_dir}"
    advice = "make room, or choose another --data-dir"
    if free < FULL_BYTES:
        return Finding(name="disk", health=Health.BROKEN, text=text, advice=advice)
    if free < SCARCE_BYTES:
        return Finding(name="disk", health=Health.DEGRADED, text=text, advice=advice)
    return Finding(name="disk", health=Health.HEALTHY, text=text)


def check_configuration(settings: "Settings") -> list[Finding]:
    """Tell what a configuration that can be read amounts to. Recordings it names have to be there."""
    from config.settings import missing_recordings

    problems = missing_recordings(settings)
    if problems:
        return [
            Finding(name="configuration", health=Health.BROKEN, text=str(problem)) for problem in problems
        ]
    enabled, known = len(settings.enabled_bookmakers), len(settings.bookmakers)
    text = f"{settings.file.name}: {enabled} of {known} bookmakers enabled"
    if not enabled:
        advice = f"enable or add a [[bookmakers]] table in {settings.file}"
        return [Finding(name="configuration", health=Health.DEGRADED, text=text, advice=advice)]
    return [Finding(name="configuration", health=Health.HEALTHY, text=text)]


def check_redis(settings: "RedisSettings | None" = None) -> Finding:
    """Look at Redis, for a second at most; `settings` default to the configuration in force.

    Raises `config.problems.InvalidSettingsError` when that configuration cannot be used.
    """
    if settings is None:
        from config.settings import load

        settings = load().redis
    if not settings.enabled:
        return Finding(name="Redis", health=Health.OFF, text="not configured (database only)")
    from data_layer.cache import server_look  # costs 85 ms: only where Redis is used

    try:
        look = server_look.look_at_target(settings.target)
    except server_look.RedisUnavailableError as error:
        text = f"not available at {settings.address}, falling back to the database: {error}"
        return Finding(name="Redis", health=Health.DEGRADED, text=text, advice=error.advice)
    text = f"connected to {settings.address}: {look.describe()}"
    remarks, vulnerabilities = look.remarks(), look.vulnerabilities()
    if vulnerabilities:
        text = f"{text}; {vulnerabilities}"
    if remarks:
        return Finding(name="Redis", health=Health.DEGRADED, text=text, advice="; ".join(remarks))
    return Finding(name="Redis", health=Health.HEALTHY, text=text)


def _hand_over() -> int:
    import subprocess

    return subprocess.call([sys.executable, str(ROOT / "main.py"), "diagnose", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(_hand_over())
