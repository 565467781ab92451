"""Names of time zones: whether there is one, and which was meant."""

from zoneinfo import ZoneInfo, available_timezones

from config.problems import closest


def zone_named(name: str) -> ZoneInfo | None:
    """Return the zone that the IANA database calls `name`, None where it has none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def nearest_zone(name: str) -> str:
    """Return the name that is most like `name`, by its city first: most people leave the continent out."""
    known = available_timezones()
    by_city = {each.rpartition("/")[2]: each for each in sorted(known)}
    city = closest(name, by_city, 0.8)
    return (by_city[city] if city else closest(name, known)) or "UTC"
