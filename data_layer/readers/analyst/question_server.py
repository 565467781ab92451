"""In the instance with the database: answers questions that windows on other machines ask through Redis.

What comes from Redis may be anybody's: it is decoded as one of the questions there are, or it is dropped. No
question makes anything be executed: a strategy of the user's own class is refused.
"""

import collections
import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

import msgspec

from config.redis_target import RedisTarget
from data_layer.analytics.checks import BadQuestionError
from data_layer.analytics.questions import Answer, BacktestQuestion, Question
from data_layer.errors import AviatorError
from data_layer.strategies.catalogue import KINDS
from utils.attended_thread import AttendedThread

if TYPE_CHECKING:
    from data_layer.cache.question_channel import QuestionChannel, RemoteAnswer

log = logging.getLogger(__name__)

LOOK_S = 0.2
MOST_A_LOOK = 2  # questions taken at a time: ten a second
MOST_AT_ONCE = 8  # under way; the others wait in Redis, and not for long
_LONGEST_FAULT = 1_000
_END_WITHIN_S = 1.0

_questions = msgspec.json.Decoder(Question)


class Asked(Protocol):
    """What answers."""

    def ask(self, question: Question) -> "Future[Answer]":
        """Return where the answer will be, without waiting."""
        ...


class QuestionServer(AttendedThread):
    """A thread between one Redis and `analyst`, which is made when the first question comes."""

    def __init__(self, target: RedisTarget, analyst: Callable[[], Asked]) -> None:
        super().__init__("question-server")
        self._target = target
        self._make_analyst = analyst
        self._analyst: Asked | None = None
        self._under_way = 0
        self._due_at = 0.0  # monotonic clock; when questions are taken next
        self._done: collections.deque[tuple[str, RemoteAnswer]] = collections.deque()
        self._told = False  # the log, of a value that is no question

    def stop(self) -> None:
        """End; what is under way is not answered any more."""
        self._end(_END_WITHIN_S)

    def _run(self) -> None:
        from data_layer.cache.question_channel import QuestionChannel
        from data_layer.cache.redis_cache import RedisCache

        cache = RedisCache(target=self._target, telling=False)
        channel = QuestionChannel(cache.link, cache.keys)
        try:
            while self._wait():
                try:
                    self._pass(channel)
                except Exception:  # one mistake must not silence the server for good
                    log.exception("a question of another machine could not be taken")
        finally:
            cache.close()

    def _wait(self) -> bool:
        with self._changed:
            left_s = max(0.0, self._due_at - time.monotonic())
            self._changed.wait_for(lambda: self._stopping or self._done, left_s)
            return not self._stopping

    def _pass(self, channel: "QuestionChannel") -> None:
        while self._done:
            channel.give(*self._done.popleft())
        now = time.monotonic()
        if now < self._due_at:
            return
        self._due_at = now + LOOK_S
        questions, version, era = channel.take(min(MOST_A_LOOK, MOST_AT_ONCE - self._under_way))
        for blob in questions:
            self._begin(blob, version, era)

    def _begin(self, blob: bytes, version: int, era: str) -> None:
        """Have a question answered; the answer is stored on this thread later."""
        from data_layer.cache.question_channel import LONGEST_QUESTION, RemoteAnswer, digest_of

        if len(blob) > LONGEST_QUESTION:
            return self._drop("it is too long")
        try:
            question = _questions.decode(blob)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            return self._drop(str(error))
        digest = digest_of(blob)
        if isinstance(question, BacktestQuestion) and question.strategy not in KINDS:
            fault = f"strategy {question.strategy[:100]!r} is none that is answered for other machines"
            self._done.append((digest, RemoteAnswer(version=version, era=era, fault=fault, senseless=True)))
            return None
        if self._analyst is None:
            self._analyst = self._make_analyst()
        with self._changed:
            self._under_way += 1

        def finish(future: "Future[Answer]") -> None:
            with self._changed:
                self._under_way -= 1
                self._done.append((digest, _outcome(future, version, era)))
                self._changed.notify_all()

        self._analyst.ask(question).add_done_callback(finish)
        return None

    def _drop(self, why: str) -> None:
        if not self._told:
            log.warning("a value in Redis that is no question: %s; later ones are dropped in silence", why)
            self._told = True


def _outcome(future: "Future[Answer]", version: int, era: str) -> "RemoteAnswer":
    from data_layer.cache.question_channel import RemoteAnswer

    error = None if future.cancelled() else future.exception()
    if future.cancelled() or error is not None:
        text = str(error)[:_LONGEST_FAULT] if isinstance(error, AviatorError) else "it could not be answered"
        senseless = isinstance(error, BadQuestionError)
        return RemoteAnswer(version=version, era=era, fault=text, senseless=senseless)
    return RemoteAnswer(version=version, era=era, answer=msgspec.Raw(msgspec.json.encode(future.result())))
