"""`verify`: recompute provably fair games, by a hash or seeds at hand or by those stored with rounds."""

from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING

from data_layer.analytics.fairness.schemes import NAMES, SCHEMES
from data_layer.errors import SourceError, UsageError
from terminal import verify_games
from terminal.hints import did_you_mean
from terminal.options import CommonOptions
from terminal.verify_words import Words

if TYPE_CHECKING:
    from config.settings import Settings

_ALWAYS = frozenset({"scheme", "as_json"})
_CHAIN = frozenset({"hash", "salt", "crash", "game", "games", "to", "at_most"})
_DUEL = frozenset({"seed", "drand", "commitment", "crash"})
_AVIATOR = frozenset({"server_seed", "client_seed", "hash", "crash"})
_STORED = frozenset({"bookmaker", "hash", "salt", "game", "at_most", "commitment", "range", "all"})


def show(options: CommonOptions, words: Words) -> int:
    """Do what the words say and print it; 1 where a round or commitment is wrong.

    Raises `UsageError` for words that do not fit together, and for what is no hash, seed or scheme.
    """
    if words.scheme is not None and words.scheme not in NAMES:
        hint = did_you_mean(words.scheme, NAMES)
        raise UsageError(f"--scheme {words.scheme}: is none of {', '.join(NAMES)}{hint}")
    _refuse_unusable(words)
    try:
        return _chosen(options.load, words)
    except SourceError as error:
        raise UsageError(str(error)) from None


def _chosen(load: "Callable[[], Settings]", words: Words) -> int:
    if words.bookmaker is not None:
        from terminal import verify_rounds  # a game at hand needs neither database nor settings

        _refuse_others(words, _STORED, "--bookmaker")
        return verify_rounds.show(load(), words)
    if words.scheme is None:
        raise UsageError(f"verify needs --scheme S (one of {', '.join(NAMES)}) or --bookmaker NAME")
    if words.scheme in SCHEMES:
        _refuse_others(words, _CHAIN, f"--scheme {words.scheme}")
        return verify_games.show_chain(words)
    if words.scheme == "duel":
        _refuse_others(words, _DUEL, "--scheme duel")
        return verify_games.show_duel(words)
    _refuse_others(words, _AVIATOR, "--scheme aviator")
    return verify_games.show_aviator(words)


def _refuse_unusable(words: Words) -> None:
    """Refuse seeds and salts that are empty or no text: nothing is hashed that nobody meant."""
    for name in ("salt", "server_seed", "client_seed"):
        given: str | tuple[str, ...] | None = getattr(words, name)
        for text in (given,) if isinstance(given, str) else given or ():
            option = f"--{name.replace('_', '-')}"
            if not text:
                raise UsageError(f"{option}: is empty")
            if any("\ud800" <= character <= "\udfff" for character in text):
                raise UsageError(f"{option}: has bytes that are no text")


def _refuse_others(words: Words, known: frozenset[str], what: str) -> None:
    for entry in fields(words):
        given = getattr(words, entry.name)
        if given not in (None, (), False) and entry.name not in known | _ALWAYS:
            option = entry.name.replace("_", "-")
            others = ", ".join(f"--{name.replace('_', '-')}" for name in sorted(known))
            raise UsageError(f"--{option} does not go with {what}, which takes {others}")
