"""Games of which a hash or the seeds are at hand: what they must have been, and whether they were."""

import sys
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from typing import Any

from data_layer.analytics.fairness.schemes import SCHEMES, Scheme, StakeScheme
from data_layer.analytics.fairness.seeded_games import AVIATOR, DUEL
from data_layer.errors import UsageError
from data_layer.round_verification import MOST_GAMES
from gui.view_models.words import count_text, multiplier_text
from terminal import exits, progress, texts
from terminal.verify_words import Words, hash_of, stated_centi, stated_crash

_ANSWERS = {True: "yes", False: "no", None: "unknown"}
_SHA512_DIGITS = 128


def show_chain(words: Words) -> int:
    """Show games of a hash chain, or the way between two hashes. Raises `UsageError`, `SourceError`."""
    scheme = SCHEMES[words.scheme or ""]
    if words.hash is None:
        raise UsageError(f"--scheme {scheme.name} needs --hash H, the hash of a game")
    hash_ = hash_of("--hash", words.hash)
    if words.to is None and words.at_most is not None:
        raise UsageError("--at-most goes with --to, the hash that is walked to")
    older = None if words.to is None else hash_of("--to", words.to)
    shows_games = older is None or words.crash is not None or words.games is not None
    found: dict[str, Any] = {"scheme": scheme.name, "hash": hash_}
    fine = True
    if shows_games:
        fine = _judge(scheme, hash_, words, found)
        if not words.as_json:
            _print_games(scheme, hash_, words, found)
    if older is not None:
        fine &= _walk(scheme, hash_, older, words.at_most or MOST_GAMES, found)
        if not words.as_json:
            _print_walk(found)
    if words.as_json:
        if shows_games:
            found["games"] = list(_games(scheme, hash_, words))
        texts.write_json(found)
    return exits.FINE if fine else exits.FAILED


def show_duel(words: Words) -> int:
    """Show a game of Duel. Raises `UsageError`, `SourceError`."""
    if words.seed is None:
        raise UsageError("--scheme duel needs --seed SEED, and --drand RANDOMNESS for its crash point")
    commitment = DUEL.commitment(words.seed)
    promised = None if words.commitment is None else hash_of("--commitment", words.commitment)
    kept = None if promised is None else promised == commitment
    crash_centi = None if words.drand is None else DUEL.crash_centi(words.seed, words.drand)
    stated = None if words.crash is None else stated_centi(words.crash)
    verified = None if crash_centi is None or stated is None else crash_centi == stated
    if kept is False:
        verified = False
    if words.as_json:
        texts.write_json(
            {
                "scheme": DUEL.name,
                "computed_commitment": commitment,
                "commitment": kept,
                "crash_point": _decimal(crash_centi),
                "stated": _decimal(stated),
                "verified": verified,
            }
        )
    else:
        _line("scheme", DUEL.name)
        _print_commitment(kept, commitment)
        shown = (
            "not recomputed: --drand is not given" if crash_centi is None else multiplier_text(crash_centi)
        )
        _line("crash point", shown)
        if stated is not None:
            _line("stated", multiplier_text(stated))
        _line("verified", _ANSWERS[verified])
    return exits.FAILED if verified is False else exits.FINE


def show_aviator(words: Words) -> int:
    """Show the commitment of a game of Aviator. Raises `UsageError`, `SourceError`."""
    if words.server_seed is None:
        raise UsageError("--scheme aviator needs --server-seed SEED and --client-seed SEED three times")
    commitment = AVIATOR.commitment(words.server_seed, words.client_seed)
    stated = None if words.crash is None else stated_centi(words.crash)
    kept = None if words.hash is None else _sha512(words.hash) == commitment
    if words.as_json:
        texts.write_json(
            {
                "scheme": AVIATOR.name,
                "computed_commitment": commitment,
                "commitment": kept,
                "stated": _decimal(stated),
                "verified": False if kept is False else None,
                "reason": f"the multiplier is unverified: {AVIATOR.unverifiable}",
            }
        )
    else:
        _line("scheme", AVIATOR.name)
        _print_commitment(kept, commitment)
        if stated is not None:
            _line("stated", multiplier_text(stated))
        _line("multiplier", f"unverified: {AVIATOR.unverifiable}")
    return exits.FAILED if kept is False else exits.FINE


def _games(scheme: Scheme, hash_: str, words: Words) -> Iterator[dict[str, Any]]:
    """Yield the games from the given one back, as JSON objects."""
    crash_centi = scheme.calculator(words.salt)
    for back in range(words.games or 1):
        yield {
            "game": None if words.game is None else words.game - back,
            "hash": hash_,
            "crash_point": _decimal(crash_centi(hash_)),
        }
        hash_ = scheme.previous(hash_)


def _judge(scheme: Scheme, hash_: str, words: Words, found: dict[str, Any]) -> bool:
    """Compare the given game with its stated crash point; False where they differ."""
    found["salt"] = scheme.salt_used(words.salt)
    if words.games is not None and words.game is not None and words.games > words.game:
        raise UsageError(f"--games {words.games}: there are only {words.game} up to game {words.game}")
    verified = None if words.crash is None else _equals(scheme, hash_, words.salt, words.crash)
    found["stated"] = None if words.crash is None else float(stated_crash(words.crash))
    found["verified"] = verified
    return verified is not False


def _equals(scheme: Scheme, hash_: str, salt: str | None, crash: str) -> bool:
    stated = stated_crash(crash)
    if isinstance(scheme, StakeScheme) and stated != round(stated, 2):
        exact, digits = Decimal(repr(scheme.result(hash_, salt))), Decimal(1).scaleb(_exponent(stated))
        return stated in (exact.quantize(digits, ROUND_DOWN), exact.quantize(digits, ROUND_HALF_EVEN))
    return scheme.crash_centi(hash_, salt) == stated_centi(crash)


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _walk(scheme: Scheme, hash_: str, older: str, at_most: int, found: dict[str, Any]) -> bool:
    """Walk to the older hash; False where it is not reached."""
    with progress.counted("games walked") as count:
        steps = scheme.chain.distance(hash_, older, at_most, count)
    found.update(to=older, at_most=at_most, reached=steps is not None, steps=steps)
    found["games_between"] = None if steps is None else max(0, steps - 1)
    return steps is not None


def _print_games(scheme: Scheme, hash_: str, words: Words, found: dict[str, Any]) -> None:
    _line("scheme", scheme.name)
    _line("salt", found["salt"])
    if words.games is None:
        (game,) = _games(scheme, hash_, words)
        if words.game is not None:
            _line("game", str(words.game))
        _line("hash", hash_)
        _line("crash point", _multiplier(game["crash_point"]))
    else:
        for index, game in enumerate(_games(scheme, hash_, words)):
            name = -index if game["game"] is None else game["game"]
            sys.stdout.write(f"{name:>12}  {_multiplier(game['crash_point']):>12}  {game['hash']}\n")
    if words.crash is not None:
        _line("stated", f"{stated_crash(words.crash)}x")
        _line("verified", _ANSWERS[found["verified"]])


def _print_walk(found: dict[str, Any]) -> None:
    if found["reached"]:
        between = count_text(found["games_between"])
        _line("reached", f"{count_text(found['steps'])} games back; {between} games lie between the two")
    else:
        _line("not reached", f"within {count_text(found['at_most'])} games back from {found['hash']}")
        _line("", "it is of another chain or scheme, the newer one of the two, or further back (--at-most)")


def _print_commitment(kept: bool | None, computed: str) -> None:
    if kept is None:
        _line("commitment", f"{computed} (none was given to compare)")
    else:
        _line("commitment", "right" if kept else f"wrong: the seeds give {computed}")


def _sha512(text: str) -> str:
    digits = text.strip().lower()
    if len(digits) != _SHA512_DIGITS or not set(digits) <= set("0123456789abcdef"):
        shown = text if len(text) <= 80 else text[:77] + "..."
        raise UsageError(
            f"--hash: an Aviator hash has {_SHA512_DIGITS} hexadecimal digits; {shown!r} has not"
        )
    return digits


def _decimal(centi: int | None) -> float | None:
    return None if centi is None else centi / 100


def _multiplier(value: float) -> str:
    return multiplier_text(round(value * 100))


def _line(name: str, value: str) -> None:
    sys.stdout.write(f"{name:<12} {texts.safe(value).plain}\n")
