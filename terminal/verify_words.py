"""What `verify` is given on the command line, and how its hashes and crash points are read."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from data_layer.analytics.fairness.schemes import clean_hash
from data_layer.database.schema import MAX_CRASH_CENTI
from data_layer.errors import SourceError, UsageError


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
