"""The choices over a backtest: whose rounds, which strategy with which parameters, how much money."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.theme import Theme
from gui.view_models import strategy_form
from gui.view_models.analytics.choices import OWN_TIMES
from gui.view_models.strategy_form import END_FIELD, FIRST_RANGE, START_FIELD, Form
from gui.view_models.tones import Tone
from gui.view_models.words import RANGE_WORDS
from gui.widgets.buttons import FlatButton
from gui.widgets.caption import Caption
from gui.widgets.entry_field import EntryField
from gui.widgets.fields import ChoiceField
from gui.widgets.flow import Flow
from gui.widgets.segments import Segments

PLAY, PLAYING = "Play on paper", "playing"
_RANGES = (*RANGE_WORDS.items(), (OWN_TIMES, "two times"))


class StrategyLine(QWidget):
    """Says when the operator wants the strategy played."""

    wanted = Signal()

    def __init__(self, theme: Theme, first_times: tuple[str, str], parent: QWidget | None = None) -> None:
        """`first_times` are the two times to begin with, once such are chosen."""
        super().__init__(parent)
        self._theme = theme
        self._strategies = strategy_form.strategies()
        self._typed: dict[tuple[str, str], str] = {}  # by strategy and field
        self._fields: dict[str, EntryField] = {}
        self._trouble = ""
        self.setAccessibleName("choices")
        self.whose, self.how = Flow(self), Flow(self)
        self._make(theme)
        self._make_times(theme, first_times)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for part in (self.whose, self.how, self.caption):
            column.addWidget(part)
        self._show_strategy()

    def _make(self, theme: Theme) -> None:
        first = Form()
        self.bookmakers = ChoiceField("Whose rounds", theme, self)
        self.ranges = Segments("Range", _RANGES, theme, self)
        self.ranges.choose(FIRST_RANGE)
        self.strategies = ChoiceField("Strategy", theme, self)
        self.strategies.addItems([title for _, title in self._strategies])
        self.bankroll = EntryField("Paper money to begin with", (), theme, self, label="bankroll", width=78)
        self.bankroll.show_text(first.bankroll)
        self.play = FlatButton(PLAY, theme, self)
        self.caption = Caption(theme, self, pixels=12)
        self.strategies.activated.connect(lambda _: self._show_strategy())
        self.bankroll.line.returnPressed.connect(self.wanted)
        self.play.clicked.connect(self.wanted)

    def _make_times(self, theme: Theme, first_times: tuple[str, str]) -> None:
        self.start = EntryField("First time", (), theme, self, label=START_FIELD, width=112)
        self.end = EntryField("Second time", ("now",), theme, self, label=END_FIELD, width=112)
        for field, text in zip((self.start, self.end), first_times, strict=True):
            field.show_text(text)
            field.hide()
            field.line.returnPressed.connect(self.wanted)
        for part in (self.bookmakers, self.ranges, self.start, self.end):
            self.whose.add(part)
        self.ranges.chosen.connect(self.choose_range)

    @property
    def strategy(self) -> str:
        """The name of the chosen one."""
        return self._strategies[max(0, self.strategies.currentIndex())][0]

    @property
    def form(self) -> Form:
        """What is chosen."""
        return Form(
            bookmaker=self.bookmakers.currentText(),
            strategy=self.strategy,
            texts={name: field.text for name, field in self._fields.items()},
            bankroll=self.bankroll.text,
            range_name=self.ranges.key,
            start=self.start.text,
            end=self.end.text,
        )

    def choose_range(self, name: str) -> None:
        """Choose a named range, or let two times be typed."""
        self.ranges.choose(name)
        for field in (self.start, self.end):
            field.setVisible(name == OWN_TIMES)
        self.whose.arrange()

    def choose_strategy(self, name: str) -> None:
        """Choose another one."""
        self.strategies.setCurrentIndex([known for known, _ in self._strategies].index(name))
        self._show_strategy()

    def show_bookmakers(self, names: Sequence[str]) -> None:
        """Offer these; the chosen one stays."""
        known = [self.bookmakers.itemText(index) for index in range(self.bookmakers.count())]
        if list(names) == known:
            return
        chosen = self.bookmakers.currentText()
        self.bookmakers.clear()
        self.bookmakers.addItems(list(names))
        if chosen in names:
            self.bookmakers.setCurrentText(chosen)
        self.whose.arrange()

    def field(self, name: str) -> EntryField | None:
        """Return the field of a parameter."""
        return self._lasting.get(name) or self._fields.get(name)

    @property
    def _lasting(self) -> dict[str, EntryField]:
        return {"bankroll": self.bankroll, START_FIELD: self.start, END_FIELD: self.end}

    def show_trouble(self, text: str, field_name: str = "") -> None:
        """Say what cannot be used; empty when all can."""
        for name, field in (*self._fields.items(), *self._lasting.items()):
            field.show_text(field.text, wrong=bool(text) and name == field_name)
        self._trouble = text
        self._say()

    def show_playing(self, playing: bool) -> None:
        """Show whether an answer is awaited."""
        self.play.set_text(PLAYING if playing else PLAY)
        self.play.setEnabled(not playing)
        self.how.arrange()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        for part in (
            self.bookmakers, self.ranges, self.start, self.end, self.strategies, self.bankroll, self.play,
            self.caption,
        ):  # fmt: skip
            part.set_theme(theme)
        for field in self._fields.values():
            field.set_theme(theme)

    def _show_strategy(self) -> None:
        """Show the fields that the strategy has; what was typed for another one is kept for it."""
        for field in self._fields.values():
            field.hide()
            field.deleteLater()
        strategy = self.strategy
        self._fields = {}
        self.how.clear()
        for view in strategy_form.fields(strategy):
            field = EntryField(view.tip, (), self._theme, self.how, label=view.name, width=view.width)
            field.show_text(self._typed.get((strategy, view.name), view.text))
            field.line.textEdited.connect(
                lambda text, name=view.name: self._typed.__setitem__((strategy, name), text)
            )
            field.line.returnPressed.connect(self.wanted)
            self._fields[view.name] = field
        for part in (self.strategies, *self._fields.values(), self.bankroll, self.play):
            self.how.add(part)
            part.show()
        self._trouble = ""
        self._say()

    def _say(self) -> None:
        self.caption.set_tone(Tone.BAD if self._trouble else Tone.MUTED)
        self.caption.set_text(self._trouble or strategy_form.explanation(self.strategy))
