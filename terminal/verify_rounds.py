"""Stored rounds of a bookmaker, verified by the hashes they carry or along a chain, and marked."""

import contextlib
from dataclasses import dataclass

import msgspec

from config.settings import Settings
from config.specs import BookmakerSpec, ReplaySpec
from data_layer.analytics.fairness.recomputation import judge_of
from data_layer.analytics.fairness.schemes import NAMES, OWN_SALT, SCHEMES
from data_layer.analytics.fairness.seeded_games import SEEDED_GAMES
from data_layer.database import connection, queries
from data_layer.errors import UsageError
from data_layer.ranges import RANGES
from data_layer.round_verification import (
    MOST_GAMES,
    Progress,
    Task,
    VerificationReport,
    WrongRound,
    verify_along_chain,
    verify_carried,
)
from gui.view_models.words import count_text, multiplier_text
from terminal import exits, progress, sinks, texts
from terminal.database_file import database_to_read
from terminal.hints import without_rounds
from terminal.verify_words import Words, hash_of
from utils import clock


@dataclass(frozen=True, slots=True)
class _Fairness:
    """How a bookmaker's rounds are to be recomputed."""

    scheme: str
    salt: str | None
    commitment: str | None


def show(settings: Settings, words: Words) -> int:
    """Verify and mark stored rounds and print the report; 1 where one, or the commitment, is wrong.

    Goes through the writer of the running instance where there is one. Raises `UsageError`, `SourceError`,
    and what the way into the database raises.
    """
    name = words.bookmaker or ""
    fairness = _fairness(settings, name, words)
    newest = None if words.hash is None else hash_of("--hash", words.hash)
    if (newest is None) != (words.game is None):
        raise UsageError("--hash H and --game N go together: the hash of a game, and that game's number")
    if newest is not None and fairness.scheme not in SCHEMES:
        raise UsageError(f"--scheme {fairness.scheme} has no chain: --hash and --game mean nothing to it")
    judge_of(fairness.scheme, fairness.salt)  # raises what is wrong with either
    since_us = _since(words)
    database = database_to_read(settings)
    if not database.exists():
        raise UsageError(f"--bookmaker {name}: no rounds are recorded in {settings.data_dir} yet")
    at_most = words.at_most or MOST_GAMES
    with contextlib.ExitStack() as stack:
        # First of all: it looks at the file, which would take away the locks of a connection opened before.
        sink = stack.enter_context(sinks.opened(settings, "verify"))
        reader = stack.enter_context(contextlib.closing(connection.open_reader(database)))
        known = queries.counters(reader)
        if name not in known:
            raise without_rounds(name, known)
        count = stack.enter_context(progress.counted("rounds" if newest is None else "games walked"))
        task = Task(
            connection=reader,
            bookmaker=name,
            scheme=fairness.scheme,
            salt=fairness.salt,
            since_us=since_us,
            sink=sink,
            on_progress=count,
        )
        if newest is None or words.game is None:
            report = verify_carried(task)
        else:
            report = verify_along_chain(task, newest, words.game, at_most)
        start = newest or report.oldest_hash
        reached = _commitment_reached(fairness, start, at_most, count)
    _tell(report, fairness, reached, words)
    return exits.FAILED if report.no or reached is False else exits.FINE


def _fairness(settings: Settings, name: str, words: Words) -> _Fairness:
    spec = next((spec for spec in settings.bookmakers if spec.name == name), None)
    known = _configured(spec) if spec else None
    scheme = words.scheme or (known.scheme if known else None)
    if scheme is None:
        raise UsageError(f"--bookmaker {name}: no scheme is configured; give --scheme, {', '.join(NAMES)}")
    if known is None or known.scheme != scheme:
        known = _Fairness(scheme, None, None)
    commitment = words.commitment or known.commitment
    if commitment is not None:
        commitment = hash_of("--commitment", commitment)
        if scheme not in SCHEMES:
            raise UsageError(f"--scheme {scheme} has no chain: --commitment means nothing to it")
    return _Fairness(scheme, words.salt or known.salt, commitment)


def _configured(spec: BookmakerSpec) -> _Fairness | None:
    """Return what the configuration says of a bookmaker's scheme; what is played has one of its own."""
    if spec.fairness is not None:
        return _Fairness(spec.fairness.scheme, spec.fairness.salt, spec.fairness.commitment)
    source = spec.source
    if isinstance(source, ReplaySpec):
        return None
    if source.kind == "chain":
        return _Fairness(source.scheme, source.salt, None)
    return _Fairness(source.scheme, SCHEMES[source.scheme].salt or OWN_SALT, None)


def _since(words: Words) -> int | None:
    name = words.range or "all"
    if name not in RANGES:
        raise UsageError(f"--range {name}: is none of {', '.join(RANGES)}")
    if words.all and name != "all":
        raise UsageError(f"--all and --range {name} contradict each other")
    seconds = RANGES[name]
    return None if seconds is None else clock.now_us() - seconds * 1_000_000


def _commitment_reached(fairness: _Fairness, start: str, at_most: int, on_progress: Progress) -> bool | None:
    """Tell whether the chain leads from a round's hash to the commitment; None where there is none."""
    if fairness.commitment is None or not start:
        return None
    chain = SCHEMES[fairness.scheme].chain
    return chain.distance(start, fairness.commitment, at_most, on_progress) is not None


def _tell(report: VerificationReport, fairness: _Fairness, reached: bool | None, words: Words) -> None:
    game = SEEDED_GAMES.get(fairness.scheme)
    unverifiable = game.unverifiable if game else ""
    if words.as_json:
        found = msgspec.to_builtins(report)
        found.pop("oldest_hash")
        for wrong in found["first_wrong"]:
            wrong["crash_point"] = wrong.pop("crash_centi") / 100
            centi = wrong.pop("recomputed_centi")
            wrong["recomputed"] = None if centi is None else centi / 100
        texts.write_json({**found, "commitment": reached, "unverifiable": unverifiable or None})
        return
    lines = [
        f"{report.bookmaker}, scheme {report.scheme}: {count_text(report.yes)} of"
        f" {count_text(report.rounds)} rounds verified",
        f"yes {count_text(report.yes)}, no {count_text(report.no)}, unknown {count_text(report.unknown)};"
        f" {count_text(report.changed)} marked anew",
        *(_wrong_line(wrong) for wrong in report.first_wrong),
    ]
    if unverifiable:
        lines.append(f"multipliers of {report.scheme} are unverified: {unverifiable}")
    elif report.rounds and report.without_hash == report.rounds:
        advice = ": give that of a game, with its number: --hash H --game N" if game is None else ""
        lines.append(f"no round carries a hash{advice}")
    if report.no > report.yes:
        start = "" if words.game is None else f"--hash that of game {words.game}, "
        lines.append(
            f"more are wrong than right: is {start}the scheme {report.scheme} and its salt the right one?"
            " To verify again corrects the marks"
        )
    if reached is not None:
        words_ = "leads" if reached else "does not lead"
        lines.append(f"the chain {words_} to the commitment {fairness.commitment}")
    console = texts.console()
    for line in lines:
        console.print(texts.safe(line), soft_wrap=True)


def _wrong_line(wrong: WrongRound) -> str:
    what = f"wrong: round {wrong.round_id}, stored as {multiplier_text(wrong.crash_centi)}: {wrong.reason}"
    recomputed = wrong.recomputed_centi
    return what if recomputed is None else f"{what}, {multiplier_text(recomputed)}"
