"""Whether a window can be shown here: asked before Qt is loaded, which ends the interpreter where it cannot.

Standard library only: `bootstrap.py` asks too, before any package is installed.
"""

import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_X_SOCKETS = Path("/tmp/.X11-unix")
_X_FIRST_PORT = 6000
_TIMEOUT_S = 0.5
_WITHOUT_DISPLAY = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs", "minimalegl", "vkkhrdisplay")


def display_problem(environ: Mapping[str, str] = os.environ) -> str:
    """Return why no window can be shown, in one line; empty where one can.

    Windows and macOS always have a desktop. Elsewhere the display that `environ` names has to answer.
    """
    if sys.platform in ("win32", "darwin"):
        return ""
    if environ.get("QT_QPA_PLATFORM", "").split(":")[0] in _WITHOUT_DISPLAY:
        return ""
    if environ.get("WAYLAND_DISPLAY"):
        return ""
    name = environ.get("DISPLAY", "")
    if not name:
        return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    return "" if _answers(name) else f"the display {name} (DISPLAY) does not answer"


def _answers(name: str) -> bool:
    """Tell whether something listens where X display `name`, as in ":0" or "host:10.0", has its socket."""
    host, _, rest = name.rpartition(":")
    number = rest.split(".")[0]
    if not number.isdigit():
        return Path(name).is_socket()  # macOS names a socket
    if host in ("", "unix") and hasattr(socket, "AF_UNIX"):
        path = str(_X_SOCKETS / f"X{number}")
        return any(_connects(socket.AF_UNIX, place) for place in (path, f"\0{path}"))
    return _connects(socket.AF_INET, (host.strip("[]") or "127.0.0.1", _X_FIRST_PORT + int(number)))


def _connects(family: int, address: str | tuple[str, int]) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.settimeout(_TIMEOUT_S)
        try:
            probe.connect(address)
        except (OSError, OverflowError, UnicodeError):
            return False
        return True
