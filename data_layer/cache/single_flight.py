"""One computation for all who want the same thing at the same time."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any


class Flight:
    """One computation under way."""

    def __init__(self) -> None:
        self.owner = threading.get_ident()
        self.outcome: Future[Any] = Future()
        self.overtaken = False  # something newer was said meanwhile; the result is returned but not kept


class SingleFlight:
    """The computations under way, each by what it is for: a namespace, a key, and the state it began in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[tuple[str, str, Hashable], Flight] = {}

    def run(self, namespace: str, key: str, state: Hashable, compute: Callable[[Flight], Any]) -> Any:
        """Return `compute(flight)`, or wait for what another thread is computing for the same.

        Raises whatever the computation raises, to all who wait. One that needs itself computes anew.
        """
        name = (namespace, key, state)
        with self._lock:
            flight = self._flights.get(name)
            leads = flight is None
            if flight is None or flight.owner == threading.get_ident():
                own = Flight()
                if leads:
                    self._flights[name] = own
                flight = own
                waits = False
            else:
                waits = True
        if waits:
            return flight.outcome.result()
        try:
            result = compute(flight)
        except BaseException as error:
            flight.outcome.set_exception(error)
            raise
        else:
            flight.outcome.set_result(result)
            return result
        finally:
            with self._lock:
                if self._flights.get(name) is flight:
                    del self._flights[name]

    def overtake(self, namespace: str, key: str | None = None) -> None:
        """Let nobody join what is under way for `key`, or the whole namespace; its results are not kept."""
        with self._lock:
            for name in [name for name in self._flights if name[0] == namespace and key in (None, name[1])]:
                self._flights.pop(name).overtaken = True
