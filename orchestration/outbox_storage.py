"""The outbox's dealings with the file system: its lock, and appends that are whole."""

import contextlib
from pathlib import Path

import filelock

from data_layer.errors import DataDirectoryError
from utils.syncing import sync_directory, sync_file

_LOCK_TIMEOUT_S = 3.0  # the system frees the lock of a killed worker, but not at once


class LogFile:
    """A file that is appended to and knows where its last whole frame ends."""

    def __init__(self, path: Path, size: int) -> None:
        self._file = path.open("r+b", buffering=0)
        self.size = size

    def append(self, frame: bytes, *, sync: bool) -> None:
        """Write `frame` whole or not at all. Raises OSError."""
        try:
            self._file.seek(self.size)
            view = memoryview(frame)
            while view:
                view = view[self._file.write(view) or 0 :]
            if sync:
                sync_file(self._file.fileno())
        except OSError:
            with contextlib.suppress(OSError):  # if even this fails, the next frame is written over it
                self._file.truncate(self.size)
            raise
        self.size += len(frame)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._file.close()


def locked(path: Path) -> filelock.BaseFileLock:
    """Return the lock of the outbox at `path`, taken, with its directory made.

    Raises `DataDirectoryError` when another process holds it or the directory cannot be used.
    """
    try:
        _make(path.parent)
        lock = filelock.FileLock(f"{path}.lock", timeout=_LOCK_TIMEOUT_S)
        lock.acquire()
    except filelock.Timeout as error:
        raise DataDirectoryError(f"another process holds the outbox {path}") from error
    except OSError as error:
        raise DataDirectoryError(f"the outbox directory {path.parent} cannot be used: {error}") from error
    return lock


def _make(directory: Path) -> None:
    """Make a directory that is there after a power cut, as what is synced into it has to be."""
    if not directory.is_dir():
        _make(directory.parent)
        directory.mkdir(exist_ok=True)
        sync_directory(directory.parent)
