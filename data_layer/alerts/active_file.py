"""The active alerts of the running instance in a small file, for commands on the same data directory.

The database has them too, but not while the writer cannot write, which is when they matter most.
"""

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from data_layer.alerts.model import ActiveAlerts, Alert
from utils import clock

FILE_NAME = "alerts.active.json"
_ROOM_BYTES = 16 * 1024  # the file is as long as some of these: room for more alerts when the disk is full


def write(data_dir: Path, alerts: Sequence[Alert]) -> None:
    """Replace the file. It is not synced: it is of no use to anybody after a power cut.

    On a full disk what stands there is written over, which takes no new room: it ends in blanks for that.
    What does not fit is left out, the mildest first. Raises `OSError` when nothing of that can be done; then
    the file is gone, because what it said is no longer so.
    """
    path = data_dir / FILE_NAME
    partial = path.with_name(f".{FILE_NAME}.partial")
    content = _encoded(alerts)
    try:
        partial.write_bytes(content.ljust(-(-len(content) // _ROOM_BYTES) * _ROOM_BYTES))
        os.replace(partial, path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        try:
            _write_over(path, alerts)
        except OSError:
            remove(data_dir)
            raise


def _write_over(path: Path, alerts: Sequence[Alert]) -> None:
    with path.open("r+b", buffering=0) as file:
        room = os.fstat(file.fileno()).st_size
        while len(content := _encoded(alerts)) > room and alerts:
            alerts = alerts[:-1]
        file.write(content.ljust(room))


def _encoded(alerts: Sequence[Alert]) -> bytes:
    return msgspec.json.encode(ActiveAlerts(at_us=clock.now_us(), pid=os.getpid(), alerts=tuple(alerts)))


def read(data_dir: Path, pid: int) -> tuple[Alert, ...] | None:
    """Return the alerts of the instance with process `pid`; None where it has not told any."""
    try:
        held = msgspec.json.decode((data_dir / FILE_NAME).read_bytes(), type=ActiveAlerts)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return held.alerts if held.pid == pid else None


def remove(data_dir: Path) -> None:
    """Remove the file, if it is there."""
    with contextlib.suppress(OSError):
        (data_dir / FILE_NAME).unlink(missing_ok=True)
