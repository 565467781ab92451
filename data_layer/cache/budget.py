"""A bound on everything one call does, whatever it consists of: looking up a name, connecting, encrypting,
authenticating, sending, and reading answers that trickle in.

A timeout of a socket bounds one step; a slow server can use it up again and again. So a thread states by when
it wants to be back, and every socket made here observes that.
"""

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any


class _Deadline(threading.local):
    at: float | None = None  # monotonic seconds


_deadline = _Deadline()


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let everything this thread does with bounded connections end `seconds` from now: `TimeoutError`.

    An earlier deadline that is in force stays.
    """
    before = _deadline.at
    at = time.monotonic() + seconds
    _deadline.at = at if before is None else min(at, before)
    try:
        yield
    finally:
        _deadline.at = before


def remaining(timeout_s: float | None) -> float | None:
    """Return `timeout_s` (None: for ever) or what is left until the deadline, where that is less.

    Raises `TimeoutError` when nothing is left.
    """
    if _deadline.at is None:
        return timeout_s
    left = _deadline.at - time.monotonic()
    if left <= 0:
        raise TimeoutError("out of time")
    return left if timeout_s is None else min(timeout_s, left)


class BoundedSocket:
    """A connected socket, plain or TLS, whose blocking steps observe the deadline of the calling thread."""

    __slots__ = ("_in_force", "_sock", "_timeout")

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._timeout = self._in_force = sock.gettimeout()

    def settimeout(self, timeout: float | None) -> None:
        """Set what bounds one step; 0 means not to wait at all."""
        self._timeout = timeout

    def recv(self, size: int) -> bytes:
        """Return up to `size` bytes."""
        self._bound()
        return self._sock.recv(size)

    def sendall(self, data: bytes) -> None:
        """Send all of `data`."""
        self._bound()
        self._sock.sendall(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def _bound(self) -> None:
        timeout = self._timeout if self._timeout == 0 else remaining(self._timeout)
        if timeout != self._in_force:
            self._sock.settimeout(timeout)
            self._in_force = timeout


class Resolver:
    """Looks names up on a thread, because a look-up cannot be given a timeout. One thread a name at most."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[tuple[str, int], _Lookup] = {}

    def addresses(self, host: str, port: int, timeout_s: float | None) -> list[str]:
        """Return the addresses of `host` as text, at least one.

        Raises `OSError`: the name is unknown, or was not found in time.
        """
        if _is_address(host):
            return [host]
        with self._lock:
            lookup = self._running.get((host, port))
            if lookup is None or lookup.done.is_set():
                lookup = self._running[host, port] = _Lookup(host, port)
        if not lookup.done.wait(timeout_s):
            raise TimeoutError("the name was not found in time")
        if lookup.error is not None:
            raise OSError(*lookup.error.args)
        return lookup.found


class _Lookup:
    def __init__(self, host: str, port: int) -> None:
        self.done = threading.Event()
        self.found: list[str] = []
        self.error: OSError | None = None
        threading.Thread(target=self._run, args=(host, port), name=f"look up {host}", daemon=True).start()

    def _run(self, host: str, port: int) -> None:
        try:
            found = socket.getaddrinfo(host, port, 0, socket.SOCK_STREAM)
            self.found = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        except UnicodeError:
            self.error = OSError(f"{host!r} can be no name of a host")
        except OSError as error:
            self.error = error
        finally:
            self.done.set()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
