"""What every benchmark returns, and how all of them are shown.

A benchmark is a module `bench_NAME.py` here that offers `run(quick: bool) -> list[Figure]`. Absolute
figures belong to one machine, so each stands beside a yardstick that was timed in the same run.
"""

import importlib
import json
import math
import pkgutil
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import benchmarks

_PREFIX = "bench_"
Benchmark = Callable[[bool], "list[Figure]"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """What a figure has to reach."""

    bound: float
    of: Literal["value", "ratio"]
    sense: Literal["at most", "at least"]


def at_most(bound: float) -> Target:
    """Return the target of a value, in its own unit, that is better when it is small."""
    return Target(bound=bound, of="value", sense="at most")


def at_least(bound: float) -> Target:
    """Return the target of a value, in its own unit, that is better when it is great."""
    return Target(bound=bound, of="value", sense="at least")


def ratio_at_most(bound: float) -> Target:
    """Return the target of a ratio to the yardstick that is better when it is small."""
    return Target(bound=bound, of="ratio", sense="at most")


def ratio_at_least(bound: float) -> Target:
    """Return the target of a ratio to the yardstick that is better when it is great."""
    return Target(bound=bound, of="ratio", sense="at least")


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measured figure. NaN where there was nothing to measure, which reaches no target."""

    name: str
    value: float
    unit: str
    yardstick: str  # what it is measured against, in words
    yardstick_value: float  # in the same unit
    target: Target | None  # None where none is set for this system

    @property
    def ratio(self) -> float:
        """Return value to yardstick."""
        return self.value / self.yardstick_value if self.yardstick_value else math.inf

    @property
    def met(self) -> bool:
        """Return whether the target is reached."""
        if self.target is None:
            return True
        judged = self.value if self.target.of == "value" else self.ratio
        bound = self.target.bound
        return judged <= bound if self.target.sense == "at most" else judged >= bound

    def as_json_object(self) -> dict[str, Any]:
        """Return everything in one flat object; None for what is no number."""
        return {
            "name": self.name,
            "value": _finite(self.value),
            "unit": self.unit,
            "yardstick": self.yardstick,
            "yardstick_value": _finite(self.yardstick_value),
            "ratio": _finite(self.ratio),
            "target": None if self.target is None else self.target.bound,
            "target_of": None if self.target is None else self.target.of,
            "target_sense": None if self.target is None else self.target.sense,
            "met": self.met,
        }

    @classmethod
    def from_json_object(cls, found: Mapping[str, Any]) -> "Figure":
        """Return the figure that `as_json_object` wrote."""
        target = None
        if found["target"] is not None:
            target = Target(bound=found["target"], of=found["target_of"], sense=found["target_sense"])
        value, yardstick_value = (
            math.nan if found[name] is None else found[name] for name in ("value", "yardstick_value")
        )
        return cls(
            name=found["name"],
            value=value,
            unit=found["unit"],
            yardstick=found["yardstick"],
            yardstick_value=yardstick_value,
            target=target,
        )


def names() -> list[str]:
    """Return the names of all benchmarks."""
    modules = [module.name for module in pkgutil.iter_modules(benchmarks.__path__)]
    return [name.removeprefix(_PREFIX) for name in modules if name.startswith(_PREFIX)]


def load(name: str) -> Benchmark:
    """Return the `run` of a benchmark. Raises `ModuleNotFoundError` when there is none of that name."""
    run: Benchmark = importlib.import_module(f"benchmarks.{_PREFIX}{name}").run
    return run


def as_table(figures: Mapping[str, Sequence[Figure]]) -> str:
    """Return the figures of each benchmark for people, a line each with its yardstick below it."""
    everything = [figure for some in figures.values() for figure in some]
    width = max((len(figure.name) for figure in everything), default=0)
    lines = [f"{'figure':<{width}}  {'value':>10} {'':<13} {'ratio':>7}  {'target':<20} met"]
    for name, some in figures.items():
        lines.append(f"-- {name}")
        for figure in some:
            lines.append(
                f"{figure.name:<{width}}  {_number(figure.value):>10} {figure.unit:<13}"
                f" {_number(figure.ratio):>7}  {_words(figure.target):<20} {'yes' if figure.met else 'NO'}"
            )
            lines.append(f"    against {_number(figure.yardstick_value)} {figure.unit}: {figure.yardstick}")
    return "\n".join(lines)


def as_json(figures: Mapping[str, Sequence[Figure]], failures: Mapping[str, str]) -> str:
    """Return the figures for programs, with the machine they belong to and what could not be measured."""
    found: dict[str, Any] = {
        "python": platform.python_version(),
        "system": platform.platform(),
        "figures": [
            {"benchmark": name, **figure.as_json_object()}
            for name, some in figures.items()
            for figure in some
        ],
        "failures": dict(failures),
    }
    return json.dumps(found, indent=2, allow_nan=False)


def _words(target: Target | None) -> str:
    if target is None:
        return "none here"
    return f"{'ratio ' if target.of == 'ratio' else ''}{target.sense} {_number(target.bound)}"


def _number(value: float) -> str:
    if value == 0 or 0.01 <= abs(value) < 1_000:
        return f"{value:.3g}"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.2g}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
