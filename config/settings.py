"""The configuration: read from its layers, validated once, and from then on one immutable value.

Later layers win: built-in defaults, the file, `.env`, the environment, the command line. Every fault is
reported with its key, its place and the nearest valid value, all of them at once. The layers are our own
because the place of a value must survive until its error is written; pydantic-settings forgets it, and its
import costs 57 ms of the time to the first paint.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, is_dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from config import layers, model, problems, specs
from config.alert_settings import AlertRule, AlertSettings, Webhook
from config.alert_specs import Rule
from config.layers import Layer
from config.model import (
    AnalyticsSettings,
    CacheSettings,
    LogLevel,
    RedisSettings,
    StorageSettings,
    Theme,
)
from config.problems import InvalidSettingsError, Problem

DEFAULT_FILE = model.ROOT / "config" / "aviator.toml"

_SOURCES: Mapping[str, type] = {
    "simulator": specs.SimulatorSpec,
    "chain": specs.ChainSpec,
    "replay": specs.ReplaySpec,
}
_TABLES: Mapping[tuple[str, ...], type] = {  # path without list positions -> what may stand there
    (): model.Document,
    ("window",): model.WindowSettings,
    ("redis",): RedisSettings,
    ("cache",): CacheSettings,
    ("storage",): StorageSettings,
    ("analytics",): AnalyticsSettings,
    ("alerts",): AlertSettings,
    ("alerts", "webhook"): Webhook,
    ("alerts", "rules"): AlertRule,
    ("bookmakers",): model.Bookmaker,
    ("bookmakers", "betting"): specs.BettingSpec,
    ("bookmakers", "rgb"): specs.RgbSpec,
    ("bookmakers", "rgb", "regions"): specs.RgbRegion,
    ("bookmakers", "session"): specs.SessionSpec,
    ("bookmakers", "fairness"): specs.FairnessSpec,
    **{("bookmakers", "source", kind): source for kind, source in _SOURCES.items()},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueInForce:
    """One setting as it is, for people to read; secrets are hidden."""

    key: str
    value: str
    place: str  # "built-in default", "config/aviator.toml, line 12", "environment, REDIS_PORT"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The whole configuration, valid. Its repr shows no secret."""

    file: Path  # that was read; the shipped one may be missing
    data_dir: Path  # absolute
    log_level: LogLevel
    thresholds_centi: tuple[int, ...]  # rising
    theme: Theme
    redis: RedisSettings
    cache: CacheSettings
    storage: StorageSettings
    analytics: AnalyticsSettings
    alerts: AlertSettings
    bookmakers: tuple[specs.BookmakerSpec, ...]  # all of them, in the order of the file
    layers: tuple[Layer, ...] = field(repr=False, compare=False)

    @property
    def enabled_bookmakers(self) -> tuple[specs.BookmakerSpec, ...]:
        """Return those that get a worker; may be none."""
        return tuple(bookmaker for bookmaker in self.bookmakers if bookmaker.enabled)

    @property
    def alert_rules(self) -> tuple[Rule, ...]:
        """Return the rules of the alerts as they are configured, the usual ones among them."""
        return self.alerts.resolved(self.thresholds_centi)


def load(
    *,
    config: str | None = None,
    data_dir: str | None = None,
    log_level: str | None = None,
    environ: Mapping[str, str] = os.environ,
    cwd: Path | None = None,
) -> Settings:
    """Read the configuration; the first three arguments are the options of the command line.

    `.env` is looked for where one stands (`cwd`), then beside `main.py`. Raises `InvalidSettingsError` with
    every fault of the layers, or, once all of them can be read, with every invalid value.
    """
    cwd = cwd or Path.cwd()
    dotenv = next((path for path in (cwd / ".env", model.ROOT / ".env") if path.is_file()), cwd / ".env")
    options = {"config": config, "data_dir": data_dir, "log_level": log_level}
    over_file = _read_all(
        [
            lambda: layers.dotenv_layer(dotenv, _relative(dotenv, cwd)),
            lambda: layers.environment_layer(environ, cwd),
            lambda: layers.command_line_layer(options, cwd),
        ]
    )
    file, named_by = DEFAULT_FILE, ""
    for layer in over_file:
        if "config" in layer.values:
            file, named_by = Path(layer.values.pop("config")), layer.place(("config",))
    stack = [layers.file_layer(file, _relative(file, cwd), named_by=named_by), *over_file]
    document = _validated(stack)
    return Settings(
        file=file,
        data_dir=document.data_dir,
        log_level=document.log_level,
        thresholds_centi=tuple(sorted({round(threshold * 100) for threshold in document.thresholds})),
        theme=document.window.theme,
        redis=document.redis,
        cache=document.cache,
        storage=document.storage,
        analytics=document.analytics,
        alerts=document.alerts,
        bookmakers=tuple(bookmaker.spec() for bookmaker in document.bookmakers),
        layers=tuple(stack),
    )


def missing_recordings(settings: Settings) -> list[Problem]:
    """Return a problem for each enabled replay whose file is not there, to be told before anything starts."""
    found = []
    for index, bookmaker in enumerate(settings.bookmakers):
        source = bookmaker.source
        if not bookmaker.enabled or not isinstance(source, specs.ReplaySpec) or source.path.is_file():
            continue
        path: problems.Path = ("bookmakers", index, "source", "path")
        nearest = layers.neighbour(source.path)
        text = f"no such file: {source.path}"
        values = layers.merged(settings.layers)
        found.append(
            Problem(key=_key(path, values), place=_place(settings.layers, path), text=text, nearest=nearest)
        )
    return found


def in_force(settings: Settings) -> tuple[ValueInForce, ...]:
    """Return every setting with its value and where that comes from; a bookmaker is one line."""
    document = _validated(settings.layers)
    values = layers.merged(settings.layers)
    found = []
    for path, value in _leaves(document, ()):
        if path in problems.SECRETS:
            text = "(not set)" if value is None else "(hidden)"
        elif isinstance(value, model.Bookmaker):
            text = f"{value.source.kind}, {'enabled' if value.enabled else 'disabled'}"
        elif isinstance(value, AlertRule):
            text = f"{value.rule().kind}, {'enabled' if value.enabled else 'disabled'}"
        elif isinstance(value, list):
            text = ", ".join(f"{item:g}" for item in value)
        elif isinstance(value, bool):
            text = str(value).lower()  # as TOML writes it
        else:
            text = str(value)
        layer, is_set = layers.origin(settings.layers, path)
        place = layer.place(path) if layer is not None and is_set else "built-in default"
        found.append(ValueInForce(key=_key(path, values), value=text, place=place))
    return tuple(found)


def _leaves(table: BaseModel, path: problems.Path) -> list[tuple[problems.Path, Any]]:
    found: list[tuple[problems.Path, Any]] = []
    for name in type(table).model_fields:
        value = getattr(table, name)
        if name in ("bookmakers", "rules"):
            found += [((*path, name, index), entry) for index, entry in enumerate(value)]
        elif isinstance(value, BaseModel) and not isinstance(value, SecretStr):
            found += _leaves(value, (*path, name))
        else:
            found.append(((*path, name), value))
    return found


def _read_all(readers: Sequence[Callable[[], Layer]]) -> list[Layer]:
    """Read every layer, so that the faults of all of them are told at once."""
    found: list[Layer] = []
    faults: list[Problem] = []
    for read in readers:
        try:
            found.append(read())
        except InvalidSettingsError as error:
            faults += error.problems
    if faults:
        raise InvalidSettingsError(faults)
    return found


def _validated(stack: Sequence[Layer]) -> model.Document:
    values = layers.merged(stack)
    broken = [
        Problem(key=_key(path, values), place=_place(stack, path), text=text)
        for path, text in problems.unreadable(values)
    ]
    if broken:
        raise InvalidSettingsError(dict.fromkeys(broken))
    text = json.dumps(values, default=str)  # str: TOML has dates, we have none
    try:
        return model.Document.model_validate_json(text)
    except ValidationError as error:
        found = [_problem(entry, stack, values) for entry in error.errors(include_url=False)]
        raise InvalidSettingsError(dict.fromkeys(found)) from None


def _problem(entry: Any, stack: Sequence[Layer], values: layers.Values) -> Problem:
    path, text, nearest = problems.explain(entry, _names_at)
    if path[:1] == ("bookmakers",) and path[2:3] == ("source",) and path[3:4] and path[3] in _SOURCES:
        path = path[:3] + path[4:]  # the kind that pydantic puts there
    return Problem(key=_key(path, values), place=_place(stack, path), text=text, nearest=nearest)


def _names_at(path: problems.Path) -> Mapping[str, object]:
    """Return the settings that may stand at `path`, each with its default (None where it has none)."""
    table = _TABLES.get(tuple(part for part in path if isinstance(part, str)))
    if table is None:
        return {}
    if issubclass(table, BaseModel):
        return {
            name: None if info.is_required() else info.default for name, info in table.model_fields.items()
        }
    found = table.__dataclass_fields__.values() if is_dataclass(table) else ()
    return {entry.name: None if entry.default is MISSING else entry.default for entry in found}


def _key(path: problems.Path, values: object) -> str:
    """Return a path as the operator reads it; a bookmaker is called by its name where it has one."""
    text = ""
    for part in path:
        if isinstance(part, str):
            text += f".{part}" if text else part
            values = values.get(part) if isinstance(values, dict) else None
            continue
        values = values[part] if isinstance(values, list) and part < len(values) else None
        name = values.get("name") if isinstance(values, dict) else None
        text += f"[{problems.shown(name) if name and isinstance(name, str) else f'number {part + 1}'}]"
    return text


def _place(stack: Sequence[Layer], path: problems.Path) -> str:
    layer, _ = layers.origin(stack, path)
    return "built-in default" if layer is None else layer.place(path)


def _relative(path: Path, cwd: Path) -> str:
    """Return a path as one would type it from `cwd`."""
    return str(path.relative_to(cwd)) if path.is_relative_to(cwd) else str(path)
