"""`verify`: recompute provably fair games, by a hash or seeds at hand or by those stored with rounds."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from config.problems import closest
from data_layer.analytics.fairness.schemes import NAMES, SCHEMES, clean_hash
from data_layer.database.schema import MAX_CRASH_CENTI
from data_layer.errors import SourceError, UsageError
from terminal.options import CommonOptions

if TYPE_CHECKING:
    from config.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What the command line says; None or empty where it says nothing."""

    scheme: str | None = None
    hash: str | None = None
    salt: str | None = None
    crash: str | None = None
    game: int | None = None
    games: int | None = None
    to: str | None = None
    at_most: int | None = None
    seed: str | None = None
    drand: str | None = None
    commitment: str | None = None
    server_seed: str | None = None
    client_seed: tuple[str, ...] = ()
    bookmaker: str | None = None
    range: str | None = None
    all: bool = False
    as_json: bool = False


_ALWAYS = frozenset({"scheme", "as_json"})
_CHAIN = frozenset({"hash", "salt", "crash", "game", "games", "to", "at_most"})
_DUEL = frozenset({"seed", "drand", "commitment", "crash"})
_AVIATOR = frozenset({"server_seed", "client_seed", "hash", "crash"})
_STORED = frozenset({"bookmaker", "hash", "salt", "game", "at_most", "commitment", "range", "all"})


def show(options: CommonOptions, words: Words) -> int:
    """Do what the words say and print it; 1 where a round or commitment is wrong.

    Raises `UsageError` for words that do not fit together, and for what is no hash, seed or scheme.
    """
    if words.scheme is not None:
        check_scheme(words.scheme)
    _refuse_unusable(words)
    try:
        return _chosen(options.load, words)
    except SourceError as error:
        raise UsageError(str(error)) from None


def check_scheme(name: str) -> None:
    """Raise `UsageError` with the nearest scheme when there is none called `name`."""
    if name not in NAMES:
        nearest = closest(name, NAMES)
        hint = f"; did you mean {nearest}?" if nearest else ""
        raise UsageError(f"--scheme {name}: is none of {', '.join(NAMES)}{hint}")


def hash_of(option: str, text: str) -> str:
    """Return the hash that an option gives. Raises `UsageError` naming the option."""
    try:
        return clean_hash(text)
    except SourceError as error:
        raise UsageError(f"{option}: {error}") from None


def stated_crash(text: str) -> Decimal:
    """Return what `--crash` says, as 1.98 or 1.98x. Raises `UsageError` for what no game shows."""
    try:
        value = Decimal(text.strip().rstrip("xX"))
    except InvalidOperation:
        value = Decimal("nan")
    if not value.is_finite():
        raise UsageError(f"--crash {text}: is no multiplier such as 1.98")
    if not 1 <= value <= MAX_CRASH_CENTI // 100:
        raise UsageError(
            f"--crash {text}: a crash point is at least 1.00 and at most {MAX_CRASH_CENTI // 100:,}"
        )
    return value


def stated_centi(text: str) -> int:
    """Return the same in hundredths. Raises `UsageError` also for one between two hundredths."""
    value = stated_crash(text) * 100
    centi = round(value)
    if value != centi:
        raise UsageError(f"--crash {text}: lies between hundredths; nearest: {centi / 100:.2f}")
    return centi


def _chosen(load: "Callable[[], Settings]", words: Words) -> int:
    if words.bookmaker is not None:
        from terminal import verify_rounds

        _refuse_others(words, _STORED, "--bookmaker")
        return verify_rounds.show(load(), words)
    from terminal import verify_games

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
