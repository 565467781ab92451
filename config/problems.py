"""What is wrong with a setting, in one line: its place, its key, the fault and the nearest valid value.

pydantic finds most faults; here its terms become the operator's, and the near misses are looked up. The
value of a secret appears in none of it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any, TypeVar

Path = tuple[str | int, ...]  # of a setting: ("bookmakers", 2, "source", "speed")

_DEEPEST = 8  # well below the deepest settings, which are the numbers of a region of a bookmaker
ChoiceT = TypeVar("ChoiceT", bound=str)

SECRETS = frozenset({("redis", "password"), ("redis", "url"), ("alerts", "webhook", "url")})

_SHOWN_CHARACTERS = 60
_TYPES = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "dataclass_type": "a table",
    "model_attributes_type": "a table",
    "path_type": "a path",
    "decimal_type": "a number",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One wrong setting."""

    key: str  # "redis.port"; empty where a whole file is at fault
    place: str  # "config/aviator.toml, line 12"
    text: str  # "70000 is above 65535"
    nearest: str = ""  # the valid value that comes closest, as it would be written

    def __str__(self) -> str:
        """Return the one line that the operator reads."""
        line = ": ".join(part for part in (self.place, self.key, self.text) if part)
        return f"{line}; nearest valid: {self.nearest}" if self.nearest else line


class InvalidSettingsError(Exception):
    """The configuration cannot be used. `problems` has every fault that was found, at least one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class RefusedValueError(ValueError):
    """Raised by a validator of ours; `at` leads from the validated value to the part at fault."""

    def __init__(self, text: str, *, nearest: str = "", at: Path = ()) -> None:
        super().__init__(text)
        self.nearest = nearest
        self.at = at


def shown(value: object) -> str:
    """Return `value` as a configuration file would have it, on one line and cut to a readable length."""
    if isinstance(value, (str, bool)):
        text = json.dumps(value, ensure_ascii=False)
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    elif isinstance(value, Mapping):
        text = "a table"
    elif isinstance(value, (list, tuple)):
        text = "a list"
    else:
        text = str(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + "..."


def closest(value: str, choices: Iterable[ChoiceT], cutoff: float = 0.5) -> ChoiceT | None:
    """Return the choice that is most like `value`, or None where none is."""
    by_lower = {choice.lower(): choice for choice in choices}
    found = get_close_matches(value.lower(), by_lower, n=1, cutoff=cutoff)
    return by_lower[found[0]] if found else None


def choose(value: object, choices: Iterable[str]) -> tuple[str, str]:
    """Return the fault's text and the nearest valid value for one that is none of `choices`."""
    choices = list(choices)
    nearest = (closest(value, choices) if isinstance(value, str) else None) or choices[0]
    return f"{shown(value)} is none of {', '.join(choices)}", shown(nearest)


def explain(
    error: Mapping[str, Any], names_at: Callable[[Path], Mapping[str, object]]
) -> tuple[Path, str, str]:
    """Return path, text and nearest valid value for one entry of a pydantic `ValidationError.errors()`.

    `names_at` gives the keys known at a path, each with its default (None where it has none).
    """
    path: Path = tuple(error["loc"])
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    own = context.get("error")
    if isinstance(own, RefusedValueError):
        return path + own.at, str(own), own.nearest
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return path, *_unknown(str(path[-1]), names_at(path[:-1]))
    if kind == "union_tag_invalid":
        return (*path, "kind"), *choose(context["tag"], _quoted_choices(context["expected_tags"]))
    if kind == "union_tag_not_found":
        return (*path, "kind"), "is missing: simulator, chain or replay", '"simulator"'
    if path in SECRETS:
        return path, "is no usable text (the value is not shown)", ""
    text, nearest = _explain_value(kind, value, context)
    if not nearest and path:
        default = names_at(path[:-1]).get(str(path[-1]))
        nearest = _as_written(default)
    return path, text, nearest


def unreadable(value: object, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Find what below `value` cannot be written as JSON, to be checked: each with its place and its fault.

    That is a text with half a surrogate pair, as for bytes that are not UTF-8, and what is nested too deeply.
    """
    if isinstance(value, str):
        if any("\ud800" <= character <= "\udfff" for character in value):
            yield path, "is not UTF-8 text"
    elif isinstance(value, (dict, list)):
        if len(path) > _DEEPEST:
            yield path, "is nested deeper than any setting"
            return
        for key, entry in value.items() if isinstance(value, dict) else enumerate(value):
            yield from unreadable(key, (*path, key))
            yield from unreadable(entry, (*path, key))


def _as_written(default: object) -> str:
    """Return a default as a file would have it; empty for a whole table, and where there is none."""
    if isinstance(default, list):
        return f"[{', '.join(f'{item:g}' for item in default)}]" if default else ""
    return shown(default) if isinstance(default, (str, int, float, PurePath)) else ""


def _unknown(name: str, known: Mapping[str, object]) -> tuple[str, str]:
    nearest = closest(name, known)
    return ("is no setting", nearest) if nearest else (f"is no setting here; known: {', '.join(known)}", "")


def _quoted_choices(text: str) -> list[str]:
    """Take apart pydantic's "'a', 'b' or 'c'"."""
    return text.split("'")[1::2]


def _explain_value(kind: str, value: object, context: Mapping[str, Any]) -> tuple[str, str]:
    if kind == "missing":
        return "is missing", ""
    if kind in ("literal_error", "enum"):
        return choose(value, _quoted_choices(context["expected"]))
    bounds = {"greater_than_equal": ("ge", "below"), "less_than_equal": ("le", "above")}
    if kind in bounds:
        name, word = bounds[kind]
        return f"{shown(value)} is {word} {context[name]:g}", f"{context[name]:g}"
    if kind == "greater_than":
        return f"{shown(value)} is not above {context['gt']:g}", ""
    if kind == "finite_number":
        return f"{shown(value)} is no finite number", ""
    if kind == "too_long":
        return f"has {context['actual_length']} entries, more than {context['max_length']}", ""
    if kind == "string_too_short":
        return "is empty", ""
    if kind == "string_too_long":
        limit = context["max_length"]
        return f"is longer than {limit} characters", json.dumps(str(value)[:limit], ensure_ascii=False)
    if kind in _TYPES:
        return f"{shown(value)} is not {_TYPES[kind]}", _converted(kind, value)
    return f"{shown(value)} cannot be used ({kind.replace('_', ' ')})", ""


def _converted(kind: str, value: object) -> str:
    """Return the value in the wanted type where it plainly means one: "2" for 2, 42 for "42"."""
    if kind == "string_type" and isinstance(value, (int, float)):
        return shown(str(value).lower() if isinstance(value, bool) else str(value))
    if kind == "bool_type":
        word = truth(str(value))
        return "" if word is None else shown(word)
    if kind in ("int_type", "float_type") and isinstance(value, (str, float)):
        try:
            number = float(value)
        except ValueError:
            return ""
        if number == number and abs(number) < 1e15:
            return f"{round(number)}" if kind == "int_type" else f"{number:g}"
    return ""


def truth(word: str) -> bool | None:
    """Return what a word of an environment variable means, or None where it means neither."""
    word = word.strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    return False if word in ("0", "false", "no", "off") else None
