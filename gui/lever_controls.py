"""Start, pause, restart and stop, for the selection or for all: their words, menu, question and effect."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QMenu

from data_layer.engine import Controls
from gui.pages.wall import WallPage
from gui.view_models.levers import Lever, LeverModel, lever_model
from gui.view_models.overview import Overview
from gui.widgets.menu import make_menu
from gui.widgets.question import Question


class LeverControls(QObject):
    """Passes the operator's commands on to the engine."""

    worded = Signal(LeverModel)  # a command reaches others now, or is worded in another way

    def __init__(self, controls: Controls, overview: Overview, wall: WallPage, question: Question) -> None:
        super().__init__(question)
        self._overview = overview
        self._wall = wall
        self._shown: dict[Lever, LeverModel] = {}
        self.question = question
        self._calls: dict[Lever, Callable[[Sequence[str]], None]] = {
            Lever.START: controls.start,
            Lever.PAUSE: controls.pause,
            Lever.RESTART: controls.restart,
            Lever.STOP: controls.stop,
        }
        wall.selection_changed.connect(self.refresh)

    def refresh(self) -> None:
        """Word the commands for the selection as it is now."""
        for lever in Lever:
            model = self._model(lever)
            if model != self._shown.get(lever):
                self._shown[lever] = model
                self.worded.emit(model)

    def _model(self, lever: Lever, *, name_single: bool = False) -> LeverModel:
        selected = self._wall.selection.names
        return lever_model(lever, self._overview.states, selected, name_single=name_single)

    def pull(self, lever: Lever) -> None:
        """Command the selection, or all where nothing is selected; asks before everything is stopped."""
        self.carry_out(self._model(lever))

    def pull_selected(self, lever: Lever) -> None:
        """Command the selection. Without one nothing happens: a single key never reaches everything."""
        if self._wall.selection.names:
            self.pull(lever)

    def pull_all(self, lever: Lever) -> None:
        """Command all, whatever is selected."""
        self.carry_out(lever_model(lever, self._overview.states, ()))

    def pull_for(self, lever: Lever, name: str) -> None:
        """Command one bookmaker, whatever is selected."""
        self.carry_out(lever_model(lever, self._overview.states, (name,)))

    def pause_or_resume(self) -> None:
        """Pause what runs of the selection; where nothing of it does, start it again."""
        self.pull_selected(Lever.PAUSE if self._model(Lever.PAUSE).enabled else Lever.START)

    def carry_out(self, model: LeverModel) -> None:
        """Give the command, after a question where one is due."""
        if not model.enabled:
            return
        if not model.confirm:
            self._calls[model.lever](model.names)
            return
        detail = "They stay stopped until you start them again."
        call, names = self._calls[model.lever], model.names
        self.question.ask(model.confirm, detail, model.label, lambda: call(names))

    def open_menu(self, at: QPoint) -> None:
        """Show the commands for the selection at a point of the screen."""
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def menu(self) -> QMenu:
        """Return the menu of commands for the selection."""
        menu = make_menu(self._wall)
        for lever in Lever:
            model = self._model(lever, name_single=True)
            action = menu.addAction(model.label)
            action.setEnabled(model.enabled)
            action.triggered.connect(lambda _checked=False, model=model: self.carry_out(model))
        menu.addSeparator()
        names = self._wall.selection.names
        if len(names) == 1:
            menu.addAction("Details\tEnter").triggered.connect(lambda: self._wall.opened.emit(names[0]))
        groups = {card.head.group for card in self._overview.cards if card.head.name in names}
        if len(groups) == 1 and (group := groups.pop()):
            menu.addAction(f"Select {group}\tG").triggered.connect(self._wall.select_group)
        menu.addAction("Select all\tCtrl+A").triggered.connect(self._wall.select_all)
        if names:
            menu.addAction("Select nothing\tEsc").triggered.connect(self._wall.clear_selection)
        return menu
