"""On which line of a TOML file a setting stands: `tomllib` reads the values but forgets where they were.

Only looked up when an error or the settings page names a place, and never wrong about a value: text that
this scan misreads costs a line number, nothing else.
"""

import tomllib
from dataclasses import dataclass, field

Path = tuple[str | int, ...]


def lines_of(text: str) -> dict[Path, int]:
    """Return the line, counted from 1, of every table header and every key that begins a line."""
    found: dict[Path, int] = {}
    tables = _Tables()
    value = _Value()
    for number, line in enumerate(text.splitlines(), start=1):
        rest = line
        if not value.open:
            stripped = line.strip()
            if stripped.startswith("["):
                found.setdefault(tables.enter(stripped), number)
                continue
            key, equals, rest = _split_key(stripped)
            if not equals:
                continue
            found.setdefault((*tables.current, *_parts(key)), number)
        value.feed(rest)
    return found


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """Return the line of the innermost part of `path` that stands somewhere; None where not even one does."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


@dataclass(slots=True)
class _Tables:
    """Follows the headers: which table the following keys belong to."""

    current: Path = ()
    counts: dict[Path, int] = field(default_factory=dict)  # elements so far of each array of tables

    def enter(self, header: str) -> Path:
        is_element = header.startswith("[[")
        parts = _parts(header[2 if is_element else 1 :].split("#")[0].rstrip().rstrip("]"))
        path: Path = ()
        for index, part in enumerate(parts):
            path = (*path, part)
            if is_element and index == len(parts) - 1:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        self.current = path
        return path


@dataclass(slots=True)
class _Value:
    """Follows a value over its lines: whether a bracket or a multi-line string is still open."""

    depth: int = 0
    quote: str = ""

    @property
    def open(self) -> bool:
        return bool(self.depth or self.quote)

    def feed(self, line: str) -> None:
        at = 0
        while at < len(line):
            at = self._within_string(line, at) if self.quote else self._outside(line, at)
        if len(self.quote) == 1:
            self.quote = ""  # such a string ends with its line

    def _within_string(self, line: str, at: int) -> int:
        if line[at] == "\\" and self.quote[0] == '"':
            return at + 2
        if line.startswith(self.quote, at):
            at += len(self.quote)
            self.quote = ""
            return at
        return at + 1

    def _outside(self, line: str, at: int) -> int:
        character = line[at]
        if character == "#":
            return len(line)
        if character in "\"'":
            self.quote = character * 3 if line.startswith(character * 3, at) else character
            return at + len(self.quote)
        self.depth += (character in "[{") - (character in "]}")
        return at + 1


def _split_key(line: str) -> tuple[str, str, str]:
    """Split at the first equals sign outside quotes."""
    quote = ""
    for at, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "=":
            return line[:at], "=", line[at + 1 :]
        elif character == "#":
            break
    return line, "", ""


def _parts(key: str) -> tuple[str, ...]:
    """Return the parts of a dotted key, read by the one who knows the rules."""
    try:
        table: object = tomllib.loads(f"{key.strip()} = 0")
    except tomllib.TOMLDecodeError:
        return (key.strip(),)
    parts = []
    while isinstance(table, dict):
        ((name, table),) = table.items()
        parts.append(name)
    return tuple(parts)
