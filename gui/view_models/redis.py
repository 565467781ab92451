"""What the window says of Redis: in the status bar, among the figures, on the settings page, as a problem."""

from data_layer.engine import BoardSnapshot, RedisStatus
from data_layer.messages import RedisHealth, WriterHealth
from gui.view_models.condition import Light
from gui.view_models.figure import Figure
from gui.view_models.tones import Tone
from gui.view_models.words import count_text

CHOICES = (("off", "off"), ("on", "on"))
UNTIL = "Takes effect at once and holds until the program ends; REDIS_ENABLED says what it starts with."


def choice(status: RedisStatus) -> str:
    """Return which of `CHOICES` is in force."""
    return "on" if status.enabled else "off"


def is_only_way(snapshot: BoardSnapshot) -> bool:
    """Tell whether this window has no database beside Redis: it shows an instance on another machine."""
    return snapshot.instance is not None and snapshot.instance.command == "view"


def status_entry(status: RedisStatus, *, only_way: bool = False) -> tuple[Light, str]:
    """Return light and words for the status bar; `only_way`: see `is_only_way`."""
    if not status.enabled:
        return Light.OFF, "Redis off"
    if status.connected:
        return Light.LIVE, "Redis connected"
    meanwhile = "nothing new comes" if only_way else "reading the database"
    return Light.WARN, f"Redis {status.trouble or 'connecting'}, {meanwhile}"


def figure(status: RedisStatus, writer: WriterHealth | None) -> Figure:
    """Return what stands among the writer's measurements."""
    if not status.enabled:
        return Figure(label="Redis", text="not used")
    health = writer.redis if writer is not None else None
    if health is None:
        return Figure(label="Redis", text="connected" if status.connected else "away", tone=Tone.TEXT)
    if not health.connected:
        return Figure(label="Redis", text="away", tone=Tone.WARN)
    if health.ranges_ready < health.ranges:
        return Figure(label="Redis", text=f"computing range {health.ranges_ready + 1} of {health.ranges}")
    return Figure(label="Redis", text=f"{count_text(health.published)} published")


def facts(
    status: RedisStatus, writer: WriterHealth | None, *, only_way: bool = False
) -> tuple[tuple[str, str], ...]:
    """Return what the settings page says below the switch."""
    found = [("address", status.address or "none configured")]
    if status.enabled:
        reading = (
            "results and events come from Redis"
            if status.connected
            else _away(status.trouble, only_way=only_way)
        )
        found.append(("this window", reading))
        health = writer.redis if writer is not None else None
        if health is not None:
            found.append(("the writer", _publishing(health)))
        remarks = _remarks(status, writer)
        if remarks:
            found.append(("look at", "; ".join(remarks)))
    elif only_way:
        found.append(("this window", "nothing comes without Redis: the database is on another machine"))
    else:
        found.append(("this window", "results and events come from the database and its writer"))
    return (*found, ("", UNTIL))


def _remarks(status: RedisStatus, writer: WriterHealth | None) -> list[str]:
    said = [status.remark]
    if writer is not None:
        said += [writer.redis.remark if writer.redis is not None else "", writer.stream_remark]
    return [text for text in said if text]


def trouble(status: RedisStatus, writer: WriterHealth | None, *, only_way: bool = False) -> tuple[str, str]:
    """Return title and detail of what the operator should know; empty ones when there is nothing."""
    if not status.enabled:
        return "", ""
    if not status.connected and status.trouble:
        detail = (
            "the database is on another machine: nothing new is shown here until Redis is back"
            if only_way
            else "figures come from the database meanwhile; nothing is lost"
        )
        return f"Redis: {status.trouble}", detail
    health = writer.redis if writer is not None else None
    if health is not None and not health.connected and health.trouble:
        return f"Redis: the writer: {health.trouble}", "other machines see old figures; nothing is lost"
    return "", ""


def stream_trouble(status: RedisStatus, writer: WriterHealth | None) -> tuple[str, str]:
    """Return title and detail of what keeps rounds of other machines away; empty ones when nothing does.

    An outage of Redis is one trouble: `trouble` tells it.
    """
    if not status.enabled or writer is None or not writer.stream_trouble or trouble(status, writer)[0]:
        return "", ""
    title = f"Rounds of other machines do not arrive: {writer.stream_trouble}"
    return title, "they wait in the outboxes there; nothing is lost"


def _away(why: str, *, only_way: bool) -> str:
    until = "nothing new comes" if only_way else "results come from the database"
    return f"{why or 'connecting'}: {until} until Redis is back"


def _publishing(health: RedisHealth) -> str:
    if not health.connected:
        return f"cannot publish: {health.trouble or 'connecting'}"
    metrics = f"metrics of {health.ranges_ready} of {health.ranges} ranges ready"
    return f"publishes version {count_text(health.version)}, {metrics}"
