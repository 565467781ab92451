"""Who owns a data directory: one instance at a time, and within it one writer at a time.

Both locks are the operating system's: they end with their holder, kill -9 included, and what a killed
instance leaves behind (`instance.json`) is believed only while the lock is held.
"""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType

import msgspec
from filelock import FileLock, Timeout

from data_layer.errors import DataDirectoryError, InstanceRunningError
from utils import clock

_PREDECESSOR_S = 3.0  # the writer of a killed instance ends within two seconds of it
_POLL_S = 0.02
_PATIENCE_S = 0.2  # outlasts the glance of `running_instance`, and a first instance still writing its record


class InstanceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What `instance.json` says of the instance that holds the lock."""

    pid: int
    started_at_us: int
    command: str  # "window", "headless", "restore", ...
    host: str = ""

    def describe(self) -> str:
        """Return the words for the operator, with the local time of the start."""
        started = datetime.fromtimestamp(self.started_at_us / 1_000_000).astimezone()
        return f"{self.command}, process {self.pid}, started {started:%Y-%m-%d %H:%M:%S}"


class OsLock:
    """A lock file. The file stays behind; whether it is held is what counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = FileLock(path, timeout=0, thread_local=False, is_singleton=False)

    def acquire(self) -> bool:
        """Take the lock if nobody has it, and say whether. Raises `DataDirectoryError` without access."""
        try:
            self._lock.acquire()
        except Timeout:
            return False
        except OSError as error:
            raise DataDirectoryError(f"{self._path} cannot be locked: {error}") from error
        return True

    def release(self) -> None:
        """Give the lock back. Does nothing when it is not held."""
        self._lock.release(force=True)


def writer_lock(data_dir: Path) -> OsLock:
    """Return the lock that whoever writes the database holds, whatever the process."""
    return OsLock(data_dir / "writer.lock")


@contextlib.contextmanager
def sole_writer(data_dir: Path) -> Iterator[None]:
    """Hold the writer lock inside the block, once the writer of a killed instance has let go of it.

    The caller holds the instance's lock. Raises `InstanceRunningError` when a writer stays.
    """
    lock = writer_lock(data_dir)
    deadline = time.monotonic() + _PREDECESSOR_S
    while not lock.acquire():
        if time.monotonic() > deadline:
            raise InstanceRunningError(f"another process still writes the database in {data_dir}")
        time.sleep(_POLL_S)
    try:
        yield
    finally:
        lock.release()


class InstanceLock:
    """The right to run on a data directory. A context manager, or `acquire` and `release`."""

    def __init__(self, data_dir: Path, command: str, *, now: Callable[[], int] = clock.now_us) -> None:
        self._data_dir = data_dir
        self._command = command
        self._now = now
        self._lock = OsLock(data_dir / "instance.lock")

    def acquire(self) -> InstanceRecord:
        """Take the directory, made when missing.

        Raises `InstanceRunningError` naming the instance that has it, `DataDirectoryError` when the directory
        cannot be made or written.
        """
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataDirectoryError(f"the data directory cannot be made: {error}") from error
        deadline = time.monotonic() + _PATIENCE_S
        while not self._lock.acquire():
            if time.monotonic() >= deadline:
                raise InstanceRunningError(self._held_by())
            time.sleep(_POLL_S)
        record = InstanceRecord(
            pid=os.getpid(), started_at_us=self._now(), command=self._command, host=socket.gethostname()
        )
        try:
            _replace(_record_path(self._data_dir), msgspec.json.encode(record))
        except OSError as error:
            self._lock.release()
            raise DataDirectoryError(f"the data directory cannot be written: {error}") from error
        return record

    def release(self) -> None:
        """Leave the directory to others."""
        with contextlib.suppress(OSError):
            _record_path(self._data_dir).unlink()
        self._lock.release()

    def __enter__(self) -> "InstanceLock":
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _held_by(self) -> str:
        record = _read_record(self._data_dir)
        who = f" ({record.describe()})" if record else ""
        what_to_do = "stop it first, or choose another --data-dir"
        return f"another instance is running on {self._data_dir}{who}; {what_to_do}"


def running_instance(data_dir: Path) -> InstanceRecord | None:
    """Return the instance that holds `data_dir` now, None when there is none."""
    record = _read_record(data_dir)
    if record is None:
        return None
    lock = OsLock(data_dir / "instance.lock")
    try:
        free = lock.acquire()
    except DataDirectoryError:
        return record  # not ours to lock, so believe what is written
    if free:
        lock.release()
        return None
    return record


def _record_path(data_dir: Path) -> Path:
    return data_dir / "instance.json"


def _read_record(data_dir: Path) -> InstanceRecord | None:
    try:
        return msgspec.json.decode(_record_path(data_dir).read_bytes(), type=InstanceRecord)
    except (OSError, msgspec.MsgspecError):
        return None


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old or the new content, whole."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_bytes(content)
    os.replace(beside, path)
