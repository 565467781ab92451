"""`backtest`: a paper strategy over recorded rounds, the expected loss beside the result.

Nothing of it is ever placed.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from data_layer.analytics.questions import Backtest, BacktestQuestion, Span
from data_layer.errors import UsageError
from data_layer.strategies import catalogue, own_class
from data_layer.strategies.base import StrategyError
from data_layer.strategies.parameters import BANKROLL
from gui.view_models import strategies
from terminal import texts
from terminal.answers.place import Place, sentence, sheet_of
from terminal.answers.printing import sample_lines
from terminal.asking import answered, plain, span_of, zone_of
from terminal.database_file import database_to_read
from terminal.options import CommonOptions
from utils import clock

if TYPE_CHECKING:
    from config.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What the command line says; None where it says nothing."""

    bookmaker: str
    strategy: str | None = None
    stake: str | None = None
    cashout: str | None = None
    parameters: tuple[str, ...] = ()  # name=value
    bankroll: str | None = None
    file: str | None = None  # of a class of the user's own: mine.py:Mine
    range: str | None = None
    start: str | None = None
    end: str | None = None
    timezone: str | None = None
    as_json: bool = False


def show(options: CommonOptions, words: Words) -> int:
    """Run the strategy and print what would have become of the bankroll. Raises `AviatorError`."""
    settings = options.load()
    database = database_to_read(settings)
    timezone = zone_of(words.timezone, settings.analytics.timezone)
    asked = question(words, settings, span_of(words.range, words.start, words.end, timezone, "all"))
    now_us = clock.now_us()
    if not database.exists():
        raise UsageError(f"no rounds are recorded in {settings.data_dir} yet")
    (answer,) = answered(settings, database, [asked], now_us)
    assert isinstance(answer, Backtest)
    if words.as_json:
        texts.write_json({"now_us": now_us, "timezone": timezone, "backtest": plain(answer)})
        return 0
    _print(Place(console=texts.console(), timezone=timezone, now_us=now_us), answer)
    return 0


def question(words: Words, settings: "Settings", span: Span) -> BacktestQuestion:
    """Return what is asked. Bankroll and currency are the bookmaker's, where the words name none.

    Raises `UsageError` and `StrategyError`.
    """
    configured = {bookmaker.name: bookmaker.betting for bookmaker in settings.bookmakers}
    betting = configured.get(words.bookmaker)
    given = _given(words)
    strategy = words.strategy
    if strategy is None:
        strategy = "flat" if words.file is None else catalogue.OWN
    if strategy == catalogue.OWN:
        if words.file is None:
            raise UsageError("--strategy python: needs --file mine.py:Mine")
        parameters = own_class.parameters(own_class.named(words.file, given))
    else:
        if words.file is not None:
            raise UsageError(f"--file {words.file}: is for --strategy python, not {strategy}")
        catalogue.build(strategy, given)
        parameters = tuple(given.items())
    bankroll_minor = BANKROLL.default if betting is None else betting.bankroll_minor
    if words.bankroll is not None:
        try:
            bankroll_minor = BANKROLL.read(words.bankroll)
        except StrategyError as error:
            raise UsageError(f"--{error}") from None
    return BacktestQuestion(
        bookmaker=words.bookmaker,
        span=span,
        strategy=strategy,
        parameters=parameters,
        bankroll_minor=bankroll_minor,
        currency="EUR" if betting is None else betting.currency,
    )


def _given(words: Words) -> dict[str, str]:
    given = {
        name: value
        for name, value in (("stake", words.stake), ("cashout", words.cashout))
        if value is not None
    }
    for pair in words.parameters:
        name, equals, value = pair.partition("=")
        if not name or not equals:
            raise UsageError(f"--set {pair}: is not name=value, as limit=50")
        if name.strip() in given:
            raise UsageError(f"--set {pair}: {name.strip()} is given twice; give it once")
        given[name.strip()] = value.strip()
    return given


def _print(place: Place, answer: Backtest) -> None:
    place.console.print()
    place.console.print(texts.safe(f"Paper backtest: {answer.sample.scope.bookmaker}"), style="bold")
    place.say(*sample_lines(place, answer.sample))
    place.show(sheet_of(strategies.COLUMNS, strategies.rows(answer)))
    place.show_facts(strategies.facts(answer))
    place.console.print()
    place.console.print(texts.safe(sentence(answer.note)))
