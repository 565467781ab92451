"""What a class of the user's own is kept from in its process: other processes, and the network.

It is a fence against mistakes, not a prison. A class that starts processes would leave them behind, one that
sends signals could end the worker that asks it, and one that reaches the network could bet in earnest: each
gets an exception at its line instead. The interpreter tells of all of that by audit events (PEP 578).
"""

import os
import sys
from typing import NoReturn

_STARTING = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.system",
        "pty.spawn",
        "subprocess.Popen",
    }
)
_SIGNALLING = frozenset({"os.kill", "os.killpg"})
_REACHING = frozenset(
    {
        "socket.bind",
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.sendmsg",
        "socket.sendto",
    }
)


def put_up() -> None:
    """Fence this process in, for the rest of its life."""
    sys.addaudithook(_look)
    os._exit = _leave


def _leave(status: int) -> NoReturn:
    """Go by an exception, so that it can be told at which line."""
    raise SystemExit(status)


def _look(event: str, details: tuple[object, ...]) -> None:
    if event in _STARTING:
        raise PermissionError("a paper strategy must not start a process")
    if event in _SIGNALLING and (event == "os.killpg" or details[0] != os.getpid()):
        raise PermissionError("a paper strategy must not send a signal to other processes")
    if event in _REACHING:
        raise PermissionError("a paper strategy must not reach the network")
