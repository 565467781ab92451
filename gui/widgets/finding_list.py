"""The findings of the health check, one below the other, with what to do about each."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import MEDIUM, Theme
from gui.view_models.finding import Finding
from gui.view_models.tones import Tone
from gui.widgets.lights import paint_light
from gui.widgets.painting import draw_text, draw_text_right, metrics, set_text

_NAME, _BODY, _WORD = 13, 12, 11
_TEXT_LEFT = 20
_RIGHT = 10  # kept free of text, beside the scroll bar
_TOP, _HEAD, _BOTTOM = 8, 19, 8
_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


@dataclass(frozen=True, slots=True)
class _Place:
    finding: Finding
    top: int
    text_height: int
    advice_height: int

    @property
    def bottom(self) -> int:
        return self.top + _TOP + _HEAD + self.text_height + self.advice_height + _BOTTOM


class FindingList(QWidget):
    """As high as it needs to be, so it belongs into a scroll area."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._findings: tuple[Finding, ...] = ()
        self._places: list[_Place] = []
        self.empty = ""
        self.setAccessibleName("health check")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return what is shown."""
        return self._findings

    def show_findings(self, findings: tuple[Finding, ...], empty: str = "") -> None:
        """Show other findings; `empty` is said where there are none."""
        if (findings, empty) == (self._findings, self.empty):
            return
        self._findings, self.empty = findings, empty
        said = [f"{each.name}, {each.word}: {each.text} {each.advice}".strip() for each in findings]
        self.setAccessibleDescription("; ".join(said) or empty)
        self._arrange()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of all findings."""
        return QSize(240, self._places[-1].bottom if self._places else 60)

    def minimumSizeHint(self) -> QSize:
        """Return the height of all findings."""
        return QSize(120, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break lines anew."""
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def _arrange(self) -> None:
        room = QRectF(0, 0, max(80, self.width() - _TEXT_LEFT - _RIGHT), 2_000)
        top = 0
        self._places = []
        for finding in self._findings:
            heights = [
                round(metrics(_BODY).boundingRect(room, _WRAP, text).height()) + 1 if text else 0
                for text in (finding.text, finding.advice)
            ]
            place = _Place(finding, top, heights[0], heights[1])
            self._places.append(place)
            top = place.bottom
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint light, name, word, text and advice of each finding."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), self._theme.color("surface"))
        if not self._findings:
            draw_text(painter, self.empty, 0, 20, self._theme.color(Tone.MUTED), _BODY)
        for place in self._places:
            if place.bottom >= event.rect().top() and place.top <= event.rect().bottom():
                self._paint_finding(painter, place)

    def _paint_finding(self, painter: QPainter, place: _Place) -> None:
        theme, finding = self._theme, place.finding
        top = place.top + _TOP
        paint_light(painter, finding.light, 5, top + 7, theme)
        draw_text(painter, finding.name, _TEXT_LEFT, top + 12, theme.color(Tone.TEXT), _NAME, MEDIUM)
        draw_text_right(
            painter, finding.word, self.width() - _RIGHT, top + 12, theme.color(finding.light.tone), _WORD
        )
        room = self.width() - _TEXT_LEFT - _RIGHT
        set_text(painter, _BODY, theme.color(Tone.MUTED))
        box = QRectF(_TEXT_LEFT, top + _HEAD, room, place.text_height)
        painter.drawText(box, _WRAP, finding.text)
        if finding.advice:
            painter.setPen(theme.color(Tone.TEXT))
            box = QRectF(_TEXT_LEFT, box.bottom(), room, place.advice_height)
            painter.drawText(box, _WRAP, finding.advice)
        painter.setPen(QPen(theme.blend("line", "surface", 0.6), 1))
        painter.drawLine(0, place.bottom - 1, self.width(), place.bottom - 1)
