"""What lets a child end that was stopped (SIGSTOP, a debugger) when its parent dies.

A child that runs sees the end of its control pipe and ends itself. A stopped one sees nothing, so on Linux
the kernel is asked to continue it at its parent's death. Elsewhere the system does so only for what was
started from a terminal.
"""

import os
import signal
import sys
from multiprocessing import process

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def be_woken_at_parents_death() -> None:
    """Have the kernel send SIGCONT to this process when its parent dies; changes nothing while it runs.

    The parent may be the fork server. It must then die with the main process, and it would wait for its
    children, each of which holds the pipe that says that the main process lives: this child lets go of it.
    """
    if sys.platform != "linux":
        return
    import ctypes
    from multiprocessing import forkserver

    server = forkserver._forkserver
    descriptor = getattr(server, "_forkserver_alive_fd", None)
    if descriptor is not None and process.parent_process() is not None:
        os.close(descriptor)
        vars(server)["_forkserver_alive_fd"] = None
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGCONT)
