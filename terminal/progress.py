"""How far a long command has come, on the terminal's last line while somebody watches."""

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def counted(things: str) -> Iterator[Callable[[int], None]]:
    """Yield what shows a count of `things`. The line is gone at the end, however that comes."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    try:
        yield lambda count: _write_now(f"\r{count:,} {things}")
    finally:
        _write_now("\r\x1b[K")


def _write_now(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
