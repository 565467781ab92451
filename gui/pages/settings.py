"""The settings page: what the window lets one choose, and what else is in force and where that is changed."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from data_layer.engine import BoardSnapshot
from gui.dependencies import WindowDependencies
from gui.pages.page import Page
from gui.theme import Theme, font
from gui.view_models import redis, settings
from gui.view_models.tones import Tone
from gui.view_models.wall import WallSize
from gui.widgets.buttons import FlatButton
from gui.widgets.facts import Facts
from gui.widgets.panel import Panel
from gui.widgets.scroll_bar import scrolling, slim
from gui.widgets.segments import Segments
from gui.widgets.table import DataTable

_LABEL_WIDTH = 110


class SettingsPage(Page):
    """Theme and wall size take effect at once: the window hears `theme_wanted` and `wall_size_wanted`."""

    title = "Settings"
    icon = "settings"

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(dependencies, theme, parent)
        content = QWidget(self)
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(12)
        self._labels: list[QLabel] = []
        self._panels = [
            self._look(theme),
            self._redis(theme),
            self._data(theme),
            self._ages(theme),
            self._configuration(theme),
        ]
        for panel in self._panels:
            inner.addWidget(panel, 1 if panel is self._panels[-1] else 0)
        self._area = scrolling(content, theme, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 14)
        column.addWidget(self._area)
        self._color_labels(theme)

    def _look(self, theme: Theme) -> Panel:
        panel = Panel("Look", theme, self)
        self.themes = Segments("Theme", settings.THEME_CHOICES, theme, panel)
        self.themes.choose(theme.name)
        self.themes.chosen.connect(self.theme_wanted)
        self.sizes = Segments("Size of the cards", settings.WALL_CHOICES, theme, panel)
        self.sizes.choose(WallSize.AUTO.value)
        self.sizes.chosen.connect(lambda key: self.wall_size_wanted.emit(WallSize(key)))
        panel.body.addLayout(self._line("Theme", self.themes))
        panel.body.addLayout(self._line("Cards on the wall", self.sizes))
        return panel

    def _redis(self, theme: Theme) -> Panel:
        panel = Panel("Redis", theme, self)
        self.redis = Segments("Redis", redis.CHOICES, theme, panel)
        self.redis.chosen.connect(lambda key: self.dependencies.redis.switch(on=key == "on"))
        self.redis_facts = Facts(theme, panel)
        self.metrics_button = FlatButton("Compute the metrics anew", theme, panel)
        self.metrics_button.clicked.connect(lambda: self.dependencies.redis.compute_metrics())
        panel.tools.addWidget(self.metrics_button)
        panel.body.addLayout(self._line("Use Redis", self.redis))
        panel.body.addWidget(self.redis_facts)
        return panel

    def _data(self, theme: Theme) -> Panel:
        panel = Panel("Data directory", theme, self)
        path = str(self.dependencies.data_dir.absolute())
        panel.bar.show_state(note=f"AVIATOR {self.dependencies.version}".strip())
        self.path = Facts(theme, panel)
        self._path = path
        copy = FlatButton("Copy path", theme, panel)
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(path))
        show = FlatButton("Open", theme, panel)
        show.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(path)))
        self._buttons = (copy, show)
        for button in self._buttons:
            panel.tools.addWidget(button)
        panel.body.addWidget(self.path)
        return panel

    def _ages(self, theme: Theme) -> Panel:
        panel = Panel("When something counts as old", theme, self)
        self.ages = Facts(theme, panel)
        self.ages.show_facts(settings.age_limits())
        panel.body.addWidget(self.ages)
        return panel

    def _configuration(self, theme: Theme) -> Panel:
        panel = Panel("Configuration in force", theme, self)
        self.where = Facts(theme, panel)
        self.where.show_facts((("", settings.WHERE_TO_CHANGE),))
        self.table = DataTable(theme, "configuration in force", panel)
        rows = settings.configuration_rows(self.dependencies.settings.configuration)
        self.table.show_table(settings.CONFIGURATION_COLUMNS, rows, "Everything is at its default.")
        # All of it: the page scrolls, so the table need not.
        self.table.setMinimumHeight(self.table.sizeHint().height())
        panel.body.addWidget(self.where)
        panel.body.addWidget(self.table, 1)
        return panel

    def _line(self, words: str, control: QWidget) -> QHBoxLayout:
        label = QLabel(words, self)
        label.setFont(font(12))
        label.setFixedWidth(_LABEL_WIDTH)
        label.setBuddy(control)
        self._labels.append(label)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(control)
        row.addStretch(1)
        return row

    def _color_labels(self, theme: Theme) -> None:
        for label in self._labels:
            palette = label.palette()
            palette.setColor(palette.ColorRole.WindowText, theme.color(Tone.MUTED))
            label.setPalette(palette)

    def show_board(self, snapshot: BoardSnapshot) -> None:
        """Show how Redis is at this moment."""
        status = self.dependencies.redis.status()
        self.redis.choose(redis.choice(status))
        self.metrics_button.setEnabled(status.connected)
        only_way = redis.is_only_way(snapshot)
        self.redis_facts.show_facts(redis.facts(status, snapshot.writer, only_way=only_way))
        self.path.show_facts(settings.directory(self._path, has_database=not only_way))

    def show_choices(self, theme_name: str, wall_size: WallSize) -> None:
        """Show what is in force, however it was chosen."""
        self.themes.choose(theme_name)
        self.sizes.choose(wall_size.value)

    def apply_theme(self, theme: Theme) -> None:
        """Show the page in other colours."""
        super().apply_theme(theme)
        slim(self._area, theme, "bg")
        self.themes.choose(theme.name)
        for panel in self._panels:
            panel.set_theme(theme)
        for button in self._buttons:
            button.set_theme(theme)
        for part in (
            self.themes,
            self.sizes,
            self.redis,
            self.redis_facts,
            self.metrics_button,
            self.path,
            self.ages,
            self.where,
            self.table,
        ):
            part.set_theme(theme)
        self._color_labels(theme)
