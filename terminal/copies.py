"""`backup` and `restore`: copies of the database, checked before anybody relies on them."""

from pathlib import Path

from config.settings import Settings
from data_layer.database import backup
from data_layer.database.backup import CopyReport
from data_layer.database.connection import DATABASE_NAME
from data_layer.errors import UsageError
from data_layer.instance import InstanceLock, sole_writer
from gui.view_models.words import bytes_text
from terminal import texts
from terminal.database_file import database_to_read


def make_backup(settings: Settings, out: Path) -> int:
    """Copy the database. Raises `UsageError` where there is none, and what `backup.backup` raises."""
    database = database_to_read(settings)
    if not database.exists():
        raise UsageError(f"there is no database in {database.parent} to copy")
    report = backup.backup(database, out)
    texts.console().print(f"{report.path}: {_contents(report)}", soft_wrap=True)
    return 0


def put_back(file: Path, settings: Settings) -> int:
    """Restore a copy.

    Raises `UsageError` where there is none, `InstanceRunningError` while one runs, and what `backup.restore`
    raises.
    """
    data_dir = settings.data_dir
    if not file.exists():
        raise UsageError(f"no such file: {file}; nothing was restored")
    with InstanceLock(data_dir, "restore"), sole_writer(data_dir):
        report = backup.restore(file, data_dir / DATABASE_NAME)
    console = texts.console()
    console.print(f"{report.path}: {_contents(report)}", soft_wrap=True)
    if report.kept is not None:
        console.print(f"what was there before is kept as {report.kept}", soft_wrap=True)
    return 0


def _contents(report: CopyReport) -> str:
    rounds = report.rows.get("rounds", 0)
    return f"{rounds:,} rounds, {bytes_text(report.size_bytes)}, checked, in {report.duration_s:.1f} s"
