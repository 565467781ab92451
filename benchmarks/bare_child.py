"""The least that a child can do: the yardstick for starting and keeping one. Loads nothing beyond that."""

import threading
from multiprocessing.connection import Connection

from orchestration.control import ChildControl


def say_hello(_: int, pipe: Connection) -> None:
    """Report readiness and stay, until killed or without a parent."""
    control = ChildControl(pipe, process="bare")
    control.ready()
    control.flush()
    threading.Event().wait()
