"""Commands that ask about the recorded rounds, or about games at hand."""

from typing import Annotated

import typer

from terminal.commands.words import COMMON, RANGES, Action, AsJson, Bookmaker, End, Start, option, switch
from terminal.options import CommonOptions


def add_stats(app: typer.Typer, options: CommonOptions) -> None:
    """Add `stats`."""

    @app.command(epilog=COMMON)
    def stats(
        range_name: Annotated[str | None, option("--range", "RANGE", RANGES)] = None,
        bookmaker: Bookmaker = None,
        group: Annotated[str | None, option("--group", "NAME", "Only this group.")] = None,
        threshold: Annotated[
            list[str] | None,
            option("--threshold", "M", "A cash-out to count at, as 2 or 2.5x; repeatable."),
        ] = None,
        start: Start = None,
        end: End = None,
        timezone: Annotated[
            str | None,
            option("--timezone", "ZONE", "Of times and days, as Europe/Belgrade."),
        ] = None,
        streaks: Annotated[bool, switch("--streaks", "Runs of rounds below a threshold.")] = False,
        intervals: Annotated[
            str | None, option("--intervals", "LENGTH", "As 60m, 7m, 2h, 1d or 100r.")
        ] = None,
        heat_map: Annotated[bool, switch("--heat-map", "Shares by weekday and hour, of 30 days.")] = False,
        drift: Annotated[bool, switch("--drift", "Do rounds come as often as claimed? Of all time.")] = False,
        integrity: Annotated[
            bool, switch("--integrity", "Are the feeds what they say they are? Of all time.")
        ] = False,
        as_json: AsJson = False,
    ) -> Action:
        """Show the statistics of the recorded rounds; with a threshold, times or a section, in depth."""
        from terminal import analytics

        words = analytics.Words(
            range=range_name,
            bookmaker=bookmaker,
            group=group,
            thresholds=tuple(threshold or ()),
            start=start,
            end=end,
            timezone=timezone,
            intervals=intervals,
            streaks=streaks,
            heat_map=heat_map,
            drift=drift,
            integrity=integrity,
            as_json=as_json,
        )
        return lambda: analytics.show_stats(options, words)


def add_verify(app: typer.Typer, options: CommonOptions) -> None:
    """Add `verify`."""

    @app.command(epilog=COMMON)
    def verify(
        scheme: Annotated[str | None, option("--scheme", "S", "How the site makes its games.")] = None,
        hash_: Annotated[str | None, option("--hash", "H", "Of a game.")] = None,
        salt: Annotated[str | None, option("--salt", "T", "Where it is not the published one.")] = None,
        crash: Annotated[str | None, option("--crash", "M", "The crash point that was shown.")] = None,
        game: Annotated[int | None, option("--game", "N", "Number of the game of --hash.", 1)] = None,
        games: Annotated[int | None, option("--games", "N", "So many games back from H.", 1)] = None,
        to: Annotated[str | None, option("--to", "H2", "Walk from H back to this hash.")] = None,
        at_most: Annotated[int | None, option("--at-most", "N", "Walk so many games at most.", 1)] = None,
        seed: Annotated[str | None, option("--seed", "SEED", "duel: the revealed seed.")] = None,
        drand: Annotated[str | None, option("--drand", "HEX", "duel: the drand randomness.")] = None,
        commitment: Annotated[
            str | None, option("--commitment", "H", "What the site published before the games.")
        ] = None,
        server_seed: Annotated[str | None, option("--server-seed", "SEED", "aviator.")] = None,
        client_seed: Annotated[
            list[str] | None, option("--client-seed", "SEED", "aviator: of three players, in order.")
        ] = None,
        bookmaker: Annotated[
            str | None, option("--bookmaker", "NAME", "Verify and mark its stored rounds.")
        ] = None,
        range_: Annotated[str | None, option("--range", "RANGE", "Only these rounds; default: all.")] = None,
        all_: Annotated[bool, switch("--all", "All rounds of the bookmaker.")] = False,
        as_json: AsJson = False,
    ) -> Action:
        """Recompute provably fair games: by a hash, by seeds, or the stored rounds of a bookmaker.

        Exit code 1: a round or a commitment is wrong, or the hash of --to is not reached.
        """
        from terminal import verify
        from terminal.verify_words import Words

        words = Words(
            scheme=scheme,
            hash=hash_,
            salt=salt,
            crash=crash,
            game=game,
            games=games,
            to=to,
            at_most=at_most,
            seed=seed,
            drand=drand,
            commitment=commitment,
            server_seed=server_seed,
            client_seed=tuple(client_seed or ()),
            bookmaker=bookmaker,
            range=range_,
            all=all_,
            as_json=as_json,
        )
        return lambda: verify.show(options, words)


def add_backtest(app: typer.Typer, options: CommonOptions) -> None:
    """Add `backtest`."""

    @app.command(epilog=COMMON)
    def backtest(
        bookmaker: Annotated[str, option("--bookmaker", "NAME", "Whose rounds are played.")],
        strategy: Annotated[
            str | None,
            option(
                "--strategy", "S", "flat, martingale, anti-martingale, dalembert, fibonacci, kelly, python."
            ),
        ] = None,
        stake: Annotated[str | None, option("--stake", "MONEY", "Of a bet, as 1.00.")] = None,
        cashout: Annotated[str | None, option("--cashout", "M", "As 2.00 or 1.5x.")] = None,
        set_: Annotated[
            list[str] | None, option("--set", "NAME=VALUE", "Another parameter, as limit=50; repeatable.")
        ] = None,
        bankroll: Annotated[str | None, option("--bankroll", "MONEY", "To begin with.")] = None,
        file: Annotated[
            str | None, option("--file", "FILE:CLASS", "A class of your own, mine.py:Mine.")
        ] = None,
        range_name: Annotated[
            str | None, option("--range", "RANGE", "Only these rounds; default: all.")
        ] = None,
        start: Start = None,
        end: End = None,
        timezone: Annotated[str | None, option("--timezone", "ZONE", "Of times, as Europe/Belgrade.")] = None,
        as_json: AsJson = False,
    ) -> Action:
        """Play a strategy on paper over recorded rounds. Nothing is placed; no strategy changes the edge."""
        from terminal import backtest as command

        words = command.Words(
            bookmaker=bookmaker,
            strategy=strategy,
            stake=stake,
            cashout=cashout,
            parameters=tuple(set_ or ()),
            bankroll=bankroll,
            file=file,
            range=range_name,
            start=start,
            end=end,
            timezone=timezone,
            as_json=as_json,
        )
        return lambda: command.show(options, words)
