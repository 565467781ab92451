"""The overview wall: one card for each bookmaker, in the size that shows them all."""

from collections.abc import Sequence
from typing import ClassVar

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from gui.dependencies import WindowDependencies
from gui.pages.page import Page
from gui.theme import Theme
from gui.view_models.cards import CardModel
from gui.view_models.selection import Selection
from gui.view_models.wall import CardSize, WallSize, place
from gui.widgets.card import Card
from gui.widgets.scroll_bar import slim
from gui.widgets.wall_canvas import WallCanvas


class WallPage(Page):
    """Owns the cards, where they stand and which of them are selected."""

    title: ClassVar[str] = "Wall"
    icon: ClassVar[str] = "wall"

    selection_changed = Signal()
    opened = Signal(str)
    menu_wanted = Signal(object)  # a global QPoint

    def __init__(self, dependencies: WindowDependencies, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(dependencies, theme, parent)
        self.selection = Selection()
        self.wanted_size = WallSize.AUTO
        self._cards: dict[str, Card] = {}
        self._order: tuple[str, ...] = ()
        self.placement = place(0, 800, 600)
        self._area = QScrollArea(self)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        slim(self._area, theme, "bg")
        self.canvas = WallCanvas(theme)
        self.canvas.moved.connect(self._move)
        self.canvas.chosen.connect(self._choose_by_key)
        self.canvas.cleared.connect(self.clear_selection)
        self.canvas.menu_wanted.connect(self.menu_wanted)
        self._area.setWidget(self.canvas)
        # Cards are made late. This stands where Tab is to come to them; without a size nobody meets it.
        self._tab_place = QWidget(self.canvas)
        self._tab_place.setFixedSize(0, 0)
        self._tab_place.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._area)

    @property
    def cards(self) -> list[Card]:
        """Return the cards in the order of the wall."""
        return [self._cards[name] for name in self._order]

    def show_cards(self, models: Sequence[CardModel]) -> int:
        """Show the cards of a sample; return how many had to be painted anew."""
        order = tuple(model.head.name for model in models)
        if order != self._order:
            self._set_order(order, models)
            return len(models)
        return sum(self._cards[name].show_model(model) for name, model in zip(order, models, strict=True))

    def _set_order(self, order: tuple[str, ...], models: Sequence[CardModel]) -> None:
        for name in set(self._order) - set(order):
            self._cards.pop(name).deleteLater()
        for name, model in zip(order, models, strict=True):
            if name in self._cards:
                self._cards[name].show_model(model)
                continue
            card = self._cards[name] = Card(model, self.theme, self.canvas)
            card.clicked.connect(self._clicked)
            card.opened.connect(self.opened)
            card.menu_wanted.connect(self._card_menu)
            card.focused.connect(self._focused)
        self._order = order
        self.selection.set_order(order)
        self._set_tab_stop()
        self._arrange()
        before = self._tab_place
        for name in order:
            card = self._cards[name]
            QWidget.setTabOrder(before, card)
            card.show()
            before = card

    def set_wanted_size(self, size: WallSize) -> None:
        """Use one size of card, or with AUTO the one that shows all."""
        self.wanted_size = size
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the size of the cards anew."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        width, height = self.width(), self.height()
        placement = place(len(self._order), width, height, self.wanted_size)
        if placement.total_height > height:
            bar = self._area.verticalScrollBar().sizeHint().width()
            placement = place(len(self._order), width - bar, height, self.wanted_size)
            width -= bar
        self.placement = placement
        for index, name in enumerate(self._order):
            card = self._cards[name]
            card.setGeometry(*placement.rectangle(index))
            card.set_size(placement.size)
        self.canvas.resize(width, max(placement.total_height, height))
        self.canvas.show_placement(placement, len(self._order))

    def apply_theme(self, theme: Theme) -> None:
        """Paint everything in other colours."""
        super().apply_theme(theme)
        slim(self._area, theme, "bg")
        self.canvas.set_theme(theme)
        for card in self._cards.values():
            card.set_theme(theme)

    # Selection.

    def select(self, names: Sequence[str], *, focus: bool = True) -> None:
        """Select exactly `names`, and bring the first of them into view."""
        self.selection.choose(names)
        self._show_selection()
        if focus and self.selection.current:
            self._focus(self.selection.current)

    def select_all(self) -> None:
        """Select every bookmaker."""
        self.selection.choose_all()
        self._show_selection()

    def select_group(self) -> None:
        """Select the bookmakers that share a group with a selected one or with the one the keyboard is at."""
        names = self.selection.names or ((self.selection.current,) if self.selection.current else ())
        groups = {self._cards[name].model.head.group for name in names}
        self.select([name for name in self._order if self._cards[name].model.head.group in groups])

    def clear_selection(self) -> None:
        """Select nothing."""
        self.selection.clear()
        self._show_selection()

    def _clicked(self, name: str, toggle: bool, extend: bool) -> None:
        self.selection.click(name, toggle=toggle, extend=extend)
        self._show_selection()

    def _card_menu(self, name: str, at: QPoint) -> None:
        if name not in self.selection:
            self._clicked(name, False, False)
        self.menu_wanted.emit(at)

    def _focused(self, name: str) -> None:
        self.selection.current = name
        self._set_tab_stop()
        self._area.ensureWidgetVisible(self._cards[name], 8, 8)

    def _set_tab_stop(self) -> None:
        """Tab enters the wall at one card and leaves it from there; arrow keys move within."""
        stop = self.selection.current or (self._order[0] if self._order else None)
        for name, card in self._cards.items():
            policy = Qt.FocusPolicy.StrongFocus if name == stop else Qt.FocusPolicy.ClickFocus
            card.setFocusPolicy(policy)

    def _move(self, right: int, down: int, extend: bool, only_focus: bool) -> None:
        """Go to the card in a direction; steps of a whole wall lead to the first or the last one."""
        if not self._order:
            return
        current = self.selection.current
        if current is None:
            index = 0
        elif abs(down) > 1:
            index = 0 if down < 0 else len(self._order) - 1
        else:
            index = self.placement.step(self._order.index(current), right, down, len(self._order))
        name = self._order[index]
        if not only_focus:
            self.selection.click(name, extend=extend)
            self._show_selection()
        self._focus(name)

    def _choose_by_key(self, opened: bool) -> None:
        name = self.selection.current
        if name is None:
            return
        if opened:
            self.opened.emit(name)
        else:
            self._clicked(name, True, False)

    def _focus(self, name: str) -> None:
        self._cards[name].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_selection(self) -> None:
        for name, card in self._cards.items():
            card.set_selected(name in self.selection)
        self.selection_changed.emit()

    @property
    def shown_size(self) -> CardSize:
        """Return the size of card that is shown now."""
        return self.placement.size
