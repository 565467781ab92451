"""Whether processes live, as the tests count it."""

from collections.abc import Iterable

import psutil


def lives(process: psutil.Process) -> bool:
    """Tell whether a process runs; one that nobody has buried yet does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def any_lives(pids: Iterable[int]) -> bool:
    """Tell whether a process with one of these ids runs."""
    for pid in pids:
        try:
            if lives(psutil.Process(pid)):
                return True
        except psutil.NoSuchProcess:
            continue
    return False
