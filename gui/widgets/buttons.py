"""Flat painted buttons: of the header, the rail and the status line."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.theme import Theme
from gui.widgets.icons import paint_icon
from gui.widgets.painting import draw_frame, draw_text, draw_text_right, text_width

_ENTRY, _LEAST_ENTRY, _ICON = 49, 35, 34  # heights in the rail


class _Button(QAbstractButton):
    """A button that Enter presses as Space does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press with Enter, too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def enterEvent(self, event: object) -> None:
        """Show that the pointer is over it."""
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Show that the pointer is gone."""
        self.update()


class FlatButton(_Button):
    """A word or two on a raised ground."""

    def __init__(
        self, text: str, theme: Theme, parent: QWidget | None = None, *, quiet: bool = False
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.hint = ""  # a shortcut, muted, behind the text
        self._quiet = quiet  # muted text without a ground, as in the status line
        self._pixels = 11 if quiet else 12
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        """Return the room for text and hint."""
        width = text_width(self.text(), self._pixels) + (12 if self._quiet else 24)
        if self.hint:
            width += text_width(self.hint, self._pixels) + 8
        return QSize(round(width) + 1, 20 if self._quiet else 30)

    def minimumSizeHint(self) -> QSize:
        """Return `sizeHint`: the text is never cut."""
        return self.sizeHint()

    def set_text(self, text: str) -> None:
        """Change the text, and the layout only if it has changed."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(text)
            self.updateGeometry()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ground, text and focus ring."""
        theme = self.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        over = self.isEnabled() and (self.underMouse() or self.isDown())
        border, pen = theme.color("line"), 1.0
        if self.hasFocus():
            border, pen = theme.color("accent"), 2.0
        fill = (
            theme.blend("text", "raised", 0.12 if self.isDown() else 0.06) if over else theme.color("raised")
        )
        if not self._quiet or self.hasFocus() or over:
            draw_frame(painter, QRectF(self.rect()), fill, border, 6, pen)
        baseline = self.height() / 2 + self._pixels * 0.36
        left = 6 if self._quiet else 12
        token = "muted" if self._quiet or self.hint or not self.isEnabled() else "text"
        color = theme.color(token) if self.isEnabled() else theme.blend("muted", "raised", 0.55)
        draw_text(painter, self.text(), left, baseline, color, self._pixels)
        if self.hint:
            draw_text_right(painter, self.hint, self.width() - left, baseline, color, self._pixels)
        painter.end()


class RailButton(_Button):
    """An icon with a word under it, or an icon alone."""

    def __init__(self, icon_name: str, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.icon_name = icon_name
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedWidth(52)
        self.setMinimumHeight(_LEAST_ENTRY if text else _ICON)  # where many pages share a low window
        self.setMaximumHeight(_ENTRY if text else _ICON)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def sizeHint(self) -> QSize:
        """Return the height that there mostly is room for."""
        return QSize(52, self.maximumHeight())

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint icon, word, the ground of the chosen one and the focus ring."""
        theme = self.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.isChecked() or self.hasFocus() or self.underMouse():
            fill = theme.color("raised") if self.isChecked() else theme.blend("raised", "surface", 0.6)
            border = theme.color("accent") if self.hasFocus() else fill
            draw_frame(painter, QRectF(self.rect()), fill, border, 8, 2.0 if self.hasFocus() else 1.0)
        color = theme.color("text" if self.isChecked() else "muted")
        painter.setPen(QPen(color))
        if self.text():
            top = (self.height() - 33) / 2
            paint_icon(painter, self.icon_name, 17, top, 18, color)
            x = (self.width() - text_width(self.text(), 10)) / 2
            draw_text(painter, self.text(), x, top + 32, color, 10)
        else:
            size = min(17, self.height() - 12)
            left, top = (self.width() - size) / 2, (self.height() - size) / 2
            paint_icon(painter, self.icon_name, left, top, size, color)
        painter.end()
