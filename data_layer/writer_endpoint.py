"""How a command finds the writer of the running instance: a small file that only the same user can read."""

import contextlib
import os
from pathlib import Path

import msgspec

from data_layer.errors import DataDirectoryError


class WriterEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where the writer listens, and what a peer must show. Valid as long as the instance runs."""

    address: str
    secret: str

    def __repr__(self) -> str:
        return f"WriterEndpoint(address={self.address!r})"


def publish(data_dir: Path, endpoint: WriterEndpoint) -> None:
    """Tell commands of the same user about the writer. Raises `DataDirectoryError`."""
    path = _path(data_dir)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()  # so that the permissions below are really those of the file
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(endpoint))
    except OSError as error:
        raise DataDirectoryError(f"the data directory cannot be written: {error}") from error


def read(data_dir: Path) -> WriterEndpoint | None:
    """Return the writer's endpoint, None when none was published or it is not ours to read."""
    try:
        return msgspec.json.decode(_path(data_dir).read_bytes(), type=WriterEndpoint)
    except (OSError, msgspec.MsgspecError):
        return None


def withdraw(data_dir: Path) -> None:
    """Remove what `publish` wrote."""
    with contextlib.suppress(OSError):
        _path(data_dir).unlink()


def _path(data_dir: Path) -> Path:
    return data_dir / "run" / "writer.json"
