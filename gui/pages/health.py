"""The health page: writer and workers as they run, and the findings of the health check."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from data_layer.engine import BoardSnapshot
from gui.dependencies import HealthCheck, WindowDependencies
from gui.errands import Errands
from gui.pages.page import Page
from gui.theme import Theme
from gui.view_models import health, running
from gui.view_models.condition import rhythm_us
from gui.view_models.tones import Tone
from gui.widgets.buttons import FlatButton
from gui.widgets.figures import FigureStrip
from gui.widgets.finding_list import FindingList
from gui.widgets.panel import Panel
from gui.widgets.scroll_bar import scrolling, slim
from gui.widgets.table import DataTable

_SECOND_MS = 1_000
_SIDE_BY_SIDE_FROM = 940  # pixels of width
_ROUNDS_OF_RHYTHM = 32
_LEAST_PART = 230


class HealthPage(Page):
    """What runs is shown every second from the live board, the check once a minute while the page is open."""

    title = "Health"
    icon = "health"

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(dependencies, theme, parent)
        self._errands = Errands("health check", self)
        self._checks: tuple[HealthCheck, ...] = ()
        self._checked_at_us: int | None = None
        self._checking = False
        self._failure = ""
        self._make_parts(theme)
        self._arrange(theme)
        self._ticks = QTimer(self)
        self._ticks.setInterval(_SECOND_MS)
        self._ticks.timeout.connect(self.refresh)

    def _make_parts(self, theme: Theme) -> None:
        self.writer = Panel("Writer", theme, self)
        self.figures = FigureStrip(theme, self.writer)
        self.writer.body.addWidget(self.figures)
        self.workers = Panel("Workers", theme, self)
        self.table = DataTable(theme, "workers", self.workers)
        self.workers.body.addWidget(self.table, 1)
        self.check = Panel("Health check", theme, self)
        self.findings = FindingList(theme, self.check)
        self._area = scrolling(self.findings, theme, self.check)
        slim(self._area, theme)
        self.copy_button = FlatButton("Copy", theme, self.check)
        self.copy_button.clicked.connect(self._copy)
        self.again_button = FlatButton("Check again", theme, self.check)
        self.again_button.clicked.connect(self.run_check)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch(1)
        for button in (self.copy_button, self.again_button):
            foot.addWidget(button)
        self.check.body.addWidget(self._area, 1)
        self.check.body.addLayout(foot)
        for panel in (self.workers, self.check):
            panel.setMinimumHeight(_LEAST_PART)

    def _arrange(self, theme: Theme) -> None:
        self._below = QSplitter(Qt.Orientation.Horizontal, self)
        self._below.setHandleWidth(12)
        self._below.setChildrenCollapsible(False)
        for panel, share in ((self.workers, 3), (self.check, 2)):
            self._below.addWidget(panel)
            self._below.setStretchFactor(self._below.count() - 1, share)
        self._below.setSizes([600, 400])
        content = QWidget(self)
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(12)
        inner.addWidget(self.writer)
        inner.addWidget(self._below, 1)
        self._page_area = scrolling(content, theme, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.addWidget(self._page_area)

    # What runs.

    def refresh(self) -> None:
        """Show the board of this moment and the age of the check; check again when that is due."""
        self._show_running(self.dependencies.live.snapshot())
        self._show_check()
        now_us = self.dependencies.now_us()
        if self._checked_at_us is None or now_us - self._checked_at_us >= health.CHECK_EVERY_US:
            self.run_check()

    def _show_running(self, snapshot: BoardSnapshot) -> None:
        now_us, monotonic_us = self.dependencies.now_us(), self.dependencies.monotonic_us()
        text, light = running.writer_words(snapshot, monotonic_us=monotonic_us)
        self.writer.bar.show_state(note=text, tone=_note_tone(light.tone), light=light)
        self.figures.show_figures(
            running.writer_figures(
                snapshot, self.dependencies.redis.status(), now_us=now_us, monotonic_us=monotonic_us
            )
        )
        recent = self.dependencies.last_rounds.recent
        names = [worker.status.bookmaker for worker in snapshot.workers]
        rhythms = {name: rhythm_us(recent(name, _ROUNDS_OF_RHYTHM)) for name in names}
        rows = running.worker_rows(snapshot, rhythms, now_us=now_us, monotonic_us=monotonic_us)
        summary, summary_light = running.workers_summary(snapshot)
        self.workers.bar.show_state(note=summary, light=summary_light)
        self.table.show_table(running.WORKER_COLUMNS, rows, "No bookmakers are configured.")

    # The check.

    def run_check(self) -> None:
        """Have everything checked, on a thread of its own; one check at a time."""
        if self._checking:
            return
        self._checking = True
        self._show_check()
        self._errands.run(self.dependencies.health, self._on_checked, self._on_failed)

    def _on_checked(self, checks: Sequence[HealthCheck]) -> None:
        self._checks, self._failure = tuple(checks), ""
        self._end_check()

    def _on_failed(self, reason: str) -> None:
        self._failure = f"The check itself failed: {reason}"
        self._end_check()

    def _end_check(self) -> None:
        self._checking = False
        self._checked_at_us = self.dependencies.now_us()
        self._show_check()

    def _show_check(self) -> None:
        note, tone = health.check_note(
            self._checked_at_us, self.dependencies.now_us(), running=self._checking
        )
        light = None
        if self._failure:
            note, tone = self._failure, Tone.BAD
        elif self._checks:
            text, light = health.summary(self._checks)
            note = f"{text}, {note}"
        self.check.bar.show_state(note=note, tone=tone, light=light)
        self.again_button.setEnabled(not self._checking)
        self.copy_button.setEnabled(bool(self._checks))
        empty = "Not checked yet." if self._checked_at_us is None else "There was nothing to check."
        self.findings.show_findings(
            health.findings(self._checks), "Checking, this takes a moment." if self._checking else empty
        )

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(health.as_text(self._checks))

    # What Qt and the window say.

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up and go on."""
        self.refresh()
        self._ticks.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        self._ticks.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put workers and check side by side where they fit."""
        wide = event.size().width() >= _SIDE_BY_SIDE_FROM
        self._below.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)
        super().resizeEvent(event)

    def apply_theme(self, theme: Theme) -> None:
        """Show the page in other colours."""
        super().apply_theme(theme)
        slim(self._area, theme)
        slim(self._page_area, theme, "bg")
        for panel in (self.writer, self.workers, self.check):
            panel.set_theme(theme)
        for part in (self.figures, self.table, self.findings, self.copy_button, self.again_button):
            part.set_theme(theme)

    def release(self) -> None:
        """End clock and thread."""
        self._ticks.stop()
        self._errands.stop()


def _note_tone(tone: Tone) -> Tone:
    return tone if tone in (Tone.WARN, Tone.BAD) else Tone.MUTED
