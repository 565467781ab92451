"""Waiting until the disk, not only the system, holds what was written."""

import os
import sys
from pathlib import Path

if sys.platform == "darwin":
    import fcntl


def sync_file(descriptor: int) -> None:
    """Wait until the content of an open file is on the disk. Raises `OSError`."""
    if sys.platform == "darwin":
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync leaves it in the drive's cache there
    else:
        os.fsync(descriptor)


def sync(path: Path) -> None:
    """Wait until the content of the file at `path` is on the disk. Raises `OSError`."""
    with path.open("rb+") as file:
        sync_file(file.fileno())


def sync_directory(directory: Path) -> None:
    """Wait until the names in `directory` are on the disk. Windows has no such call and does without."""
    if sys.platform == "win32":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
