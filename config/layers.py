"""The layers a configuration is made of: file, `.env`, environment, command line, each knowing its places.

A layer only reads; whether a value is valid is decided once, when all layers lie on top of each other.
"""

import contextlib
import json
import os
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from re import search
from typing import Any

from config import problems, toml_places
from config.problems import InvalidSettingsError, Problem

Values = dict[str, Any]

# Environment name -> setting and how its text is read. Also what `.env` may hold.
ENVIRONMENT: Mapping[str, tuple[tuple[str, ...], str]] = {
    "AVIATOR_CONFIG": (("config",), "text"),  # the file itself, like --config; no setting of a file
    "AVIATOR_DATA_DIR": (("data_dir",), "text"),
    "AVIATOR_LOG_LEVEL": (("log_level",), "text"),
    "AVIATOR_THRESHOLDS": (("thresholds",), "numbers"),
    "AVIATOR_THEME": (("window", "theme"), "text"),
    "AVIATOR_RTP": (("analytics", "rtp"), "float"),
    "AVIATOR_ALPHA": (("analytics", "alpha"), "float"),
    "AVIATOR_TIMEZONE": (("analytics", "timezone"), "text"),
    "AVIATOR_BOOKMAKERS": (("bookmakers",), "json"),
    "REDIS_ENABLED": (("redis", "enabled"), "bool"),
    "REDIS_URL": (("redis", "url"), "text"),
    "REDIS_HOST": (("redis", "host"), "text"),
    "REDIS_PORT": (("redis", "port"), "int"),
    "REDIS_DB": (("redis", "db"), "int"),
    "REDIS_PASSWORD": (("redis", "password"), "text"),
    "REDIS_KEY_PREFIX": (("redis", "key_prefix"), "text"),
    "CACHE_TTL_HOURS": (("cache", "ttl_hours"), "float"),
    "CACHE_REFRESH_HOURS": (("cache", "refresh_hours"), "float"),
    "AVIATOR_RGB_KEEP_DAYS": (("storage", "rgb_keep_days"), "int"),
    "AVIATOR_QUARANTINE_KEEP_DAYS": (("storage", "quarantine_keep_days"), "int"),
    "AVIATOR_WEBHOOK_URL": (("alerts", "webhook", "url"), "text"),
}
_NOT_SETTINGS = frozenset({"AVIATOR_SHARED_DATA"})  # tells the tests where recorded rounds lie
_OWN_PREFIX = "AVIATOR_"
_SHARED_PREFIXES = ("REDIS_", "CACHE_")  # other programs use them too: only near misses of ours are faults
_NEAR_MISS = 0.85


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """Values from one origin. Paths among them are absolute."""

    values: Values = field(repr=False)  # may hold a password
    place: Callable[[problems.Path], str]  # of a setting, in the operator's words


def file_layer(path: Path, shown_as: str, *, named_by: str) -> Layer:
    """Read a TOML file. A missing one is an empty layer, unless `named_by` tells which place asks for it.

    Raises `InvalidSettingsError`: no such file, unreadable, not UTF-8, a syntax fault with line and column.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        if not named_by:
            return Layer(values={}, place=lambda _: shown_as)
        raise _file_problem(named_by, f"no such file: {shown_as}", neighbour(path)) from None
    except OSError as error:
        raise _file_problem(shown_as, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise _file_problem(f"{shown_as}, line {line}", "is not UTF-8 text") from None
    try:
        values = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise _syntax_problem(shown_as, text, str(error)) from None
    except (ValueError, RecursionError) as error:  # endless digits, endless nesting
        raise _file_problem(shown_as, f"cannot be read: {error}") from None
    lines = cache(lambda: toml_places.lines_of(text))

    def place(setting: problems.Path) -> str:
        line = toml_places.line_of(lines(), setting)
        return shown_as if line is None else f"{shown_as}, line {line}"

    return Layer(values=_anchored(values, path.parent), place=place)


def dotenv_layer(path: Path, shown_as: str) -> Layer:
    """Read a `.env` file; one that is not there is an empty layer. Raises `InvalidSettingsError`."""
    if not path.is_file():
        return Layer(values={}, place=lambda _: shown_as)
    from dotenv.parser import parse_stream  # costs 20 ms: only where there is such a file

    texts: dict[str, str] = {}
    places: dict[str, str] = {}
    faults: list[Problem] = []
    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except OSError as error:
        raise _file_problem(shown_as, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise _file_problem(shown_as, "is not UTF-8 text") from None
    for binding in bindings:
        text = binding.original.string  # begins with the empty lines before it
        line = binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")
        place = f"{shown_as}, line {line}"
        if binding.error:
            faults.append(Problem(key="", place=place, text="is no line like NAME=value"))
        elif binding.key is not None and binding.value is not None:
            texts[binding.key] = binding.value
            places[binding.key.upper()] = place
    return _named_layer(texts, lambda name: places[name], path.parent, faults)


def environment_layer(environ: Mapping[str, str], cwd: Path) -> Layer:
    """Take what is ours from the environment. Raises `InvalidSettingsError`."""
    return _named_layer(environ, lambda name: "environment", cwd)


def command_line_layer(options: Mapping[str, str | None], cwd: Path) -> Layer:
    """Take the common options of the command line by setting: `{"data_dir": ..., "log_level": ...}`."""
    values: Values = {name: value for name, value in options.items() if value is not None}
    return Layer(
        values=_anchored(values, cwd),
        place=lambda setting: f"command line, --{str(setting[0]).replace('_', '-')}",
    )


def merged(layers: Iterable[Layer]) -> Values:
    """Lay the layers on top of each other. Tables are merged, everything else is replaced."""
    result: Values = {}
    for layer in layers:
        _merge(result, layer.values)
    return result


def origin(layers: Sequence[Layer], setting: problems.Path) -> tuple[Layer | None, bool]:
    """Return the layer that `setting` comes from, and whether it is set at all.

    For one that no layer sets, the topmost layer that has the table it would stand in.
    """
    fallback: Layer | None = None
    for layer in reversed(layers):
        table: object = layer.values
        depth = 0
        while isinstance(table, dict) and depth < len(setting) and setting[depth] in table:
            table = table[setting[depth]]
            depth += 1
        if depth == len(setting) or not isinstance(table, dict):  # a list replaces those below it, whole
            return layer, True
        fallback = fallback or (layer if depth else None)
    return fallback, False


def _merge(target: Values, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, dict) and isinstance(target.get(name), dict):
            _merge(target[name], value)
        else:
            target[name] = dict(value) if isinstance(value, dict) else value


def _named_layer(
    texts: Mapping[str, str], place_of: Callable[[str], str], base: Path, faults: Iterable[Problem] = ()
) -> Layer:
    values: Values = {}
    names: dict[problems.Path, str] = {}  # setting -> what it was called
    faults = list(faults)
    for given, text in texts.items():
        name = given.upper()
        if name not in ENVIRONMENT:
            nearest = _near_miss(name)
            if nearest is not None:
                faults.append(Problem(key=name, place=place_of(name), text="is no setting", nearest=nearest))
            continue
        setting, kind = ENVIRONMENT[name]
        if text == "":
            continue  # how shells and container files say "not set"
        try:
            value = _read(text, kind)
        except problems.RefusedValueError as error:
            faults.append(Problem(key=name, place=place_of(name), text=str(error), nearest=error.nearest))
            continue
        names[setting] = name
        table = values
        for part in setting[:-1]:
            table = table.setdefault(part, {})
        table[setting[-1]] = value
    if faults:
        raise InvalidSettingsError(faults)

    def place(setting: problems.Path) -> str:
        prefixes = (setting[:length] for length in range(len(setting), 0, -1))
        name = next((names[prefix] for prefix in prefixes if prefix in names), "")
        return f"{place_of(name)}, {name}" if name else ""

    return Layer(values=_anchored(values, base), place=place)


def _near_miss(name: str) -> str | None:
    """Return what an unknown name probably means; an empty string for one that is ours and like none."""
    if name.startswith(_OWN_PREFIX) and name not in _NOT_SETTINGS:
        return problems.closest(name, ENVIRONMENT, cutoff=0.7) or ""
    if name.startswith(_SHARED_PREFIXES):
        return problems.closest(name, ENVIRONMENT, cutoff=_NEAR_MISS)
    return None


def _read(text: str, kind: str) -> object:
    """Return the value that the text of an environment variable stands for.

    What stands for none stays text, and is refused as one where all values are checked. Raises
    `RefusedValueError` for what is no JSON.
    """
    if kind == "bool":
        value = problems.truth(text)
        return text if value is None else value
    if kind == "numbers":
        return [_read(part, "float") for part in text.split(",")]
    if kind == "json":
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise problems.RefusedValueError("is no JSON list of bookmakers") from None
    with contextlib.suppress(ValueError):
        return {"text": str, "int": int, "float": float}[kind](text)
    return text


def _anchored(values: Values, base: Path) -> Values:
    """Make the paths among `values` absolute: a file's are relative to it, others to where one stands."""

    def anchor(table: Values, name: str) -> None:
        if isinstance(table.get(name), str) and table[name]:
            # The home of nobody stays as it is, and is refused where all values are checked.
            with contextlib.suppress(RuntimeError):
                table[name] = os.path.normpath(base / Path(table[name]).expanduser())

    anchor(values, "config")
    anchor(values, "data_dir")
    bookmakers = values.get("bookmakers")
    for bookmaker in bookmakers if isinstance(bookmakers, list) else ():
        for table, name in (("source", "path"), ("betting", "file")):
            if isinstance(bookmaker, dict) and isinstance(bookmaker.get(table), dict):
                anchor(bookmaker[table], name)
    return values


def neighbour(path: Path) -> str:
    """Return the file beside a missing one whose name is most like it; empty where none is."""
    try:
        nearest = problems.closest(path.name, [entry.name for entry in path.parent.iterdir()])
    except OSError:
        return ""
    return "" if nearest is None else str(path.with_name(nearest))


def _file_problem(place: str, text: str, nearest: str = "") -> InvalidSettingsError:
    return InvalidSettingsError([Problem(key="", place=place, text=text, nearest=nearest)])


def _syntax_problem(shown_as: str, text: str, message: str) -> InvalidSettingsError:
    """Turn tomllib's "Invalid value (at line 3, column 5)" round; "(at end of document)" is the last line."""
    at = search(r" \(at line (\d+), column (\d+)\)$", message)
    if at is None:
        last = text.rstrip().count("\n") + 1
        return _file_problem(f"{shown_as}, line {last}", message)
    return _file_problem(f"{shown_as}, line {at[1]}, column {at[2]}", message[: at.start()])
