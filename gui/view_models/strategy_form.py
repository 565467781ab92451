"""What is chosen for a backtest: strategy, parameters, bankroll and range, and the question it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from data_layer.analytics.questions import BacktestQuestion, Span
from data_layer.strategies import catalogue, own_class
from data_layer.strategies.base import StrategyError
from data_layer.strategies.parameters import BANKROLL, LIMIT, Parameter, cut
from gui.view_models.analytics.choices import OWN_TIMES, ChoiceError, parse_times

CLASS_FIELD, SETTINGS_FIELD = "class", "settings"
START_FIELD, END_FIELD = "from", "to"
FIRST_RANGE = "7d"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldView:
    """One field of the form."""

    name: str
    text: str  # to begin with
    tip: str
    width: int = 62  # pixels of its text


class FormError(ValueError):
    """Something that was typed cannot be used; `field` names where, empty where no single one is at fault."""

    def __init__(self, text: str, field_name: str = "") -> None:
        super().__init__(text)
        self.field = field_name


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """Everything that is chosen, as text where it is typed."""

    bookmaker: str = ""
    strategy: str = "flat"
    texts: Mapping[str, str] = field(default_factory=dict)  # of the strategy's fields, by name
    bankroll: str = BANKROLL.show(BANKROLL.default)
    currency: str = "EUR"
    range_name: str = FIRST_RANGE  # a named range, or `OWN_TIMES` with these two:
    start: str = ""
    end: str = ""


def strategies() -> list[tuple[str, str]]:
    """Return the name of every strategy with its title."""
    return [*((kind.name, kind.title) for kind in catalogue.KINDS.values()), (catalogue.OWN, "Own class")]


def explanation(strategy: str) -> str:
    """Return in a sentence what a strategy does."""
    if strategy == catalogue.OWN:
        return (
            "A Python class of your own, a Strategy of data_layer/strategies/base.py. It runs in a process of"
            " its own; one that fails or never returns is stopped and named with its line."
        )
    return catalogue.kind_of(strategy).text


def fields(strategy: str) -> tuple[FieldView, ...]:
    """Return the fields that a strategy has."""
    if strategy == catalogue.OWN:
        return (
            FieldView(name=CLASS_FIELD, text="", tip="File and class, as /home/me/mine.py:Mine", width=230),
            FieldView(
                name=SETTINGS_FIELD,
                text="",
                tip="Keyword arguments of the class, as after=3, unit=2",
                width=110,
            ),
        )
    return tuple(_field(each) for each in catalogue.kind_of(strategy).parameters)


def _field(parameter: Parameter) -> FieldView:
    bounds = f"{parameter.show(parameter.low)} to {parameter.show(parameter.high)}"
    tip = f"{parameter.text[:1].upper()}{parameter.text[1:]}; {bounds}"
    return FieldView(name=parameter.name, text=parameter.show(parameter.default), tip=tip)


def question(form: Form, span: Span) -> BacktestQuestion:
    """Return what to ask. Raises `FormError`."""
    if not form.bookmaker:
        raise FormError("there is no bookmaker whose rounds could be played")
    bankroll_minor = _read(BANKROLL, form.bankroll)
    return BacktestQuestion(
        bookmaker=form.bookmaker,
        span=span,
        strategy=form.strategy,
        parameters=_parameters(form),
        bankroll_minor=bankroll_minor,
        currency=form.currency,
    )


def span(form: Form, timezone: str, now_us: int) -> Span:
    """Return the range that is chosen; two times are local ones. Raises `FormError`."""
    if form.range_name != OWN_TIMES:
        return Span(name=form.range_name)
    try:
        start_us, end_us = parse_times(form.start, form.end, timezone, now_us)
    except ChoiceError as error:
        raise FormError(str(error), START_FIELD) from None
    return Span(start_us=start_us, end_us=end_us)


def _parameters(form: Form) -> tuple[tuple[str, str], ...]:
    if form.strategy == catalogue.OWN:
        return _own_parameters(form.texts)
    known = {each.name: each for each in catalogue.kind_of(form.strategy).parameters}
    read = {name: _read(known[name], text) for name, text in form.texts.items() if name in known}
    shown = {name: known[name].show(value) for name, value in read.items()}
    try:
        catalogue.build(form.strategy, shown)
    except StrategyError as error:
        raise FormError(str(error), LIMIT.name) from None  # each was read: one is beyond the limit
    return tuple(shown.items())


def _own_parameters(texts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    settings = {}
    for part in filter(None, (part.strip() for part in texts.get(SETTINGS_FIELD, "").split(","))):
        name, equals, value = part.partition("=")
        if not equals or not name.strip().isidentifier():
            raise FormError(f"settings: {cut(part)!r} is not as after=3", SETTINGS_FIELD)
        settings[name.strip()] = value.strip()
    try:
        return own_class.parameters(own_class.named(texts.get(CLASS_FIELD, "").strip(), settings))
    except (StrategyError, OSError) as error:
        raise FormError(str(error), CLASS_FIELD) from None


def _read(parameter: Parameter, text: str) -> int:
    try:
        return parameter.read(text)
    except StrategyError as error:
        raise FormError(str(error), parameter.name) from None
