"""From the main process to the writer: alerts for the history. What the writer cannot take yet waits here."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from typing import TypeVar

from data_layer import wire
from data_layer.alerts.model import Alert
from data_layer.database.alert_rows import SENDER, record_of
from data_layer.errors import AviatorError
from data_layer.messages import Ack, Deliver, Hello, Record, Refused, ServerFrame, Welcome
from orchestration.backoff import Backoff, BackoffPolicy

MOST_WAITING = 10_000  # alerts; of each only the newest state waits
_FRAME_RECORDS = 100
_CONNECT_S = 1.0
_POLL_S = 0.25  # how soon `stop` is noticed
_RETRY = BackoffPolicy(initial_s=0.1, ceiling_s=2.0)
_RECEIVE_BYTES = 64 * 1024

FrameT = TypeVar("FrameT", Welcome, Ack)

_log = logging.getLogger(__name__)


class _LostError(AviatorError):
    """The writer went away or refused; what it had not acknowledged is sent again."""


class AlertDelivery:
    """A thread that brings alerts to the writer. A state that is delivered twice changes nothing there."""

    def __init__(self, address: Callable[[], str], secret: str) -> None:
        """`address` is asked before each connection; `secret` is the one of this run."""
        self._address = address
        self._secret = secret
        self._changed = threading.Condition()
        self._waiting: dict[str, Alert] = {}  # by uid, in the order they came
        self._stopping = False
        self._backoff = Backoff(_RETRY)
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="alert-history", daemon=True)

    @property
    def waiting(self) -> int:
        """Alerts that are not stored yet."""
        return len(self._waiting)

    def start(self) -> None:
        """Begin to deliver."""
        self._thread.start()

    def offer(self, alert: Alert) -> None:
        """Have an alert stored as it is now; returns at once."""
        with self._changed:
            if alert.uid not in self._waiting and len(self._waiting) >= MOST_WAITING:
                del self._waiting[next(iter(self._waiting))]
                self.dropped += 1
            self._waiting[alert.uid] = alert
            self._changed.notify_all()

    def stop(self, within_s: float) -> None:
        """Deliver what waits, for `within_s` seconds at most, and end."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting or not self._thread.is_alive(), within_s)
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        if self._waiting:
            _log.warning("%d alerts are missing in the history: the writer took none", len(self._waiting))

    def _run(self) -> None:
        while self._wait_for_work():
            try:
                self._deliver()
                self._backoff.reset()
            except (OSError, AviatorError) as error:
                _log.debug("alerts wait for the writer: %s", error)
                delay_s = self._backoff.after_failure(0.0)
                with self._changed:
                    self._changed.wait_for(lambda: self._stopping, delay_s)

    def _wait_for_work(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._stopping)
            return not self._stopping

    def _deliver(self) -> None:
        """Bring over what waits, on one connection. Raises when that ends before everything is committed."""
        with wire.connect(self._address(), _CONNECT_S) as connection:
            connection.settimeout(_POLL_S)
            talk = _Talk(connection, lambda: self._stopping)
            talk.send(Hello(secret=self._secret, bookmaker=SENDER, stream=SENDER, pid=os.getpid()))
            talk.await_frame(Welcome)
            sent = 0
            while batch := self._next_batch():
                records: list[Record] = [record_of(alert) for alert in batch]
                sent += len(records)
                talk.send(Deliver(upto=sent, records=records, urgent=True))
                while talk.await_frame(Ack).upto < sent:
                    pass
                self._forget(batch)

    def _next_batch(self) -> list[Alert]:
        with self._changed:
            return [alert for alert, _ in zip(self._waiting.values(), range(_FRAME_RECORDS), strict=False)]

    def _forget(self, batch: list[Alert]) -> None:
        with self._changed:
            for alert in batch:
                if self._waiting.get(alert.uid) is alert:  # else it has changed since
                    del self._waiting[alert.uid]
            self._changed.notify_all()


class _Talk:
    """One connection, read in small waits so that its end can be asked for."""

    def __init__(self, connection: socket.socket, given_up: Callable[[], bool]) -> None:
        self._connection = connection
        self._given_up = given_up
        self._frames = wire.server_frames()
        self._received: list[ServerFrame] = []

    def send(self, frame: Hello | Deliver) -> None:
        self._connection.sendall(wire.pack(frame))

    def await_frame(self, kind: type[FrameT]) -> FrameT:
        """Return the next frame, which must be of `kind`; waits as long as the writer lives."""
        while not self._received:
            if self._given_up():
                raise _LostError("given up")
            try:
                data = self._connection.recv(_RECEIVE_BYTES)
            except TimeoutError:
                continue
            if not data:
                raise _LostError("the writer closed the connection")
            self._received = self._frames.feed(data)
        frame = self._received.pop(0)
        if isinstance(frame, Refused):
            raise _LostError(f"refused: {frame.reason}")
        if not isinstance(frame, kind):
            raise _LostError(f"answered with {type(frame).__name__}")
        return frame
