"""The answer to a backtest as words, figures and a curve; the expected loss stands beside every result."""

from dataclasses import dataclass

from data_layer.analytics.questions import Backtest
from gui.view_models.analytics.choices import local_words
from gui.view_models.analytics.figures import chance_text
from gui.view_models.figure import Figure
from gui.view_models.tables import Column, Row, number_cell, text_cell
from gui.view_models.tones import Tone
from gui.view_models.words import NOTHING, count_text, money_text, percent_text

COLUMNS = (
    Column(key="what", title="", stretch=True),
    Column(key="result", title="on these rounds", numeric=True),
    Column(key="edge", title="by the edge alone", numeric=True),
)
_AMONG_FIGURES = ("deepest fall", "lost in a row")
_ONE_IN_A_MILLION = 1e-6
CURVE_TITLE = "paper bankroll by round; dashed: what the claimed edge alone leaves on average"


@dataclass(frozen=True, kw_only=True, slots=True)
class BankrollCurve:
    """A bankroll over rounds; money in whole units of its currency."""

    rounds: tuple[int, ...] = ()  # rising; the first is 0, before any bet
    bankrolls: tuple[float, ...] = ()
    expected: tuple[float, ...] = ()  # empty without a claim
    readings: tuple[str, ...] = ()  # what is said of each point


@dataclass(frozen=True, kw_only=True, slots=True)
class BacktestView:
    """Everything that is shown of an answer."""

    strategy: str
    honest: str
    figures: tuple[Figure, ...]
    rows: tuple[Row, ...]  # under `COLUMNS`
    facts: tuple[tuple[str, str], ...]
    curve: BankrollCurve


def view(answer: Backtest, timezone: str, now_us: int) -> BacktestView:
    """Return what is shown of an answer."""
    return BacktestView(
        strategy=answer.strategy,
        honest=answer.note,
        figures=figures(answer),
        rows=rows(answer),
        facts=tuple(fact for fact in facts(answer) if fact[0] not in _AMONG_FIGURES),
        curve=curve(answer, timezone, now_us),
    )


def figures(answer: Backtest) -> tuple[Figure, ...]:
    """Return the totals, the expected result right behind the result."""
    profit, currency = answer.final_minor - answer.bankroll_minor, answer.currency
    return (
        Figure(
            label="paper bankroll at the end",
            text=money_text(answer.final_minor, currency),
            tone=Tone.TEXT if answer.ruined_at_round is None else Tone.BAD,
        ),
        Figure(label="paper result", text=money_text(profit, currency, signed=True)),
        Figure(label="expected from the edge", text=_expected(answer)),
        Figure(label="per hour", text=_money(answer.profit_per_hour_minor, currency)),
        Figure(label="deepest fall", text=money_text(answer.drawdown_minor, currency)),
        Figure(label="lost in a row, most", text=count_text(answer.longest_losing)),
        Figure(label="probability of ruin", text=ruin_text(answer)),
    )


def rows(answer: Backtest) -> tuple[Row, ...]:
    """Return result and expectation side by side."""
    profit, loss = answer.final_minor - answer.bankroll_minor, answer.expected_loss_minor
    staked, currency = answer.staked_minor, answer.currency
    left = None if loss is None else round(answer.bankroll_minor - loss)
    returned = NOTHING if loss is None or not staked else percent_text(staked - loss, staked)
    per_hour = None if loss is None or not answer.hours else -loss / answer.hours
    return tuple(
        Row(key=name, cells=(text_cell(name), number_cell(result, None), number_cell(edge, None)))
        for name, result, edge in (
            ("bankroll at the end", money_text(answer.final_minor, currency), money_text(left, currency)),
            ("result", money_text(profit, currency, signed=True), _expected(answer)),
            ("paid back of what was staked", percent_text(answer.paid_out_minor, staked), returned),
            (
                "result per hour",
                _money(answer.profit_per_hour_minor, currency),
                _money(per_hour, currency),
            ),
        )
    )


def facts(answer: Backtest) -> tuple[tuple[str, str], ...]:
    """Return what needs more than a number."""
    won = f"{count_text(answer.won)} won, {percent_text(answer.won, answer.bets)}"
    paid = f"{money_text(answer.paid_out_minor, answer.currency)} paid out"
    ruin = answer.ruin_note if answer.ruin_probability is None else f"{ruin_text(answer)}: {answer.ruin_note}"
    found = [
        ("strategy", answer.strategy),
        ("ruin", ruin),
        ("bets", f"{count_text(answer.bets)}, {won}"),
        ("staked", f"{money_text(answer.staked_minor, answer.currency)}, {paid}"),
        ("deepest fall", f"{money_text(answer.drawdown_minor, answer.currency)} from a high"),
        ("lost in a row", f"{count_text(answer.longest_losing)} at most"),
    ]
    if answer.hours is not None:
        found.append(("time", f"{answer.hours:,.1f} h from the first round to the last that was played"))
    return tuple(found)


def ruin_text(answer: Backtest) -> str:
    """Return the probability of ruin; what resampling never, or always, saw has no more than a bound.

    That is the rule of three (J. A. Hanley and A. Lippman-Hand, 1983), with 95 % confidence.
    """
    chance, paths = answer.ruin_probability, answer.ruin_paths
    if chance is None:
        return NOTHING
    if paths and chance <= 0:
        return f"below {300 / paths:.2f} %"
    if paths and chance >= 1:
        return f"above {100 - 300 / paths:.2f} %"
    return chance_text(chance) if chance > _ONE_IN_A_MILLION else "below 1 in a million"


def curve(answer: Backtest, timezone: str, now_us: int) -> BankrollCurve:
    """Return the bankroll's course, from before the first bet."""
    if not answer.curve:
        return BankrollCurve()
    start = answer.bankroll_minor
    points = answer.curve
    expected = [point.expected_minor for point in points if point.expected_minor is not None]
    claimed = len(expected) == len(points)
    readings = [f"before the first round: {money_text(start, answer.currency)}"]
    for point in points:
        when = "" if point.at_us is None else f", {local_words(point.at_us, timezone, now_us)}"
        edge = ""
        if point.expected_minor is not None:
            edge = f"; by the edge alone {money_text(round(point.expected_minor), answer.currency)}"
        bankroll = money_text(point.bankroll_minor, answer.currency)
        readings.append(f"round {point.round:,}{when}: {bankroll}{edge}")
    return BankrollCurve(
        rounds=(0, *(point.round for point in points)),
        bankrolls=(start / 100, *(point.bankroll_minor / 100 for point in points)),
        expected=(start / 100, *(each / 100 for each in expected)) if claimed else (),
        readings=tuple(readings),
    )


def _expected(answer: Backtest) -> str:
    loss = answer.expected_loss_minor
    return _money(None if loss is None else -loss, answer.currency)


def _money(minor: float | None, currency: str) -> str:
    return money_text(None if minor is None else round(minor), currency, signed=True)
