"""Where the database of a command is."""

from pathlib import Path
from typing import TYPE_CHECKING

from data_layer.database.connection import DATABASE_NAME
from data_layer.database.file_check import refuse_newer

if TYPE_CHECKING:
    from config.settings import Settings


def database_to_read(settings: "Settings") -> Path:
    """Return the path of the database, also where there is none, before the first connection to it.

    Raises `DatabaseUnusableError` for one that a newer version wrote.
    """
    path = settings.data_dir / DATABASE_NAME
    refuse_newer(path)
    return path
