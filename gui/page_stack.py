"""The pages, of which one is shown; each is made when it is first opened."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from gui.dependencies import WindowDependencies
from gui.pages.page import Page
from gui.pages.registry import PAGES
from gui.pages.wall import WallPage
from gui.theme import Theme


class PageStack(QStackedWidget):
    """Holds the pages; the wall, which is the first of them, is there from the beginning."""

    theme_wanted = Signal(str)  # from a page, as are the others
    wall_size_wanted = Signal(object)

    def __init__(
        self,
        dependencies: WindowDependencies,
        theme: Theme,
        choices: dict[str, str],
        parent: QWidget | None = None,
    ) -> None:
        """`choices` are those of the run before, by title of the page and name: "Data.range"."""
        super().__init__(parent)
        self._choices = choices
        self._dependencies = dependencies
        self._theme = theme
        self.wall = WallPage(dependencies, theme, self)
        self._pages: dict[int, Page] = {0: self.wall}
        self.addWidget(self.wall)

    @property
    def page(self) -> Page:
        """Return the page that is shown."""
        shown = self.currentWidget()
        assert isinstance(shown, Page)
        return shown

    @property
    def wall_is_shown(self) -> bool:
        """Return whether the wall is the page that is shown."""
        return self.currentWidget() is self.wall

    def make(self, number: int) -> Page:
        """Return a page by its position on the rail, made if need be."""
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = PAGES[number].make(self._dependencies, self._theme)
            page.theme_wanted.connect(self.theme_wanted)
            page.wall_size_wanted.connect(self.wall_size_wanted)
            self.addWidget(page)
            page.recall(self._of_page(page))
        return page

    @property
    def choices(self) -> dict[str, str]:
        """Return what the next run is to begin with; of pages that were not opened, as it was."""
        kept = dict(self._choices)
        for page in self._pages.values():
            for name in self._of_page(page):
                kept.pop(f"{page.title}.{name}", None)
            kept |= {f"{page.title}.{name}": word for name, word in page.remembered().items()}
        return kept

    def _of_page(self, page: Page) -> dict[str, str]:
        start = f"{page.title}."
        return {key.removeprefix(start): word for key, word in self._choices.items() if key.startswith(start)}

    def set_theme(self, theme: Theme) -> None:
        """Show all pages in other colours."""
        self._theme = theme
        for page in self._pages.values():
            page.apply_theme(theme)

    def release(self) -> None:
        """Stop what the pages keep running."""
        for page in self._pages.values():
            page.release()
