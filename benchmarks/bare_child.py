"""The least that a child can do: the yardstick for starting one. Loads nothing beyond that."""

from multiprocessing.connection import Connection

from orchestration.control import ChildControl


def say_hello(_: int, pipe: Connection) -> None:
    """Report readiness and end."""
    control = ChildControl(pipe, process="bare")
    control.ready()
    control.flush()
