"""The analytics page: what the recorded rounds say, one panel below the other under one line of choices."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from data_layer.analytics.questions import Answer, Question
from data_layer.engine import BoardSnapshot
from gui.dependencies import WindowDependencies
from gui.errands import Errands
from gui.inquiries import Inquiries, Inquiry
from gui.pages.page import Page
from gui.theme import Theme
from gui.time_zone import zone_name
from gui.view_models.analytics.choices import Bucket, Choices, as_words, bucket_words, from_words
from gui.view_models.analytics.panels import ASK_EVERY_US, Asked, PanelBar, bar
from gui.view_models.analytics.sections import SECTIONS, Section
from gui.view_models.stats_view import configured, in_order
from gui.view_models.tones import Tone
from gui.widgets.analytics.answer_panel import AnswerPanel
from gui.widgets.analytics.choice_line import ChoiceLine
from gui.widgets.analytics.panels import (
    ChangePanel,
    DistributionPanel,
    DriftPanel,
    IntegrityPanel,
    IntervalsPanel,
    StreaksPanel,
)
from gui.widgets.scroll_bar import scrolling, slim

_TICK_MS = 500
_DEBOUNCE_MS = 200
_GAP = 12
_TWO_COLUMNS_FROM = 1_560  # pixels of width
_LEFT_COLUMN = ("distribution", "change", "drift")
_NOBODY = "This window was given no database of rounds, so there is nothing to compute from."


class AnalyticsPage(Page):
    """Asks again every 30 s while it can be seen, and a moment after the choices have changed."""

    title = "Analytics"
    icon = "analytics"

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(dependencies, theme, parent)
        settings = dependencies.settings
        self._usual = Choices(
            thresholds_centi=settings.thresholds_centi,
            timezone=zone_name(settings.timezone),
            alpha=settings.alpha,
        )
        self._errands = Errands("analytics page", self)
        self._inquiries = None if dependencies.analyst is None else Inquiries(dependencies.analyst, self)
        self._asked = {section.name: Asked() for section in SECTIONS}
        self._last_asked_us: int | None = None
        self._snapshot: BoardSnapshot | None = None
        self._has_zones = False
        self.line = ChoiceLine(self._usual, theme, dependencies.now_us, self)
        self.panels = self._make_panels(theme)
        self._arrange(theme)
        self._connect()

    def _make_panels(self, theme: Theme) -> dict[str, AnswerPanel]:
        self.intervals = IntervalsPanel(theme)
        self.intervals.length.show_text(bucket_words(Bucket()))
        return {
            "distribution": DistributionPanel(theme, self._errands),
            "change": ChangePanel(theme),
            "streaks": StreaksPanel(theme),
            "intervals": self.intervals,
            "drift": DriftPanel(theme),
            "integrity": IntegrityPanel(theme),
        }

    def _arrange(self, theme: Theme) -> None:
        content = QWidget(self)
        row = QHBoxLayout(content)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_GAP)
        self._columns = (QVBoxLayout(), QVBoxLayout())
        for column in self._columns:
            column.setSpacing(_GAP)
            row.addLayout(column, 1)
        self._two = False
        for panel in self.panels.values():
            self._columns[0].addWidget(panel)
        self._columns[0].addStretch(1)
        row.setStretch(1, 0)
        self._row = row
        self.area = scrolling(content, theme, self)
        self.area.setAccessibleName("panels")
        page = QVBoxLayout(self)
        page.setContentsMargins(14, 12, 14, 14)
        page.setSpacing(_GAP)
        page.addWidget(self.line)
        page.addWidget(self.area, 1)

    def _connect(self) -> None:
        self._debounce = QTimer(self)
        self._debounce.setSingleShot(True)
        self._debounce.setInterval(_DEBOUNCE_MS)
        self._debounce.timeout.connect(lambda: self.ask())
        self._ticks = QTimer(self)
        self._ticks.setInterval(_TICK_MS)
        self._ticks.timeout.connect(self.refresh)
        self.line.changed.connect(self._debounce.start)
        self.intervals.bucket_entered.connect(
            lambda text: self.line.enter_bucket(text, self.intervals.length)
        )

    # Questions and answers.

    def ask(self, *, renew: bool = False) -> None:
        """Ask what the choices ask for and was not answered yet, with `renew` also what was.

        What is under way already is not asked twice.
        """
        analyst = self.dependencies.analyst
        if self._inquiries is None or analyst is None:
            for panel in self.panels.values():
                panel.show_bar(PanelBar(note="no answer", tone=Tone.MUTED, message=_NOBODY))
            return
        self._show_scopes()
        choices, now_us = self.line.choices, self.dependencies.now_us()
        if renew:
            self._last_asked_us = now_us
        for section in SECTIONS:
            question, asked = section.question(choices), self._asked[section.name]
            if not renew and question == asked.question and not asked.trouble:
                self._inquiries.forget(section.name)
                self._asked[section.name] = replace(asked, wanted=question, asked_at_us=None)
                continue
            self._asked[section.name] = replace(asked, wanted=question, asked_at_us=now_us)
            self._inquiries.ask(self._inquiry(section, question, choices))
        self._show_bars()

    def _inquiry(self, section: Section, question: Question, choices: Choices) -> Inquiry:
        make, clock = section.make, self.dependencies.now_us
        return Inquiry(
            section.name,
            question,
            lambda answer: make(answer, choices, clock()),
            lambda answer, views: self._answer(section, question, answer, views),
            lambda reason: self._fail(section, reason),
        )

    def _answer(self, section: Section, question: Question, answer: Answer, views: tuple[Any, ...]) -> None:
        self._asked[section.name] = Asked(
            wanted=self._asked[section.name].wanted,
            sample=answer.sample,
            question=question,
            answered_at_us=self.dependencies.now_us(),
        )
        for name, view in zip(section.panels, views, strict=True):
            self.panels[name].show_answer(view)
        self._show_bars_of(section)

    def _fail(self, section: Section, reason: str) -> None:
        self._asked[section.name] = replace(self._asked[section.name], asked_at_us=None, trouble=reason)
        self._show_bars_of(section)

    def refresh(self) -> None:
        """Show the ages of this moment; ask again when that is due."""
        last, now_us = self._last_asked_us, self.dependencies.now_us()
        if last is None or now_us - last >= ASK_EVERY_US:
            self.ask(renew=True)
        elif self._inquiries is not None:
            self._show_bars()

    def _show_bars(self) -> None:
        trouble = "" if self.dependencies.analyst is None else self.dependencies.analyst.trouble
        told = [asked.trouble for asked in self._asked.values()]
        self.line.warn("" if trouble in told else trouble)  # every panel says it by itself
        for section in SECTIONS:
            self._show_bars_of(section)

    def _show_bars_of(self, section: Section) -> None:
        now_us, timezone = self.dependencies.now_us(), self.line.choices.timezone
        shown = bar(self._asked[section.name], now_us=now_us, timezone=timezone)
        for name in section.panels:
            self.panels[name].show_bar(shown)

    def _show_scopes(self) -> None:
        analyst, snapshot = self.dependencies.analyst, self._snapshot
        known = list(analyst.bookmakers()) if analyst is not None else []
        names = [] if snapshot is None else configured(snapshot)
        groups = set() if snapshot is None else {worker.status.group for worker in snapshot.workers}
        self.line.show_scopes(in_order(names, known), groups)

    # What Qt and the window say.

    def remembered(self) -> dict[str, str]:
        """Return the choices that are not those it began with."""
        usual = as_words(self._usual)
        return {key: word for key, word in as_words(self.line.choices).items() if word != usual[key]}

    def recall(self, words: Mapping[str, str]) -> None:
        """Take up the choices of the run before."""
        self.line.take(from_words(words, self._usual))
        self.intervals.length.show_text(bucket_words(self.line.choices.bucket))

    def is_settling(self) -> bool:
        """Tell whether an answer or the curve is still to come."""
        distribution = self.panels["distribution"]
        drawn = not isinstance(distribution, DistributionPanel) or distribution.is_drawn
        return any(asked.asked_at_us is not None for asked in self._asked.values()) or not drawn

    def show_board(self, snapshot: BoardSnapshot) -> None:
        """Remember who there is."""
        self._snapshot = snapshot

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up and go on."""
        if not self._has_zones:
            self._has_zones = True
            self._errands.run(_zone_names, self.line.show_zones, lambda reason: None)
        self.refresh()
        self._ticks.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        self._ticks.stop()
        self._debounce.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in two columns where they fit."""
        super().resizeEvent(event)
        two = event.size().width() >= _TWO_COLUMNS_FROM
        if two == self._two:
            return
        self._two = two
        for column in self._columns:
            while column.count():
                column.takeAt(0)
        for name, panel in self.panels.items():
            self._columns[two and name not in _LEFT_COLUMN].addWidget(panel)
        for column in self._columns:
            column.addStretch(1)
        self._row.setStretch(1, int(two))

    def apply_theme(self, theme: Theme) -> None:
        """Show the page in other colours."""
        super().apply_theme(theme)
        slim(self.area, theme, "bg")
        self.line.set_theme(theme)
        for panel in self.panels.values():
            panel.set_theme(theme)

    def release(self) -> None:
        """End clocks, questions and thread."""
        self._ticks.stop()
        self._debounce.stop()
        if self._inquiries is not None:
            self._inquiries.stop()
        self._errands.stop()


def _zone_names() -> list[str]:
    from zoneinfo import available_timezones

    return sorted(available_timezones())
