"""The two clocks of the program, in one unit, so that every part can be given another one in a test."""

import time


def now_us() -> int:
    """Wall clock: UTC microseconds since the epoch. For what is stored or shown."""
    return time.time_ns() // 1_000


def monotonic_us() -> int:
    """Microseconds that never jump, shared by all processes of this machine. For ages and deadlines."""
    return time.monotonic_ns() // 1_000
