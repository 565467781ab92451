"""Keys that a focused list or field keeps for itself, although the window has a command for them."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

_OWN = (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.SelectAll)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)


def keeps(event: QEvent) -> bool:
    """Accept the event and return True when it asks whether a letter, copy or select all is wanted here.

    A letter typed into a list jumps to a row; it must not pause a bookmaker.
    """
    if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    letter = event.modifiers() in _PLAIN and event.text().isalnum()
    if letter or any(event.matches(key) for key in _OWN):
        event.accept()
        return True
    return False
