"""Counts in words, for log and screen."""


def counted(count: int, noun: str) -> str:
    """Return "1 round", "2,000 rounds"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
