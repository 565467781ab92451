"""The analyst of a window without a database: it has its questions answered by the instance that has one."""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

import msgspec

from config.redis_target import RedisTarget
from data_layer.analytics.checks import BadQuestionError
from data_layer.analytics.questions import Answer, Question
from data_layer.readers.analyst.question_lane import UnansweredError
from utils.attended_thread import AttendedThread

if TYPE_CHECKING:
    from data_layer.cache.question_channel import QuestionChannel, RemoteAnswer, Seen

log = logging.getLogger(__name__)

MOST_WAITING = 64
POLL_S = 0.1
AGAIN_S = 5.0  # after so long an unanswered question is asked once more: it may have been dropped
UNSERVED_S = 5.0  # so long nobody may give a sign of life, or Redis be away, before a question is given up
PATIENCE_S = 120.0  # a long history takes seconds; nobody waits for minutes

_answers = msgspec.json.Decoder(Answer)


class _Waiting:
    """One question under way, and all who wait for its answer."""

    def __init__(self, question: bytes) -> None:
        self.question = question
        self.futures: list[Future[Answer]] = []
        self.since = time.monotonic()
        self.asked_at: float | None = None
        self.at: tuple[str, int] | None = (
            None  # era and version when it was asked: older answers do not count
        )


class RemoteAnalyst(AttendedThread):
    """Implements what a window needs of `AnalyticsReader`, over Redis. No call waits."""

    def __init__(self, target: RedisTarget, bookmakers: Callable[[], Sequence[str]]) -> None:
        """`bookmakers` returns whose rounds there are, as far as that is known here."""
        super().__init__("remote-analyst")
        self._target = target
        self._bookmakers = bookmakers
        self._waiting: dict[str, _Waiting] = {}  # by digest
        self._trouble = ""
        self._served_at = 0.0

    @property
    def trouble(self) -> str:
        """What hinders answers, for the operator; empty when nothing does, as far as is known."""
        return self._trouble

    def bookmakers(self) -> tuple[str, ...]:
        """Return whose rounds may be asked about."""
        return tuple(self._bookmakers())

    def stop(self) -> None:
        """End within a second; whoever waits for an answer is told."""
        self._end()
        self._give_up(list(self._waiting), "the analytics have stopped")

    def ask(self, question: Question) -> "Future[Answer]":
        """Return where the answer will be. Its error is an `AviatorError`."""
        from data_layer.cache.question_channel import LONGEST_QUESTION, digest_of

        future: Future[Answer] = Future()
        blob = msgspec.json.encode(question)
        refusal = ""
        with self._changed:
            digest = digest_of(blob)
            if self._stopping:
                refusal = "the analytics have stopped"
            elif len(blob) > LONGEST_QUESTION:
                refusal = f"the question is too long to be sent ({len(blob):,} bytes)"
            elif digest not in self._waiting and len(self._waiting) >= MOST_WAITING:
                refusal = f"{MOST_WAITING} questions are waiting already; ask again later"
            else:
                self._waiting.setdefault(digest, _Waiting(blob)).futures.append(future)
                self._changed.notify_all()
        if refusal:
            future.set_exception(UnansweredError(refusal))
        return future

    # The thread.

    def _run(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._waiting)
            if self._stopping:
                return
        from data_layer.cache.question_channel import QuestionChannel
        from data_layer.cache.redis_cache import RedisCache

        cache = RedisCache(target=self._target, telling=False)
        channel = QuestionChannel(cache.link, cache.keys)
        try:
            while self._wait():
                try:
                    self._pass(channel)
                except Exception:
                    log.exception("a question could not be asked")
                    self._give_up(list(self._waiting), "the question could not be asked")
        finally:
            cache.close()

    def _wait(self) -> bool:
        """Return True when it is time to look again, False at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopping or self._waiting)
            self._changed.wait_for(lambda: self._stopping, POLL_S)
            return not self._stopping

    def _pass(self, channel: "QuestionChannel") -> None:
        with self._changed:
            for digest in [name for name, one in self._waiting.items() if _cancelled(one)]:
                del self._waiting[digest]
            waiting = dict(self._waiting)
        seen = channel.look(list(waiting)) if waiting else None
        now = time.monotonic()
        if seen is not None and seen.served:
            self._served_at = now
        unserved = "no instance with the database answers questions through this Redis"
        away = f"Redis {channel.trouble or 'does not answer'}"
        self._trouble = away if waiting and seen is None else ""
        if seen is not None:
            self._take(seen, waiting)
            self._send(channel, waiting, now)
        for digest, one in waiting.items():
            if now - max(one.since, self._served_at) > UNSERVED_S:
                self._give_up([digest], away if seen is None else unserved)
            elif now - one.since > PATIENCE_S:
                self._give_up([digest], "the answer did not come in time")

    def _take(self, seen: "Seen", waiting: "dict[str, _Waiting]") -> None:
        for digest, one in waiting.items():
            if one.at is None:
                one.at = (seen.era, seen.version)
            answer = seen.answers.get(digest)
            if answer is not None and answer.era == seen.era and answer.version >= _least(one.at, seen.era):
                self._give(digest, answer)

    def _send(self, channel: "QuestionChannel", waiting: "dict[str, _Waiting]", now: float) -> None:
        due = [
            one
            for digest, one in waiting.items()
            if digest in self._waiting and (one.asked_at is None or now - one.asked_at > AGAIN_S)
        ]
        if due and channel.ask([one.question for one in due]):
            for one in due:
                one.asked_at = now

    def _give(self, digest: str, found: "RemoteAnswer") -> None:
        answer: Answer | None = None
        fault: Exception = UnansweredError(found.fault)
        if found.senseless:
            fault = BadQuestionError(found.fault)
        if not found.fault:
            try:
                answer = _answers.decode(found.answer)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                fault = UnansweredError(f"the answer cannot be read: {error}")
        for future in self._forget(digest):
            if answer is not None:
                future.set_result(answer)
            else:
                future.set_exception(fault)

    def _give_up(self, digests: Sequence[str], why: str) -> None:
        for digest in digests:
            for future in self._forget(digest):
                future.set_exception(UnansweredError(why))

    def _forget(self, digest: str) -> "list[Future[Answer]]":
        """Return those who still wait for an answer; they are not kept any more."""
        with self._changed:
            one = self._waiting.pop(digest, None)
        futures = one.futures if one is not None else []
        return [future for future in futures if future.set_running_or_notify_cancel()]


def _cancelled(one: _Waiting) -> bool:
    return all(future.cancelled() for future in one.futures)


def _least(at: tuple[str, int], era: str) -> int:
    """Return the lowest version of an answer that counts: that of the asking, in the same era."""
    return at[1] if at[0] == era else 0
