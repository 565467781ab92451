"""What every benchmark returns, and how all of them are shown.

A benchmark is a module `bench_NAME.py` here that offers `run(quick: bool) -> list[Figure]`. Absolute
figures belong to one machine, so each stands beside a yardstick that was timed in the same run.
"""

import importlib
import json
import pkgutil
import platform
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import benchmarks

_PREFIX = "bench_"
Benchmark = Callable[[bool], "list[Figure]"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measured figure."""

    name: str
    value: float
    unit: str
    yardstick: str  # what it is measured against, in words
    yardstick_value: float  # in the same unit
    ratio: float  # value to yardstick
    target: float  # for the value, or for the ratio where that is what was asked for
    met: bool


def names() -> list[str]:
    """Return the names of all benchmarks."""
    modules = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    return [name.removeprefix(_PREFIX) for name in modules if name.startswith(_PREFIX)]


def load(name: str) -> Benchmark:
    """Return the `run` of a benchmark. Raises `ModuleNotFoundError` when there is none of that name."""
    run: Benchmark = importlib.import_module(f"benchmarks.{_PREFIX}{name}").run
    return run


def as_table(figures: Sequence[Figure]) -> str:
    """Return the figures for people, a line each and the yardstick below it."""
    lines = []
    width = max((len(figure.name) for figure in figures), default=0)
    for figure in figures:
        verdict = "met" if figure.met else "MISSED"
        lines.append(
            f"{figure.name:<{width}}  {_number(figure.value):>10} {figure.unit:<12}"
            f" ratio {_number(figure.ratio):>7}  target {_number(figure.target):>7}  {verdict}"
        )
        lines.append(f"    against {_number(figure.yardstick_value)} {figure.unit}: {figure.yardstick}")
    return "\n".join(lines)


def as_json(figures: Sequence[Figure], failures: dict[str, str]) -> str:
    """Return the figures for programs, with the machine they belong to and what could not be measured."""
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "figures": [asdict(figure) for figure in figures],
        "failures": failures,
    }
    return json.dumps(found, indent=2)


def _number(value: float) -> str:
    if value == 0 or 0.01 <= abs(value) < 1_000:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.2g}"
