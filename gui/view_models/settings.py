"""What the settings page says besides its choices: when data counts as old, and the configuration."""

from collections.abc import Sequence

from gui.dependencies import ConfigurationLine
from gui.view_models import condition, stats_view, words
from gui.view_models.attention import WRITER_LATE_US
from gui.view_models.tables import Cell, Column, Row, text_cell
from gui.view_models.tones import Tone

THEME_CHOICES = (("dark", "dark"), ("light", "light"))
WALL_CHOICES = (("auto", "whatever fits"), ("full", "full"), ("compact", "compact"), ("table", "table"))

WHERE_TO_CHANGE = (
    "Read when the program starts; of several places the later one counts: built-in defaults, the file "
    "config/aviator.toml (or the one named with --config), .env, AVIATOR_*, REDIS_* and CACHE_* "
    "in the environment, the command line. A changed value takes effect at the next start."
)

CONFIGURATION_COLUMNS = (
    Column(key="key", title="setting"),
    Column(key="value", title="value in force", stretch=True),
    Column(key="place", title="comes from"),
)


def age_limits() -> tuple[tuple[str, str], ...]:
    """Return what counts as old, and from when on."""
    patience = words.duration_text(condition.LEAST_PATIENCE_US)
    return (
        (
            "statistics",
            f"shown as old after {_whole(stats_view.OLD_AFTER_US)}, refreshed every "
            f"{_whole(stats_view.REFRESH_US)} and after commits",
        ),
        ("worker", f"in trouble when it has not answered for {_whole(condition.HEARTBEAT_LATE_US)}"),
        ("writer", f"in trouble when it has not answered for {_whole(WRITER_LATE_US)}"),
        ("flight", f"no data when nothing has come for {_whole(condition.FLIGHT_SILENT_US)}"),
        (
            "between flights",
            f"no data after 1.5 times the bookmaker's own rhythm, at least {patience}; "
            f"{_whole(condition.UNKNOWN_RHYTHM_US)} while its rhythm is not known",
        ),
    )


def _whole(duration_us: int) -> str:
    return words.duration_text(duration_us).replace(".0 s", " s")


def directory(path: str, *, has_database: bool) -> tuple[tuple[str, str], ...]:
    """Return where everything is kept, and what that is."""
    holds = "aviator.db, outboxes, logs, window.ini" if has_database else "logs, window.ini"
    return (("path", path), ("holds", holds))


def configuration_rows(lines: Sequence[ConfigurationLine]) -> tuple[Row, ...]:
    """Return one row for each setting in force."""
    return tuple(
        Row(
            key=line.key,
            cells=(
                text_cell(line.key, tip=line.key),
                _value_cell(line.value),
                text_cell(line.place, tone=Tone.MUTED, tip=line.place),
            ),
        )
        for line in lines
    )


def _value_cell(value: str) -> Cell:
    return text_cell(value, tip=value) if value else text_cell("(empty)", tone=Tone.MUTED)
