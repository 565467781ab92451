"""Finding a bookmaker, a page or a command by a few of its letters."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found and run."""

    key: str  # what the window does when it is chosen
    title: str  # "Pause Admiral"
    kind: str  # "bookmaker", "page", "command"
    hint: str = ""  # a shortcut, or the bookmaker's condition


def find(entries: Iterable[Entry], text: str, limit: int = 12) -> Sequence[Entry]:
    """Return the entries that match `text`, best first; the first ones where it is empty.

    Every word must begin a word of the title, occur in it or, failing that, be the initials of its words.
    Accents and capitals do not matter. Equally good ones keep their order.
    """
    words = _fold(text).split()
    scored = []
    for index, entry in enumerate(entries):
        score = _score(_fold(entry.title), words)
        if score is not None:
            scored.append((score, index, entry))
    scored.sort(key=lambda item: item[:2])
    return [entry for _, _, entry in scored[:limit]]


def _fold(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _score(title: str, words: Sequence[str]) -> int | None:
    """Return how badly the title fits: 0 is best, None is not at all."""
    score = 0
    title_words = title.split()
    for word in words:
        if title.startswith(word):
            continue
        if any(each.startswith(word) for each in title_words):
            score += 1
        elif word in title:
            score += 3
        elif "".join(each[0] for each in title_words).startswith(word):
            score += 10
        else:
            return None
    return score
