"""Menus and lists that open over the window: raised from the ground, with a border where they end."""

from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QAbstractItemView, QMenu, QWidget

_STYLE = """
QMenu {{ background: {ground}; border: 1px solid {border}; padding: 5px; }}
QMenu::item {{ padding: 5px 22px 5px 12px; border-radius: 4px; color: {text}; }}
QMenu::item:selected {{ background: {selected}; }}
QMenu::item:disabled {{ color: {disabled}; background: transparent; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 5px 6px; }}
QMenu::right-arrow {{ width: 10px; height: 10px; }}
"""

_LIST_STYLE = """
QAbstractItemView {{
    background: {ground}; border: 1px solid {border}; padding: 3px; outline: 0;
    selection-background-color: {selected}; selection-color: {text};
}}
"""


def make_menu(parent: QWidget) -> QMenu:
    """Return an empty menu in the colours of the moment; its submenus look the same."""
    menu = QMenu(parent)
    menu.setStyleSheet(_STYLE.format(**_colors(parent.palette())))
    return menu


def style_list(view: QAbstractItemView, palette: QPalette) -> None:
    """Make the list that a field opens look as menus do."""
    view.setStyleSheet(_LIST_STYLE.format(**_colors(palette)))


def _colors(palette: QPalette) -> dict[str, str]:
    role = QPalette.ColorRole
    ground, text = palette.color(role.Button), palette.color(role.ButtonText)
    colors = {
        "ground": ground,
        "border": _between(ground, text, 0.25),
        "line": _between(ground, text, 0.14),
        "text": text,
        "selected": _between(ground, palette.color(role.Accent), 0.25),
        "disabled": _between(ground, text, 0.4),
    }
    return {name: color.name() for name, color in colors.items()}


def _between(ground: QColor, over: QColor, share: float) -> QColor:
    """Return `share` (0 to 1) of one colour over another."""
    mixed = (round(b * share + a * (1 - share)) for a, b in zip(_rgb(ground), _rgb(over), strict=True))
    return QColor(*mixed)


def _rgb(color: QColor) -> tuple[int, int, int]:
    return color.red(), color.green(), color.blue()
