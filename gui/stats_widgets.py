"""The four statistics of the window: recorded rounds, paper bets, colour samples, sessions.

The first three come from the reader's cached results: they are shown anew when the reader says that it has
another result, and every second for the ages in them. None of them ever waits for the reader. Sessions come
from the live board, so they are of this moment.
"""

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QWidget

from data_layer.engine import BoardSnapshot, WorkerView
from gui.dependencies import CollectorStats, WindowDependencies
from gui.feed import Feed
from gui.theme import Theme, font
from gui.view_models import betting_stats, data_stats, rgb_stats, session_stats
from gui.view_models.stats_view import StatsView, configured
from gui.view_models.tones import Tone
from gui.widgets.figures import FigureStrip
from gui.widgets.panel import Panel
from gui.widgets.table import DataTable

_SECOND_MS = 1_000


class StatsWidget(Panel):
    """Totals over a table with one row per bookmaker; works only while it can be seen."""

    title = ""

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(self.title, theme, parent)
        self.dependencies = dependencies
        self._figures = FigureStrip(theme, self)
        self._hint = QLabel(self)
        self._hint.setWordWrap(True)
        self._hint.setFont(font(12))
        self._hint.hide()
        self.table = DataTable(theme, self.title, self)
        for part in (self._figures, self._hint):
            self.body.addWidget(part)
        self.body.addWidget(self.table, 1)
        self._shown: StatsView | None = None
        self._ticks = QTimer(self)
        self._ticks.setInterval(_SECOND_MS)
        self._ticks.timeout.connect(self.refresh)
        self._color_hint()

    @property
    def shown(self) -> StatsView | None:
        """What is on the screen; None before the first time."""
        return self._shown

    def make_view(self) -> StatsView:
        """Return what is to be shown now. Must not wait for anything."""
        raise AssertionError("each of the four says this for itself")

    def refresh(self) -> None:
        """Show what there is now; what has not changed is not painted again."""
        view = self.make_view()
        if view == self._shown:
            return
        self._shown = view
        self.bar.show_state(span=view.span, tag=view.tag, note=view.note, tone=view.note_tone)
        self._figures.show_figures(view.figures)
        self._hint.setText(view.hint)
        self._hint.setVisible(bool(view.hint))
        self.table.show_table(view.columns, view.rows, view.empty)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        super().set_theme(theme)
        self._figures.set_theme(theme)
        self.table.set_theme(theme)
        self._color_hint()

    def release(self) -> None:
        """Stop the clock. Called once, before the widget goes."""
        self._ticks.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up and go on."""
        self.refresh()
        self._ticks.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody looks."""
        self._ticks.stop()

    def _color_hint(self) -> None:
        palette = self._hint.palette()
        palette.setColor(self._hint.foregroundRole(), self._theme.color(Tone.MUTED))
        self._hint.setPalette(palette)


class _ReaderStats(StatsWidget):
    """One of the three that the reader serves."""

    collector_type = ""

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(dependencies, theme, parent)
        self._feed = Feed(reader=dependencies.reader, parent=self)
        self._feed.stats_changed.connect(self._on_news)

    def _on_news(self, collector_type: str) -> None:
        if collector_type == self.collector_type and self.isVisible():
            self.refresh()

    def release(self) -> None:
        """End the subscription."""
        super().release()
        self._feed.stop()


class DataCollectorStats(_ReaderStats):
    """Recorded rounds. Shows the reader's own range unless `show_stats` gave a result of another one."""

    title = data_stats.TITLE
    collector_type = "data_collector"

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(dependencies, theme, parent)
        self._given: CollectorStats | None = None
        self._trouble = ""
        self._waiting = ""
        self._uses_own = True
        self.news: Callable[[], None] = lambda: None  # called when the reader has something new

    def show_stats(self, stats: CollectorStats | None, trouble: str = "") -> None:
        """Show a result that somebody else asked the reader for, and what hindered the last attempt."""
        self._given, self._trouble, self._uses_own = stats, trouble, False
        self._waiting = ""
        self.refresh()

    def show_own(self) -> None:
        """Show the reader's own range again."""
        self._uses_own, self._waiting = True, ""
        self.refresh()

    def show_waiting(self, words: str) -> None:
        """Say what is awaited, and leave what is shown, which names its own window, until it comes."""
        self._waiting = words
        self.refresh()

    def make_view(self) -> StatsView:
        """Return the rounds of the range."""
        reader = self.dependencies.reader
        stats = reader.peek(self.collector_type) if self._uses_own else self._given
        view = data_stats.view(
            stats,
            names=configured(self.dependencies.live.snapshot()),
            now_us=self.dependencies.now_us(),
            trouble=reader.trouble or ("" if self._uses_own else self._trouble),
        )
        return replace(view, note=self._waiting, note_tone=Tone.MUTED) if self._waiting else view

    def _on_news(self, collector_type: str) -> None:
        if collector_type == self.collector_type and self.isVisible():
            self.news()
            self.refresh()


class BettingAgentStats(_ReaderStats):
    """Bets on paper."""

    title = betting_stats.TITLE
    collector_type = "betting_agent"

    def make_view(self) -> StatsView:
        """Return the paper bets of all time."""
        dependencies = self.dependencies
        return betting_stats.view(
            dependencies.reader.peek(self.collector_type),
            workers=_by_name(dependencies.live.snapshot()),
            now_us=dependencies.now_us(),
            monotonic_us=dependencies.monotonic_us(),
            trouble=dependencies.reader.trouble,
            returns=dependencies.settings.returns,
        )


class RGBCollectorStats(_ReaderStats):
    """Colour samples of screen regions."""

    title = rgb_stats.TITLE
    collector_type = "rgb_collector"

    def make_view(self) -> StatsView:
        """Return the colour samples of all time."""
        dependencies = self.dependencies
        return rgb_stats.view(
            dependencies.reader.peek(self.collector_type),
            workers=_by_name(dependencies.live.snapshot()),
            now_us=dependencies.now_us(),
            monotonic_us=dependencies.monotonic_us(),
            trouble=dependencies.reader.trouble,
        )


class SessionKeeperStats(StatsWidget):
    """Sessions, every second, from memory."""

    title = session_stats.TITLE

    def make_view(self) -> StatsView:
        """Return the sessions of this moment."""
        dependencies = self.dependencies
        return session_stats.view(
            dependencies.live.snapshot(),
            now_us=dependencies.now_us(),
            monotonic_us=dependencies.monotonic_us(),
        )


def _by_name(snapshot: BoardSnapshot) -> dict[str, WorkerView]:
    return {worker.status.bookmaker: worker for worker in snapshot.workers}
