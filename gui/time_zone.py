"""Which time zone the window's times are of."""

from PySide6.QtCore import QTimeZone

_UTC = ("", "Etc/UTC", "Etc/UCT", "Etc/Universal", "Etc/Zulu")


def zone_name(configured_name: str) -> str:
    """Return the configured zone, for "local" the machine's own as Qt knows it."""
    if configured_name != "local":
        return configured_name
    name = QTimeZone.systemTimeZoneId().toStdString()
    return "UTC" if name in _UTC else name
