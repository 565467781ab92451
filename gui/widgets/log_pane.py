"""The log with its filters: by level, by process, by text; it follows the newest line or stays put."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from data_layer.engine import LogTap
from data_layer.messages import LogLine
from gui.feed import Feed
from gui.theme import Theme, font, mono_font
from gui.view_models import logs
from gui.view_models.tones import Tone
from gui.widgets.buttons import FlatButton
from gui.widgets.fields import ChoiceField, TextField
from gui.widgets.log_model import LogModel
from gui.widgets.log_view import LogView
from gui.widgets.scroll_bar import slim

_TYPING_PAUSE_MS = 150
_DETAIL_HEIGHT = 104


class LogPane(QWidget):
    """Shows the lines of a log tap; the compact form, for a side pane, has less around them."""

    def __init__(
        self,
        tap: LogTap,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        compact: bool = False,
        kept: int = logs.KEPT_LINES,
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._compact = compact
        self._unseen = 0  # lines that came while the view stayed put
        self.book = logs.LogBook(kept)
        self.view = LogView(LogModel(self.book, self), theme, compact=compact, parent=self)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)
        self._typing.timeout.connect(self._refilter)
        self._make_fields(theme)
        self._arrange()
        self._connect()
        self._feed = Feed(logs=tap, parent=self)
        self._feed.lines_came.connect(self._on_lines)
        self._refilter()
        self.set_theme(theme)

    def _make_fields(self, theme: Theme) -> None:
        self.text = TextField("Find in the log", theme, self)
        self.level = ChoiceField("Level", theme, self)
        for level, word in logs.LEVELS:
            self.level.addItem(word, level)
        self.level.setCurrentIndex(1)
        self.process = ChoiceField("Process", theme, self)
        self.process.addItem("all processes", "")
        self.follow_button = FlatButton("Pause", theme, self)
        self.copy_button = FlatButton("Copy", theme, self)
        self.copy_button.setToolTip("Copy the selected lines, or all that are shown")
        self._count = QLabel(self)
        self._count.setFont(font(11))
        self._detail = QPlainTextEdit(self)
        self._detail.setReadOnly(True)
        self._detail.setFont(mono_font(11))
        self._detail.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self._detail.setFixedHeight(_DETAIL_HEIGHT)
        self._detail.setAccessibleName("the selected line, whole")
        self._detail.hide()

    def _arrange(self) -> None:
        fields = QHBoxLayout()
        fields.setSpacing(8)
        fields.addWidget(self.text, 1)
        fields.addWidget(self.level)
        if not self._compact:
            fields.addWidget(self.process)
            fields.addWidget(self._count)
            fields.addWidget(self.copy_button)
            fields.addWidget(self.follow_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(fields)
        column.addWidget(self.view, 1)
        column.addWidget(self._detail)
        if self._compact:
            column.addWidget(self.follow_button)
        for widget in (self.process, self._count, self.copy_button, self.follow_button):
            widget.setVisible(not self._compact)

    def _connect(self) -> None:
        self.text.textChanged.connect(lambda _: self._typing.start())
        self.level.currentIndexChanged.connect(lambda _: self._refilter())
        self.process.currentIndexChanged.connect(lambda _: self._refilter())
        self.follow_button.clicked.connect(lambda: self.view.follow(not self.view.following))
        self.copy_button.clicked.connect(self.view.copy)
        self.view.following_changed.connect(self._on_following)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._show_detail())

    def open_search(self) -> None:
        """Lead the keyboard to what is looked for."""
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        for part in (self.text, self.level, self.process, self.follow_button, self.copy_button, self.view):
            part.set_theme(theme)
        palette = self._count.palette()
        palette.setColor(palette.ColorRole.WindowText, theme.color(Tone.MUTED))
        self._count.setPalette(palette)
        slim(self._detail, theme, "raised")

    def release(self) -> None:
        """End the subscription. Called once, before the pane goes."""
        self._feed.stop()
        self._typing.stop()

    def _on_lines(self, lines: list[LogLine]) -> None:
        known = len(self.book.processes)
        shown = self.view.take(lines)
        if not self.view.following:
            self._unseen += shown
        for process in self.book.processes[known:]:
            self.process.addItem(process, process)
        self._say()

    def _refilter(self) -> None:
        self._typing.stop()
        chosen = logs.LogFilter(
            level=self.level.currentData(), text=self.text.text().strip(), process=self.process.currentData()
        )
        self.view.show_filter(chosen)
        self._say()

    def _on_following(self, following: bool) -> None:
        if following:
            self._unseen = 0
        self._say()

    def _say(self) -> None:
        """Bring the words around the lines up to date."""
        if self.view.following:
            self.follow_button.set_text("Pause")
        else:
            self.follow_button.set_text(f"Follow, {self._unseen:,} new" if self._unseen else "Follow")
        if self._compact:  # only there while what is shown is not the newest
            self.follow_button.setVisible(not self.view.following)
        self._count.setText(logs.summary(self.book))
        empty = logs.why_empty(self.book)
        if empty != self.view.empty:
            self.view.empty = empty
            self.view.viewport().update()

    def _show_detail(self) -> None:
        lines = [] if self._compact else self.view.selected_lines()
        self._detail.setVisible(len(lines) == 1)
        if len(lines) == 1:
            line = lines[0]
            self._detail.setPlainText(f"{logs.as_text(lines)}\n({line.logger})" if line.logger else line.text)
