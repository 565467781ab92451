"""Which rows of a table are chosen."""

from gui.widgets.table import DataTable


def chosen_keys(table: DataTable) -> tuple[str, ...]:
    """Return the keys of the selected rows, from top to bottom."""
    rows = table.table.rows
    places = sorted(index.row() for index in table.selectionModel().selectedRows())
    return tuple(rows[place].key for place in places if place < len(rows))
