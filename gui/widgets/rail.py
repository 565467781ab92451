"""The rail along the left edge: one entry for each page, and below them pane, theme and help."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from gui.theme import Theme
from gui.widgets.buttons import RailButton

WIDTH = 64


class Rail(QWidget):
    """Chooses the page. Page numbers are positions in the list it is given."""

    chosen = Signal(int)
    pane_wanted = Signal()
    theme_wanted = Signal()
    help_wanted = Signal()

    def __init__(self, pages: list[tuple[str, str]], theme: Theme, parent: QWidget | None = None) -> None:
        """`pages` are title and icon of each page."""
        super().__init__(parent)
        self._theme = theme
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("pages")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 12, 5, 10)
        layout.setSpacing(3)
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        self._buttons: list[RailButton] = []
        for number, (title, icon) in enumerate(pages):
            button = RailButton(icon, title, theme, self)
            button.setCheckable(True)
            button.setToolTip(f"{title} (Ctrl+{number + 1})")
            self._group.addButton(button, number)
            self._buttons.append(button)
            layout.addWidget(button)
        layout.addStretch(1)
        for icon, words, signal in (
            ("pane", "Show or hide the side pane (L)", self.pane_wanted),
            ("theme", "Dark or light (T)", self.theme_wanted),
            ("help", "Keys and commands (F1)", self.help_wanted),
        ):
            button = RailButton(icon, "", theme, self)
            button.setToolTip(words)
            button.setAccessibleName(words)
            button.clicked.connect(signal)
            self._buttons.append(button)
            layout.addWidget(button)
        self._group.idClicked.connect(self.chosen)

    def choose(self, number: int) -> None:
        """Mark a page as the one that is shown."""
        self._group.button(number).setChecked(True)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        for button in self._buttons:
            button.set_theme(theme)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go from entry to entry."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        focused = self.focusWidget()
        if step is None or focused not in self._buttons:
            super().keyPressEvent(event)
            return
        at = next(index for index, button in enumerate(self._buttons) if button is focused)
        self._buttons[(at + step) % len(self._buttons)].setFocus(Qt.FocusReason.TabFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and the line to the right of it."""
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._theme.color("surface"))
        painter.fillRect(WIDTH - 1, 0, 1, self.height(), self._theme.color("line"))
        painter.end()
