"""One process at a time, by a lock on a file that is there anyway.

Standard library only: `bootstrap.py` uses it before any package is installed.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_LOOK_AGAIN_S = 0.2
_BEYOND_THE_END = 1 << 30  # where Windows keeps a lock that hinders no reader of the file


@contextlib.contextmanager
def sole(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Keep other processes waiting at the same block while this one is inside; `waiting`: told before a wait.

    The lock is the operating system's: it ends with its holder, however that ends. On POSIX a child started
    with `close_fds=False` holds it as well, until it has ended itself. Raises `OSError` when `path` cannot be
    read.
    """
    with path.open("rb") as file:
        os.set_inheritable(file.fileno(), True)
        if not _locked(file.fileno()):
            waiting()
            while not _locked(file.fileno()):
                time.sleep(_LOOK_AGAIN_S)
        yield


def _locked(descriptor: int) -> bool:
    """Lock an open file and say whether that went; where files have no locks it counts as locked."""
    try:
        if sys.platform == "win32":
            os.lseek(descriptor, _BEYOND_THE_END, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # the second: Windows
        return False
    except OSError:
        pass
    return True
