"""What was probably meant by a name that there is not."""

from collections.abc import Iterable

from config.problems import closest
from data_layer.errors import UsageError


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that proposes the nearest of the known names, empty where none is near."""
    nearest = closest(name, known)
    return f"; did you mean {nearest}?" if nearest else ""


def without_rounds(bookmaker: str, known: Iterable[str]) -> UsageError:
    """Return what is wrong with a `--bookmaker` that is none of the `known`, which have rounds."""
    return UsageError(
        f"--bookmaker {bookmaker}: no rounds of such a bookmaker are recorded{did_you_mean(bookmaker, known)}"
    )
