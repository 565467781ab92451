"""A thread that answers questions one after the other, and the questions that wait for it."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future

from data_layer.analytics.questions import Answer, Question
from data_layer.errors import AviatorError

log = logging.getLogger(__name__)

MOST_WAITING = 64


class UnansweredError(AviatorError):
    """A question that got no answer, through no fault of its own. The text says why."""


class QuestionLane:
    """Answers in the order of asking; equal questions that wait are answered together.

    A question that came after the computation of an equal one began waits for its own turn, because rounds
    may have come since.
    """

    def __init__(
        self,
        name: str,
        answer: Callable[[Question], Answer],
        *,
        begin: Callable[[], None] = lambda: None,
        end: Callable[[], None] = lambda: None,
    ) -> None:
        """`begin` and `end` run on the thread, before the first answer and after the last."""
        self._answer = answer
        self._begin = begin
        self._end = end
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._changed = threading.Condition()
        self._waiting: dict[Question, list[Future[Answer]]] = {}
        self._running: list[Future[Answer]] = []
        self._stopping = False

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def put(self, question: Question, future: "Future[Answer]") -> None:
        """Have a question answered into `future`; returns at once."""
        refusal = ""
        with self._changed:
            waiting = self._waiting.get(question)
            if self._stopping:
                refusal = "the analytics have stopped"
            elif waiting is not None:
                waiting.append(future)
            elif len(self._waiting) >= MOST_WAITING:
                refusal = f"{MOST_WAITING} questions are waiting already; ask again later"
            else:
                self._waiting[question] = [future]
                self._changed.notify()
        if refusal:
            _fail([future], UnansweredError(refusal))

    def stop(self) -> None:
        """Take no more questions and end after the one under way; whoever waits for an answer is told now."""
        with self._changed:
            self._stopping = True
            left = [future for futures in self._waiting.values() for future in futures] + self._running
            self._waiting, self._running = {}, []
            self._changed.notify()
        _fail(left, UnansweredError("the analytics have stopped"))

    def join(self, timeout_s: float) -> None:
        """Wait for the end of a lane that was started and stopped."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._begin()
            while (question := self._next()) is not None:
                self._give(question)
        finally:
            self._end()

    def _next(self) -> Question | None:
        """Return the next question that somebody still waits for, None when the lane stops."""
        with self._changed:
            while True:
                while not self._waiting and not self._stopping:
                    self._changed.wait()
                if self._stopping:
                    return None
                question = next(iter(self._waiting))
                futures = self._waiting.pop(question)
                self._running = [future for future in futures if future.set_running_or_notify_cancel()]
                if self._running:
                    return question

    def _give(self, question: Question) -> None:
        found: Answer | None = None
        fault: Exception | None = None
        try:
            found = self._answer(question)
        except AviatorError as error:
            fault = error
        except Exception as error:
            # A fault of ours. The window lives in this process: it is told, and goes on with the rest.
            if not self._stopping:
                log.exception("a question could not be answered: %r", question)
            fault = UnansweredError(f"the question could not be answered: {error!r}")
        with self._changed:
            futures, self._running = self._running, []
        if fault is not None:
            _fail(futures, fault)
        elif found is not None:
            for future in futures:
                future.set_result(found)


def _fail(futures: "list[Future[Answer]]", fault: Exception) -> None:
    for future in futures:
        if future.running() or future.set_running_or_notify_cancel():
            future.set_exception(fault)
