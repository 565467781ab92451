"""The data page: recorded rounds of every bookmaker in a range of the operator's choice."""

from collections.abc import Mapping

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.dependencies import CollectorStats, WindowDependencies
from gui.errands import Errands
from gui.pages.page import Page
from gui.stats_widgets import DataCollectorStats
from gui.theme import Theme
from gui.view_models.words import RANGE_WORDS, range_words
from gui.widgets.segments import Segments

_CHOOSER_BESIDE_FROM = 780  # pixels of width
OWN_RANGE = "24h"  # the range that the reader keeps current by itself


class DataPage(Page):
    """DataCollectorStats under a chooser of ranges."""

    title = "Data"
    icon = "data"

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(dependencies, theme, parent)
        self._errands = Errands("range statistics", self)
        self._asked = ""  # the range whose answer is awaited
        self._newest: CollectorStats | None = None
        self.stats = DataCollectorStats(dependencies, theme, self)
        self.stats.news = self._ask
        self.ranges = Segments("Range", tuple(RANGE_WORDS.items()), theme, self)
        self.ranges.choose(OWN_RANGE)
        self.ranges.chosen.connect(self.choose_range)
        self._beside = True
        self.stats.tools.addWidget(self.ranges)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.addWidget(self.stats)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the chooser beside the title, or below it where the title needs the line."""
        beside = event.size().width() >= _CHOOSER_BESIDE_FROM
        if beside != self._beside:
            self._beside = beside
            if beside:
                self.stats.tools.addWidget(self.ranges)
            else:
                self.stats.body.insertWidget(1, self.ranges)
        super().resizeEvent(event)

    def choose_range(self, name: str) -> None:
        """Show another range: at once the one kept current, any other as soon as the reader has read it."""
        self.ranges.choose(name)
        self._newest = None
        if name == OWN_RANGE:
            self.stats.show_own()
        else:
            self.stats.show_waiting(f"reading {range_words(name)}")
            self._ask()

    def _ask(self) -> None:
        """Have the chosen range read, one request at a time."""
        name = self.ranges.key
        if name == OWN_RANGE or self._asked == name:
            return
        self._asked = name
        reader = self.dependencies.reader
        self._errands.run(
            lambda: reader.get_round_stats(name),
            lambda stats: self._answer(name, stats, ""),
            lambda reason: self._answer(name, None, reason),
        )

    def _answer(self, name: str, stats: CollectorStats | None, trouble: str) -> None:
        if self._asked == name:
            self._asked = ""
        if name != self.ranges.key:
            return
        if stats is not None:
            self._newest = stats
        self.stats.show_stats(self._newest, trouble)

    def remembered(self) -> dict[str, str]:
        """Return the range where it is another than it began with."""
        return {} if self.ranges.key == OWN_RANGE else {"range": self.ranges.key}

    def recall(self, words: Mapping[str, str]) -> None:
        """Show the range of the run before."""
        if words.get("range") in RANGE_WORDS:
            self.choose_range(words["range"])

    def apply_theme(self, theme: Theme) -> None:
        """Show the page in other colours."""
        super().apply_theme(theme)
        self.stats.set_theme(theme)
        self.ranges.set_theme(theme)

    def release(self) -> None:
        """End subscription and thread."""
        self.stats.release()
        self._errands.stop()
