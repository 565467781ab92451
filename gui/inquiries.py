"""Questions to the analyst whose answers come to the window's thread, made ready to be shown on the way.

An answer is turned into what a panel shows on the thread that computed it, so that the window's thread only
paints; then it comes by a signal. Of one asker only the newest question counts.
"""

import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from data_layer.errors import AviatorError
from gui.dependencies import Analyst

if TYPE_CHECKING:
    from data_layer.analytics.questions import Answer, Question

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One question: how its answer is made ready, and who is told. `make` runs on a foreign thread."""

    asker: str
    question: "Question"
    make: "Callable[[Answer], Any]"
    done: "Callable[[Answer, Any], None]"
    failed: Callable[[str], None]


class Inquiries(QObject):
    """Asks, and hands answers over one by one: between two the window's thread does what else waits."""

    _answered = Signal(object)

    def __init__(self, analyst: Analyst, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._analyst = analyst
        self._under_way: dict[str, tuple[Inquiry, Future[Answer]]] = {}
        self._waiting: deque[Callable[[], None]] = deque()
        self._stopped = False
        self._pace = QTimer(self)
        self._pace.setSingleShot(True)
        self._pace.timeout.connect(self._hand_over)
        self._answered.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def ask(self, inquiry: Inquiry) -> None:
        """Ask, unless the same question of this asker is under way; an older one of it no longer counts."""
        if self._stopped:
            return
        before = self._under_way.get(inquiry.asker)
        if before is not None:
            if before[0].question == inquiry.question:
                return
            before[1].cancel()
        future = self._analyst.ask(inquiry.question)
        self._under_way[inquiry.asker] = (inquiry, future)
        future.add_done_callback(lambda done: self._on_done(inquiry, done))

    def forget(self, asker: str) -> None:
        """Let what this asker asked no longer count."""
        under_way = self._under_way.pop(asker, None)
        if under_way is not None:
            under_way[1].cancel()

    def stop(self) -> None:
        """Ask and hand over nothing more. May be called more than once."""
        self._stopped = True
        for asker in list(self._under_way):
            self.forget(asker)
        self._waiting.clear()
        self._pace.stop()

    def _on_done(self, inquiry: Inquiry, future: "Future[Answer]") -> None:
        """Make the answer ready. Runs on whichever thread ended the question."""
        try:
            answer = future.result()
            made = inquiry.make(answer)
        except CancelledError:
            return
        except AviatorError as error:
            outcome = self._failure(inquiry, str(error))
        except Exception:
            log.exception("a question of the analytics could not be answered")
            outcome = self._failure(inquiry, "it cannot be computed; the log says why")
        else:
            outcome = self._success(inquiry, answer, made)
        if not self._stopped:
            try:
                self._answered.emit((inquiry, outcome))
            except RuntimeError:  # the window was destroyed in between
                return

    @staticmethod
    def _failure(inquiry: Inquiry, reason: str) -> Callable[[], None]:
        return lambda: inquiry.failed(reason)

    @staticmethod
    def _success(inquiry: Inquiry, answer: "Answer", made: Any) -> Callable[[], None]:
        return lambda: inquiry.done(answer, made)

    def _take(self, came: tuple[Inquiry, Callable[[], None]]) -> None:
        inquiry, outcome = came
        under_way = self._under_way.get(inquiry.asker)
        if self._stopped or under_way is None or under_way[0] is not inquiry:
            return
        del self._under_way[inquiry.asker]
        self._waiting.append(outcome)
        if not self._pace.isActive():
            self._pace.start(0)

    def _hand_over(self) -> None:
        if self._stopped or not self._waiting:
            return
        self._waiting.popleft()()
        if self._waiting:
            self._pace.start(0)
