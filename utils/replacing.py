"""Writing a file so that whoever looks finds the old one or the whole new one, never a part."""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from utils.syncing import sync, sync_directory


@contextlib.contextmanager
def beside(out: Path) -> Iterator[Path]:
    """Give the path of an empty file in the directory of `out`; when the block ends nothing is left of it.

    Raises `OSError` when the directory cannot be written.
    """
    partial = out.with_name(f".{out.name}.{secrets.token_hex(4)}.partial")
    partial.touch(exist_ok=False)
    try:
        yield partial
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """Give the path of an empty file beside `out`; when the block ends it is synced and renamed to `out`.

    When the block raises, the file beside is removed and `out` stays as it was. Raises `OSError` when the
    directory cannot be written.
    """
    with beside(out) as partial:
        yield partial
        sync(partial)
        os.replace(partial, out)
        sync_directory(out.parent)
