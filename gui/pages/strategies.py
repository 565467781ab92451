"""The strategies page: a strategy played on paper over recorded rounds, beside what the edge alone leaves.

Nothing here can place a bet.
"""

from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from data_layer.analytics.questions import Answer, Backtest, BacktestQuestion
from data_layer.engine import BoardSnapshot
from gui.dependencies import WindowDependencies
from gui.errands import Errands
from gui.inquiries import Inquiries, Inquiry
from gui.pages.page import Page
from gui.theme import Theme
from gui.time_zone import zone_name
from gui.view_models import strategies, strategy_form
from gui.view_models.analytics import choices
from gui.view_models.analytics.panels import Asked, PanelBar, bar
from gui.view_models.stats_view import configured, in_order
from gui.view_models.strategies import BacktestView
from gui.view_models.strategy_form import Form, FormError
from gui.view_models.tones import Tone
from gui.widgets.analytics.answer_panel import AnswerPanel
from gui.widgets.analytics.bankroll_plot import BankrollPlot
from gui.widgets.caption import Caption
from gui.widgets.facts import Facts
from gui.widgets.figures import FigureStrip
from gui.widgets.scroll_bar import scrolling, slim
from gui.widgets.strategy_line import StrategyLine

_TICK_MS = 500
_GAP = 12
_NOBODY = "This window was given no database of rounds, so there is nothing to play over."
_NOTHING_YET = "Choose a strategy and press Play on paper. Nothing is placed; no strategy changes the edge."
_AFTER_US = 3_600_000_000  # a result of rounds long gone does not go stale: only the range it speaks of moves


class BacktestPanel(AnswerPanel):
    """Honest words, figures with the expected loss among them, the course of the bankroll, and the rest."""

    title = "Played on paper"

    def __init__(self, theme: Theme, errands: Errands, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._errands = errands

    def build(self) -> None:
        """Make the content."""
        self.honest = Caption(self._theme, self.content, pixels=12, tone=Tone.TEXT)
        self.figures = FigureStrip(self._theme, self.content)
        self.plot = BankrollPlot("paper bankroll", self._theme, self._errands, self.content)
        self.facts = Facts(self._theme, self.content)
        self.keep(self.honest, self.figures, self.plot, self.facts)
        for part in (self.honest, self.figures, self.plot, self.facts):
            self.column.addWidget(part)

    @property
    def is_drawn(self) -> bool:
        """Whether the curve of the answer can be seen, or there is none."""
        return not self._built or self.plot.ready

    def show_content(self, view: BacktestView) -> None:
        """Show an answer that was made ready."""
        self.honest.set_text(view.honest)
        self.figures.show_figures(view.figures)
        self.plot.show_curve(view.curve, strategies.CURVE_TITLE)
        self.facts.show_facts(view.facts)


class StrategiesPage(Page):
    """Plays when the operator says so; what was played stays until the next result is there."""

    title = "Strategies"
    icon = "strategies"

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(dependencies, theme, parent)
        self._timezone = zone_name(dependencies.settings.timezone)
        self._errands = Errands("strategies page", self)
        self._inquiries = None if dependencies.analyst is None else Inquiries(dependencies.analyst, self)
        self._asked = Asked()
        self._reading_form = False
        self._snapshot: BoardSnapshot | None = None
        first_times = choices.first_times(self._timezone, dependencies.now_us())
        self.line = StrategyLine(theme, first_times, self)
        self.panel = BacktestPanel(theme, self._errands)
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.panel)
        column.addStretch(1)
        self.area = scrolling(content, theme, self)
        page = QVBoxLayout(self)
        page.setContentsMargins(14, 12, 14, 14)
        page.setSpacing(_GAP)
        page.addWidget(self.line)
        page.addWidget(self.area, 1)
        self._ticks = QTimer(self)
        self._ticks.setInterval(_TICK_MS)
        self._ticks.timeout.connect(self.refresh)
        self.line.wanted.connect(self.play)

    # Questions and answers.

    def play(self) -> None:
        """Have the chosen strategy played. The form is read on another thread: it may name a file."""
        if self._inquiries is None or self._reading_form:
            self._show_bar()
            return
        form, now_us = self.line.form, self.dependencies.now_us()
        currency = self.dependencies.settings.currencies.get(form.bookmaker, form.currency)
        form = replace(form, currency=currency)
        self._reading_form = True
        self.line.show_trouble("")
        self.line.show_playing(True)
        self._errands.run(lambda: _read(form, self._timezone, now_us), self._ask, self._fail)

    def _ask(self, found: BacktestQuestion | FormError) -> None:
        self._reading_form = False
        if isinstance(found, FormError):
            self.line.show_playing(False)
            self.line.show_trouble(str(found), found.field)
            return
        assert self._inquiries is not None
        now_us = self.dependencies.now_us()
        self._asked = replace(self._asked, wanted=found, asked_at_us=now_us, trouble="")
        zone, clock = self._timezone, self.dependencies.now_us
        self._inquiries.ask(
            Inquiry("backtest", found, lambda answer: _made(answer, zone, clock()), self._answer, self._fail)
        )
        self._show_bar()

    def _answer(self, answer: Answer, view: BacktestView) -> None:
        self._asked = Asked(
            wanted=self._asked.wanted,
            sample=answer.sample,
            question=self._asked.wanted,
            answered_at_us=self.dependencies.now_us(),
        )
        self.line.show_playing(False)
        self.panel.show_answer(view)
        self._show_bar()

    def _fail(self, reason: str) -> None:
        self._reading_form = False
        self._asked = replace(self._asked, asked_at_us=None, trouble=reason)
        self.line.show_playing(False)
        self.line.show_trouble(reason)
        self._show_bar()

    def refresh(self) -> None:
        """Show who there is and how far the question has come."""
        self._show_bookmakers()
        self._show_bar()

    def _show_bar(self) -> None:
        if self._inquiries is None:
            self.panel.show_bar(PanelBar(note="no answer", tone=Tone.MUTED, message=_NOBODY))
            return
        if self._asked == Asked():
            self.panel.show_bar(PanelBar(message=_NOTHING_YET))
            return
        now_us = self.dependencies.now_us()
        age_us = now_us - self._asked.answered_at_us
        seen_us = now_us if self._asked.asked_at_us or age_us > _AFTER_US else self._asked.answered_at_us
        self.panel.show_bar(bar(self._asked, now_us=seen_us, timezone=self._timezone))

    def _show_bookmakers(self) -> None:
        analyst, snapshot = self.dependencies.analyst, self._snapshot
        known = list(analyst.bookmakers()) if analyst is not None else []
        names = [] if snapshot is None else configured(snapshot)
        self.line.show_bookmakers(in_order(names, known))

    # What Qt and the window say.

    def is_settling(self) -> bool:
        """Tell whether an answer or the curve is still to come."""
        return self._reading_form or self._asked.asked_at_us is not None or not self.panel.is_drawn

    def show_board(self, snapshot: BoardSnapshot) -> None:
        """Remember who there is."""
        self._snapshot = snapshot

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up; the first time play what is chosen to begin with."""
        self.refresh()
        self._ticks.start()
        if self._asked == Asked() and self.line.form.bookmaker:
            self.play()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        self._ticks.stop()

    def apply_theme(self, theme: Theme) -> None:
        """Show the page in other colours."""
        super().apply_theme(theme)
        slim(self.area, theme, "bg")
        self.line.set_theme(theme)
        self.panel.set_theme(theme)

    def release(self) -> None:
        """End clock, questions and thread."""
        self._ticks.stop()
        if self._inquiries is not None:
            self._inquiries.stop()
        self._errands.stop()


def _read(form: Form, timezone: str, now_us: int) -> BacktestQuestion | FormError:
    try:
        return strategy_form.question(form, strategy_form.span(form, timezone, now_us))
    except FormError as error:
        return error


def _made(answer: Answer, timezone: str, now_us: int) -> BacktestView:
    assert isinstance(answer, Backtest)
    return strategies.view(answer, timezone, now_us)
