"""The analyst of an instance, made at the first question: what it computes with takes a while to load."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

from data_layer.errors import AviatorError

if TYPE_CHECKING:
    from data_layer.analytics.questions import Answer, Question

log = logging.getLogger(__name__)


class AnalystStoppedError(AviatorError):
    """A question came when everything was ending."""


class StartedAnalyst(Protocol):
    """What `AnalyticsReader` is to this."""

    @property
    def trouble(self) -> str: ...
    def ask(self, question: "Question") -> "Future[Answer]": ...
    def bookmakers(self) -> Sequence[str]: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


class LazyAnalyst:
    """Passes questions on to what `make` makes, on a thread of its own. No call but `stop` waits."""

    def __init__(self, make: Callable[[], StartedAnalyst], bookmakers: Sequence[str]) -> None:
        """`bookmakers` are known before anything is asked."""
        self._make = make
        self._known = tuple(bookmakers)
        self._lock = threading.Lock()
        self._analyst: StartedAnalyst | None = None
        self._waiting: list[tuple[Question, Future[Answer]]] = []
        self._thread: threading.Thread | None = None
        self._trouble = ""
        self._stopped = False

    @property
    def trouble(self) -> str:
        """What hinders it, for the operator; empty when nothing does."""
        analyst = self._analyst
        return self._trouble if analyst is None else analyst.trouble

    def bookmakers(self) -> Sequence[str]:
        """Return whose rounds may be asked about."""
        analyst = self._analyst
        return self._known if analyst is None else analyst.bookmakers()

    def ask(self, question: "Question") -> "Future[Answer]":
        """Return where the answer will be. Its error is an `AviatorError`."""
        future: Future[Answer] = Future()
        with self._lock:
            if self._stopped:
                future.set_exception(AnalystStoppedError("the analytics have stopped"))
                return future
            analyst = self._analyst
            if analyst is None:
                self._waiting.append((question, future))
                if self._thread is None:
                    self._thread = threading.Thread(target=self._begin, name="analyst-loading", daemon=True)
                    self._thread.start()
                return future
        return analyst.ask(question)

    def stop(self) -> None:
        """End within a second or so; whoever waits for an answer is told."""
        with self._lock:
            self._stopped = True
            thread = self._thread
        if thread is not None:
            thread.join()
        self._fail("the analytics have stopped")
        if self._analyst is not None:
            self._analyst.stop()

    def _begin(self) -> None:
        try:
            made = self._make()
            made.start()
        except Exception as error:
            log.exception("the analytics could not be started")
            with self._lock:
                self._trouble = f"the analytics could not be started: {error}"
                self._thread = None
            self._fail(self._trouble)
            return
        while True:
            with self._lock:
                waiting, self._waiting = self._waiting, []
                if not waiting:
                    self._analyst = made
                    return
            for question, future in waiting:
                made.ask(question).add_done_callback(lambda inner, outer=future: _copy(inner, outer))  # type: ignore[misc]

    def _fail(self, why: str) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for _, future in waiting:
            if future.set_running_or_notify_cancel():
                future.set_exception(AnalystStoppedError(why))


def _copy(inner: "Future[Answer]", outer: "Future[Answer]") -> None:
    if not outer.set_running_or_notify_cancel():
        return
    error = inner.exception()
    if error is not None:
        outer.set_exception(error)
    else:
        outer.set_result(inner.result())
