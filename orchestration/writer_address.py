"""Where the writer listens: a Unix socket that only its user can reach, else a port on loopback.

The address is chosen once per run and stays the same when the writer is restarted, so that workers and
viewers find the next writer where they lost the last one.
"""

import contextlib
import hashlib
import os
import socket
import stat
import sys
import tempfile
from pathlib import Path

from data_layer.errors import DataDirectoryError

LONGEST_SOCKET_PATH = 100  # bytes; systems allow 104 to 108
_BACKLOG = 256
_SOCKET = "writer.sock"


def choose_address(data_dir: Path) -> str:
    """Return the address for this run, as `data_layer.wire` writes them.

    Raises `DataDirectoryError` when the directory for the socket cannot be made, or is not ours alone.
    """
    if sys.platform == "win32":
        return _free_port()
    directory = data_dir.absolute() / "run"
    if not can_be_socket(directory / _SOCKET):
        digest = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:16]
        directory = Path(tempfile.gettempdir()) / f"aviator-{os.getuid()}-{digest}"
    if not can_be_socket(directory / _SOCKET):
        return _free_port()
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        owner = directory.lstat()
        if stat.S_ISDIR(owner.st_mode) and owner.st_uid == os.getuid():
            directory.chmod(0o700)
    except OSError as error:
        raise DataDirectoryError(f"the directory of the writer's socket cannot be used: {error}") from error
    if not stat.S_ISDIR(owner.st_mode) or owner.st_uid != os.getuid():
        raise DataDirectoryError(
            f"{directory} belongs to somebody else; remove it or choose another --data-dir"
        )
    return f"unix:{directory / _SOCKET}"


def can_be_socket(path: Path) -> bool:
    """Tell whether `path` is short enough for a Unix socket."""
    return len(os.fsencode(path)) <= LONGEST_SOCKET_PATH


def _free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"tcp:{probe.getsockname()[1]}"


def listen(address: str) -> socket.socket:
    """Return a non-blocking socket listening at `address`, in place of a dead writer's.

    Only the holder of the writer lock may call this: it removes a socket file that is in its way. Raises
    `OSError` when the port is taken.
    """
    kind, _, place = address.partition(":")
    if kind == "unix":
        with contextlib.suppress(FileNotFoundError):
            os.unlink(place)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(place)
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
    else:
        listener = socket.create_server(("127.0.0.1", int(place)), backlog=_BACKLOG)
    listener.setblocking(False)
    return listener


def remove(address: str) -> None:
    """Remove what an ended run leaves in the file system."""
    kind, _, place = address.partition(":")
    if kind == "unix":
        with contextlib.suppress(OSError):
            os.unlink(place)
        with contextlib.suppress(OSError):
            os.rmdir(Path(place).parent)
