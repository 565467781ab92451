"""The named stretches of time that end now."""

RANGES: dict[str, int | None] = {  # name -> length in seconds, None: of all time
    "1h": 3_600,
    "6h": 6 * 3_600,
    "24h": 24 * 3_600,
    "3d": 3 * 86_400,
    "7d": 7 * 86_400,
    "30d": 30 * 86_400,
    "all": None,
}
