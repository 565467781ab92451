"""The writer's side of a subscription, and no more: a real socket, real frames, no database."""

import contextlib
import socket
import threading
from pathlib import Path

from data_layer import wire
from data_layer.messages import Committed, Refused, Subscribe


class TinyWriter:
    """Serves subscriptions between `up` and `down`: on a Unix socket, or on a new port each time."""

    def __init__(self, secret: str, path: Path | None = None) -> None:
        self._secret = secret
        self._path = path
        self._lock = threading.Lock()
        self._viewers: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._open: list[socket.socket] = []
        self._address: str | None = None
        self._closing = False
        self.version = 1
        self.answers = True  # to a subscription; a writer that hangs does not

    def address(self) -> str | None:
        return self._address

    def up(self) -> None:
        if self._path is None:
            self._listener = socket.create_server(("127.0.0.1", 0))
            self._address = f"tcp:{self._listener.getsockname()[1]}"
        else:
            self._path.unlink(missing_ok=True)
            self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self._listener.bind(str(self._path))
            self._listener.listen()
            self._address = f"unix:{self._path}"
        self._closing = False
        self._thread = threading.Thread(target=self._serve, args=(self._listener,), daemon=True)
        self._thread.start()

    def down(self) -> None:
        if self._listener is None or self._thread is None:
            return
        self._closing = True  # first: a viewer that comes back at once must not be let in
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                connection.close()
            self._open.clear()
            self._viewers.clear()
        assert self._address is not None
        with contextlib.suppress(OSError):
            wire.connect(self._address, 5).close()  # closing a socket does not end accept() everywhere
        self._thread.join()
        self._listener.close()
        self._listener = None

    def publish(self, event: Committed) -> None:
        self.send(wire.pack(event))
        self.version = event.version

    def send(self, data: bytes) -> None:
        with self._lock:
            for viewer in self._viewers:
                with contextlib.suppress(OSError):  # a viewer may leave at any time
                    viewer.sendall(data)

    def _serve(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            if self._closing:
                connection.close()
                return
            with self._lock:
                self._open.append(connection)
            with contextlib.suppress(OSError):
                self._greet(connection)

    def _greet(self, connection: socket.socket) -> None:
        reader = wire.client_frames()
        while True:
            data = connection.recv(4096)
            if not data:
                return
            for frame in reader.feed(data):
                assert isinstance(frame, Subscribe)
                if frame.secret != self._secret:
                    connection.sendall(wire.pack(Refused(reason="the secret is another one")))
                elif self.answers:
                    with self._lock:
                        connection.sendall(wire.pack(Committed(version=self.version, committed_at_us=0)))
                        self._viewers.append(connection)
                return
