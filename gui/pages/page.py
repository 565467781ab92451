"""What a page of the window is. The main window makes each page when it is first opened."""

from collections.abc import Mapping
from typing import ClassVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from data_layer.engine import BoardSnapshot
from gui.dependencies import WindowDependencies
from gui.theme import Theme
from gui.view_models.wall import WallSize


class Page(QWidget):
    """One entry of the rail and what it opens."""

    title: ClassVar[str]  # one word under the icon
    icon: ClassVar[str]  # a name of gui.widgets.icons

    theme_wanted = Signal(str)  # "dark", "light": chosen by the operator on this page
    wall_size_wanted = Signal(object)  # a WallSize, as above

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dependencies = dependencies
        self.theme = theme
        self.setAccessibleName(self.title)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground behind the cards."""
        QPainter(self).fillRect(event.rect(), self.theme.color("bg"))

    def apply_theme(self, theme: Theme) -> None:
        """Show the page in other colours. The palette has changed already; only own painting needs this."""
        self.theme = theme
        self.update()

    def show_board(self, snapshot: BoardSnapshot) -> None:
        """Show a new sample of the live board. Called about 25 times a second while the page is visible,
        and once right before it becomes visible; must return within a few milliseconds."""

    def is_settling(self) -> bool:
        """Tell whether something that was asked for is still to come, for those who take pictures."""
        return False

    def open_search(self) -> bool:
        """Lead the keyboard to the page's own search; return False where it has none."""
        return False

    def show_choices(self, theme_name: str, wall_size: WallSize) -> None:
        """Show which theme and wall size are in force, on a page where they can be chosen."""

    def remembered(self) -> dict[str, str]:
        """Return what the operator chose on this page and the next run is to begin with."""
        return {}

    def recall(self, words: Mapping[str, str]) -> None:
        """Take up what `remembered` returned in the run before, or what was made of it since by hand.

        Called once, before the page is shown.
        """

    def release(self) -> None:
        """Stop timers, end threads and subscriptions. Called once, when the window closes."""
