"""The window: rail, header, pages, side pane and status line, and the timer that keeps them current."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from data_layer.engine import BoardSnapshot
from gui import window_memory
from gui.commands import WALL_HINTS, entries, key_words
from gui.dependencies import WindowDependencies
from gui.lever_controls import LeverControls
from gui.log_history import LogHistory
from gui.page_stack import PageStack
from gui.pages.registry import PAGES
from gui.theme import DARK, LIGHT, THEMES, Theme, palette
from gui.view_models.levers import Lever, LeverModel
from gui.view_models.overview import Overview
from gui.view_models.search import Entry
from gui.view_models.status import with_problems
from gui.view_models.tones import Tone
from gui.view_models.wall import WallSize
from gui.widgets.command_palette import CommandPalette
from gui.widgets.header import Header
from gui.widgets.help_overlay import HelpOverlay
from gui.widgets.question import Question
from gui.widgets.rail import Rail
from gui.widgets.side_pane import SidePane
from gui.widgets.status_bar import StatusBar
from gui.widgets.wall_canvas import STARTING
from gui.window_commands import window_commands

if TYPE_CHECKING:
    from gui.widgets.log_pane import LogPane

SAMPLE_MS = 40  # between two samples of the live board
SLOW_EVERY = 6  # samples between two refreshes of what stands around the pages
_MINIMIZED_EVERY = 25
_DEFAULT_SIZE = (1366, 768)
_LEAST_SIZE = (720, 480)
_PAGE_WIDTH = 560  # below it some pages are cut: the side pane makes way, but not on the wall
_PANE_LINES = 2_000  # of the log in the side pane: each may be higher than others; the Logs page has more
_FRAME_HEIGHT = 32  # of the title bar that a desktop puts above a window, at most


class MainWindow(QWidget):
    """Everything the operator sees. It is given the engine and owns nothing of it."""

    painted = Signal()  # once, right after the first paint
    settled = Signal()  # once, when what the first paint did not wait for is there, too

    def __init__(self, dependencies: WindowDependencies) -> None:
        super().__init__()
        self.history = LogHistory(dependencies.logs)
        self.dependencies = replace(dependencies, logs=self.history)
        self.memory = window_memory.load(dependencies.data_dir)
        self.theme = self._first_theme()
        QApplication.setPalette(palette(self.theme))
        self.overview = Overview(dependencies.reader, dependencies.last_rounds)
        self.snapshot = BoardSnapshot(instance=None, writer=None, workers=())
        self.detailed: str | None = None  # the bookmaker whose details are open
        self._samples = 0
        self._was_painted = False
        self._pane_made_way = False
        self.log_pane: LogPane | None = None
        self._make_parts()
        self._arrange_parts()
        self.levers = LeverControls(dependencies.controls, self.overview, self.wall, self.question)
        self._commands = window_commands(self, self.levers, self.wall)
        self._connect_parts()
        self._restore()
        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.setInterval(SAMPLE_MS)
        self.timer.timeout.connect(self.sample)
        self.sample()
        self.timer.start()

    def _first_theme(self) -> Theme:
        wanted = self.memory.theme or self.dependencies.settings.theme
        if wanted == "system":
            light = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Light
            return LIGHT if light else DARK
        return THEMES.get(wanted, DARK)

    def _make_parts(self) -> None:
        self.setWindowTitle("AVIATOR")
        self.setMinimumSize(*_LEAST_SIZE)
        theme = self.theme
        self.rail = Rail([(page.title, page.icon) for page in PAGES], theme, self)
        self.header = Header(theme, self)
        self.stack = PageStack(self.dependencies, theme, self.memory.choices, self)
        self.wall = self.stack.wall
        self.side_pane = SidePane(theme, self)
        self.status_bar = StatusBar(theme, self)
        self.command_palette = CommandPalette(theme, self)
        self.help = HelpOverlay(theme, self)
        self.question = Question(theme, self)

    def _arrange_parts(self) -> None:
        row, column, middle = QHBoxLayout(self), QVBoxLayout(), QHBoxLayout()
        for layout in (row, column, middle):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(0)
        middle.addWidget(self.stack, 1)
        middle.addWidget(self.side_pane)
        column.addWidget(self.header)
        column.addLayout(middle, 1)
        column.addWidget(self.status_bar)
        row.addWidget(self.rail)
        row.addLayout(column, 1)

    def _connect_parts(self) -> None:
        self.rail.chosen.connect(self.open_page)
        self.rail.pane_wanted.connect(self.toggle_pane)
        self.rail.theme_wanted.connect(self.toggle_theme)
        self.rail.help_wanted.connect(self.open_help)
        self.header.lever_pulled.connect(self.levers.pull)
        self.header.search_wanted.connect(self.open_palette)
        self.stack.theme_wanted.connect(lambda name: self.set_theme(THEMES[name]))
        self.stack.wall_size_wanted.connect(self.set_wall_size)
        self.wall.opened.connect(self.open_details)
        self.wall.menu_wanted.connect(self.levers.open_menu)
        self.levers.worded.connect(self._show_lever)
        self.side_pane.chosen.connect(self.show_bookmaker)
        self.side_pane.details_closed.connect(self.close_details)
        self.status_bar.size_wanted.connect(self.next_wall_size)
        self.command_palette.run.connect(self._run_entry)
        for command in self._commands:
            for keys in command.keys:
                QShortcut(QKeySequence(keys), self).activated.connect(command.run)

    def _restore(self) -> None:
        memory = self.memory
        # Qt refuses what was left on a screen of quite another size.
        self._placed = bool(memory.geometry) and self.restoreGeometry(memory.geometry)
        if not self._placed:
            self.resize(*_DEFAULT_SIZE)
        if memory.pane_width is not None:
            self.side_pane.set_width(memory.pane_width)
        self.side_pane.setVisible(memory.pane_open)
        self.set_wall_size(memory.wall_size)
        titles = [page.title for page in PAGES]
        self.open_page(titles.index(memory.page) if memory.page in titles else 0)
        # So that arrow keys lead to the cards at once, and no button begins with the focus.
        (self.wall.canvas if self.stack.wall_is_shown else self.stack.page).setFocus()

    def open(self) -> None:
        """Show the window as it was left; where that does not suit the screen, as the first time: as it is
        drawn, or filling a screen that is smaller than that."""
        room = self.screen().availableGeometry()
        width, height = _DEFAULT_SIZE
        if self._placed or (room.width() >= width and room.height() >= height + _FRAME_HEIGHT):
            self.show()
        else:
            self.resize(min(width, room.width()), min(height, room.height()))
            self.showMaximized()

    # The picture.

    def sample(self) -> None:
        """Take a sample of the engine and show what has changed."""
        self._samples += 1
        if self.isMinimized() and self._samples % _MINIMIZED_EVERY:
            return
        self.snapshot = self.dependencies.live.snapshot()
        slow = self._samples % SLOW_EVERY == 1 or self.isMinimized()
        if slow or self.stack.wall_is_shown:
            self.overview.update(self.snapshot, self.dependencies.now_us(), self.dependencies.monotonic_us())
        self._show_page()
        if slow:
            self._show_frame()

    def _show_page(self) -> None:
        if self.stack.wall_is_shown:
            self.wall.show_cards(self.overview.cards)
        else:
            self.stack.page.show_board(self.snapshot)

    def _show_frame(self) -> None:
        dependencies = self.dependencies
        now_us = dependencies.now_us()
        for line in self.overview.news(self.snapshot, now_us):
            self.history.tell(line)
        frame = self.overview.frame(
            self.snapshot,
            engine_trouble=dependencies.trouble(),
            redis=dependencies.redis.status(),
            alerts=() if dependencies.alerts is None else dependencies.alerts.active(),
            now_us=now_us,
            monotonic_us=dependencies.monotonic_us(),
        )
        self._say_why_empty()
        self.header.figures.show_model(frame.header)
        self.side_pane.show_problems(frame.problems)
        listed = () if self.side_pane.lists_problems else frame.problems
        self.status_bar.show_model(with_problems(frame.status, listed))
        self.levers.refresh()
        if self.detailed is not None:
            self.side_pane.show_details(self.overview.details(self.detailed, self.snapshot, now_us))

    def _say_why_empty(self) -> None:
        trouble = self.dependencies.trouble()
        if trouble:
            self.wall.canvas.say(trouble, Tone.BAD)
        elif self.snapshot.instance is not None:
            self.wall.canvas.say("No bookmakers are configured: the Settings page tells where to add them")
        else:
            self.wall.canvas.say(STARTING)

    def _show_lever(self, model: LeverModel) -> None:
        if model.lever in self.header.buttons:
            self.header.show_lever(model)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Notice the first paint; everything visible is painted by the parts."""
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self, self._after_first_paint)

    def _after_first_paint(self) -> None:
        self.painted.emit()
        QTimer.singleShot(0, self, self._settle)

    def _settle(self) -> None:
        if self.isHidden():  # closed already
            return
        from gui.widgets.log_pane import LogPane

        self.log_pane = LogPane(self.history, self.theme, compact=True, kept=_PANE_LINES)
        self.side_pane.set_log(self.log_pane)
        self.settled.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what covers the window as large as it is."""
        self.help.resize(self.size())
        self.question.resize(self.size())
        self._make_room()

    def _make_room(self) -> None:
        """Fold the side pane away where the page would be cut beside it; bring it back where it would not."""
        beside = self.width() - self.rail.width() - self.side_pane.width()
        crowded = beside < _PAGE_WIDTH and not self.stack.wall_is_shown
        if crowded and not self.side_pane.isHidden():
            self.side_pane.hide()
            self._pane_made_way = True
        elif not crowded and self._pane_made_way:
            self.side_pane.show()
            self._pane_made_way = False

    # What the operator can do.

    def open_page(self, number: int) -> None:
        """Show a page, by its position on the rail."""
        page = self.stack.make(number)
        page.show_choices(self.theme.name, self.memory.wall_size)
        self.stack.setCurrentWidget(page)
        self._make_room()
        if self.stack.wall_is_shown:
            self.wall.canvas.setFocus()  # arrow keys lead to the cards, wherever the keyboard was before
        self._show_page()
        self.rail.choose(number)

    def set_theme(self, theme: Theme) -> None:
        """Show everything in other colours."""
        self.theme = theme
        self.memory.theme = theme.name
        QApplication.setPalette(palette(theme))
        parts = (self.rail, self.header, self.stack, self.side_pane, self.status_bar)
        for part in (*parts, self.command_palette, self.help, self.question):
            part.set_theme(theme)
        if self.log_pane is not None:
            self.log_pane.set_theme(theme)
        self.stack.page.show_choices(theme.name, self.memory.wall_size)
        self.update()

    def toggle_theme(self) -> None:
        """Go from dark to light or back."""
        self.set_theme(LIGHT if self.theme is DARK else DARK)

    def toggle_pane(self) -> None:
        """Fold the side pane away or bring it back."""
        self._pane_made_way = False
        self.side_pane.setVisible(self.side_pane.isHidden())

    def toggle_full_screen(self) -> None:
        """Fill the screen, or no longer."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def set_wall_size(self, size: WallSize) -> None:
        """Show cards of one size, or with AUTO of the one that shows all."""
        self.memory.wall_size = size
        self.wall.set_wanted_size(size)
        self.status_bar.show_size(size)
        self.stack.page.show_choices(self.theme.name, size)

    def next_wall_size(self) -> None:
        """Go to the next size of cards."""
        sizes = list(WallSize)
        self.set_wall_size(sizes[(sizes.index(self.wall.wanted_size) + 1) % len(sizes)])

    def show_bookmaker(self, name: str) -> None:
        """Select a bookmaker on the wall."""
        self.open_page(0)
        self.wall.select([name])

    def open_details(self, name: str) -> None:
        """Show a bookmaker closely, in the side pane."""
        self.detailed = name
        self.side_pane.show()
        details = self.overview.details(name, self.snapshot, self.dependencies.now_us())
        self.side_pane.show_details(details)

    def close_details(self) -> None:
        """Show the attention list again."""
        self.detailed = None
        self.side_pane.show_details(None)

    def escape(self) -> None:
        """Close the details or, where none are open, select nothing; the keys are the wall's again."""
        if self.stack.wall_is_shown and not self.wall.isAncestorOf(self.focusWidget() or self.wall.canvas):
            self.wall.canvas.setFocus()
        if self.detailed is not None:
            self.close_details()
        else:
            self.wall.clear_selection()

    def open_help(self) -> None:
        """Show every key."""
        keyed = [command for command in self._commands if command.keys]
        anywhere, pages = (
            [(key_words(command.keys), command.title) for command in keyed if command.kind == kind]
            for kind in ("command", "page")
        )
        self.help.open([[("anywhere", anywhere)], [("on the wall", WALL_HINTS), ("pages", pages)]])

    def find_in_log(self) -> None:
        """Lead the keyboard to the search of the log: the page's where it is open, else the side pane's."""
        if not self.stack.page.open_search() and self.log_pane is not None:
            self.side_pane.show()
            self.log_pane.open_search()

    def open_palette(self) -> None:
        """Search or run."""
        found = [
            Entry(
                key=f"bookmaker {card.head.name}",
                title=card.head.name,
                kind="bookmaker",
                hint=card.head.brief,  # what changes from moment to moment would stand still here
            )
            for card in self.overview.cards
        ]
        found += entries(self._commands)
        found += [
            Entry(key=f"{lever.value} {name}", title=f"{lever.value.capitalize()} {name}", kind="command")
            for name in self.overview.states
            for lever in Lever
        ]
        self.command_palette.open(found)

    def _run_entry(self, key: str) -> None:
        if key.isdigit():
            self._commands[int(key)].run()
            return
        verb, name = key.split(" ", 1)
        if verb == "bookmaker":
            self.show_bookmaker(name)
        else:
            self.levers.pull_for(Lever(verb), name)

    def compute_metrics(self) -> None:
        """Have the metrics of every range computed anew; their progress stands on the settings page."""
        self.dependencies.redis.compute_metrics()

    def close_window(self) -> None:
        """Close the window, whose slot result nobody wants."""
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember how the window was left and stop everything of its own."""
        self.timer.stop()
        memory = self.memory
        memory.geometry = bytes(self.saveGeometry().data())
        memory.page = self.stack.page.title
        memory.pane_open = self._pane_made_way or not self.side_pane.isHidden()
        memory.pane_width = self.side_pane.width()
        memory.choices = self.stack.choices
        window_memory.save(self.dependencies.data_dir, memory)
        self.stack.release()
        if self.log_pane is not None:
            self.log_pane.release()
        self.history.stop()
        event.accept()
