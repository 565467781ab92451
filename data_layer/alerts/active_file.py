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


def write(data_dir: Path, alerts: Sequence[Alert]) -> None:
    """Replace the file. It is not synced: it is of no use to anybody after a power cut. Raises `OSError`."""
    path = data_dir / FILE_NAME
    partial = path.with_name(f".{FILE_NAME}.partial")
    content = ActiveAlerts(at_us=clock.now_us(), pid=os.getpid(), alerts=tuple(alerts))
    try:
        partial.write_bytes(msgspec.json.encode(content))
        os.replace(partial, path)
    except OSError:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise


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
