"""Which bookmakers are selected, and which one the keyboard is at."""

from collections.abc import Sequence


class Selection:
    """A set of names in the order of the wall, changed as a list view changes it."""

    def __init__(self) -> None:
        self._order: tuple[str, ...] = ()
        self._chosen: set[str] = set()
        self._anchor: str | None = None
        self.current: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Return the selected names in the order of the wall."""
        return tuple(name for name in self._order if name in self._chosen)

    def __contains__(self, name: str) -> bool:
        return name in self._chosen

    def set_order(self, names: Sequence[str]) -> None:
        """Say which bookmakers there are; what is gone is no longer selected."""
        self._order = tuple(names)
        self._chosen.intersection_update(names)
        if self.current not in self._order:
            self.current = None
        if self._anchor not in self._order:
            self._anchor = None

    def click(self, name: str, *, toggle: bool = False, extend: bool = False) -> None:
        """Select `name` alone; with `toggle` (Ctrl) add or remove it, with `extend` (Shift) up to it."""
        if extend and self._anchor is not None:
            first, last = sorted((self._order.index(self._anchor), self._order.index(name)))
            reached = set(self._order[first : last + 1])
            self._chosen = self._chosen | reached if toggle else reached
        elif toggle:
            self._chosen ^= {name}
            self._anchor = name
        else:
            self._chosen = {name}
            self._anchor = name
        self.current = name

    def choose(self, names: Sequence[str]) -> None:
        """Select exactly `names`."""
        self._chosen = set(names) & set(self._order)
        chosen = self.names
        if chosen:
            self._anchor = chosen[0]
            self.current = self.current if self.current in self._chosen else chosen[0]

    def choose_all(self) -> None:
        """Select everything."""
        self.choose(self._order)

    def clear(self) -> None:
        """Select nothing; the keyboard stays where it is."""
        self._chosen.clear()
        self._anchor = None
