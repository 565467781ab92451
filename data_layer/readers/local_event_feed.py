"""The event feed of this machine: a subscription to the writer over its socket."""

import logging
import selectors
import socket
import threading
from collections.abc import Callable

from data_layer import wire
from data_layer.errors import AviatorError
from data_layer.messages import Committed, Refused, ServerFrame, Subscribe
from data_layer.readers.event_feed import FeedCallback, FeedEvent, Resynchronize
from data_layer.readers.subscribers import Subscribers

log = logging.getLogger(__name__)

_CONNECT_TIMEOUT_S = 0.5  # bounds what stop() may have to wait for
_RECEIVE_BYTES = 256 * 1024


class _ConnectionLostError(AviatorError):
    """The writer ended or refused the connection; the text says how."""


class LocalEventFeed:
    """Subscribes to the writer, for ever: after a loss it connects again, at first at once, then more slowly.

    `address` is asked before each attempt, because a restarted writer may listen elsewhere; it returns None
    while there is no writer. `secret` is the one of this run.
    """

    def __init__(
        self,
        address: Callable[[], str | None],
        secret: str,
        *,
        first_backoff_s: float = 0.05,
        longest_backoff_s: float = 1.0,
    ) -> None:
        self._address = address
        self._secret = secret
        self._first_backoff_s = first_backoff_s
        self._longest_backoff_s = longest_backoff_s
        self._subscribers = Subscribers[FeedEvent]()
        self._trouble = "not connected to the writer yet"
        self._confirmed = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._wake: tuple[socket.socket, socket.socket] | None = None

    @property
    def trouble(self) -> str:
        """Why no events come at the moment, for the operator; empty while they do."""
        return self._trouble

    def subscribe(self, callback: FeedCallback) -> Callable[[], None]:
        """See `EventFeed.subscribe`."""
        return self._subscribers.add(callback)

    def start(self) -> None:
        """Begin to connect. A feed starts once; after stop() another one has to be made."""
        if self._thread is not None or self._stopping.is_set():
            raise RuntimeError("an event feed starts only once")
        # A byte on this pair ends the wait for the writer: select() takes nothing but sockets on Windows.
        self._wake = socket.socketpair()
        self._thread = threading.Thread(
            target=self._run, args=(self._wake[0],), name="event-feed", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """See `EventFeed.stop`."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        if self._thread is not None and self._wake is not None:
            self._wake[1].send(b"x")
            self._thread.join()
            for end in self._wake:
                end.close()
        self._trouble = "stopped"

    def _run(self, wake: socket.socket) -> None:
        backoff_s = self._first_backoff_s
        while not self._stopping.is_set():
            self._confirmed = False
            try:
                self._follow_writer(wake)
            except (FileNotFoundError, ConnectionRefusedError):
                self._note_loss("it does not listen yet")
            except (OSError, AviatorError) as error:
                self._note_loss(str(error))
            backoff_s = (
                self._first_backoff_s if self._confirmed else min(backoff_s * 2, self._longest_backoff_s)
            )
            self._stopping.wait(backoff_s)

    def _follow_writer(self, wake: socket.socket) -> None:
        """Connect and tell what comes, until stop() is called. Raises when the connection ends before."""
        address = self._address()
        if address is None:
            raise _ConnectionLostError("the writer does not run")
        with wire.connect(address, _CONNECT_TIMEOUT_S) as connection:
            connection.sendall(wire.pack(Subscribe(secret=self._secret)))
            connection.setblocking(False)
            frames = wire.server_frames()
            with selectors.DefaultSelector() as selector:
                selector.register(connection, selectors.EVENT_READ)
                selector.register(wake, selectors.EVENT_READ)
                while not self._stopping.is_set():
                    ready = [key.fileobj for key, _ in selector.select()]
                    if connection in ready:
                        self._receive(connection, frames)

    def _receive(self, connection: socket.socket, frames: wire.FrameReader[ServerFrame]) -> None:
        try:
            data = connection.recv(_RECEIVE_BYTES)
        except BlockingIOError:
            return
        if not data:
            raise _ConnectionLostError("the writer closed the connection")
        for frame in frames.feed(data):
            if self._stopping.is_set():
                return
            if isinstance(frame, Refused):
                raise _ConnectionLostError(f"the writer refuses: {frame.reason}")
            if isinstance(frame, Committed):
                self._tell(frame)

    def _tell(self, event: Committed) -> None:
        if not self._confirmed:
            self._confirmed = True
            self._trouble = ""
            log.info("subscribed to the writer at version %d", event.version)
            self._subscribers.tell(Resynchronize())
        self._subscribers.tell(event)

    def _note_loss(self, reason: str) -> None:
        text = f"no news from the writer: {reason}"
        if text != self._trouble:
            log.info("%s", text)
        self._trouble = text
