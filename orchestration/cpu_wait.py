"""How long a process has been kept waiting for a processor: what is late for that does not hang."""

from pathlib import Path

_NS = 1e-9


def waited_for_cpu_s(pid: int) -> float:
    """Return for how many seconds of its life the main thread of a process was ready to run and did not.

    Linux counts this (man 5 proc, `schedstat`); 0 where nobody does, and for a process that is gone.
    """
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) * _NS
    except (OSError, ValueError, IndexError):
        return 0.0
