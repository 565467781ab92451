"""`diagnose`: the whole health check, from the Python to each worker of the running instance."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from config.problems import InvalidSettingsError
from config.settings import Settings
from data_layer.database import health
from data_layer.engine import BoardSnapshot, WorkerView
from data_layer.instance import InstanceRecord, running_instance
from data_layer.messages import AgentState, InstanceInfo, WorkerState
from gui.view_models import condition
from gui.view_models.condition import Light
from gui.view_models.words import age_text, bytes_text, micros_text
from terminal import cache_health, texts
from terminal.options import CommonOptions
from terminal.status import ReadBoard
from utils import clock, diagnostic
from utils.diagnostic import Finding, Health
from utils.plurals import counted

if TYPE_CHECKING:
    from data_layer.cache.cache_manager import CacheStats

_STYLES = {Health.HEALTHY: "#3fb68b", Health.DEGRADED: "#e3a008", Health.BROKEN: "#f0565b", Health.OFF: "dim"}
_SILENT_US = 5_000_000  # an instance beats four times a second
_DATABASE_LIMIT_S = 5.0
_KINDS_SHOWN = 3  # of rejected input


def show(options: CommonOptions, read_board: ReadBoard, *, as_json: bool) -> int:
    """Print every finding and return the exit code: 0 healthy, 1 degraded, 2 broken."""
    try:
        findings = gather(options.load(), read_board, alone=True)
    except InvalidSettingsError as error:
        findings = _without_configuration(error, options, read_board)
    worst = diagnostic.overall(findings)
    if as_json:
        rows = [
            {"name": one.name, "health": one.health.value, "text": one.text, "advice": one.advice}
            for one in findings
        ]
        texts.write_json({"health": worst.value, "findings": rows})
        return diagnostic.exit_code(worst)
    console = texts.console()
    width = max(len(one.name) for one in findings)
    for one in findings:
        line = Text.assemble(
            f"{one.name:<{width}}  ", (f"{one.health:<8}", _STYLES[one.health]), "  ", texts.safe(one.text)
        )
        console.print(line, soft_wrap=True)
        if one.advice and one.health is not Health.HEALTHY:
            console.print(Text(f"{'':<{width}}            {one.advice}", style="dim"), soft_wrap=True)
    console.print(f"all in all: {worst}")
    return diagnostic.exit_code(worst)


def gather(
    settings: Settings,
    read_board: ReadBoard,
    *,
    alone: bool = False,
    cache: "Callable[[], CacheStats] | None" = None,
) -> list[Finding]:
    """Return every finding for a configuration that can be read. May take some seconds.

    `alone`: nothing else in this process reads the database. `cache` tells of its computed results.
    """
    return [
        *_machine(),
        *diagnostic.check_configuration(settings),
        *_data(settings.data_dir, read_board, alone=alone),
        diagnostic.check_redis(settings.redis),
        *_cache(settings, cache),
    ]


def _cache(settings: Settings, cache: "Callable[[], CacheStats] | None") -> list[Finding]:
    if cache is not None:
        return [cache_health.finding(cache(), redis_on=settings.redis.enabled)]
    shared = cache_health.shared(settings.redis)
    return [] if shared is None else [shared]


def _without_configuration(
    error: InvalidSettingsError, options: CommonOptions, read_board: ReadBoard
) -> list[Finding]:
    """Return what can be said all the same."""
    faults = [Finding(name="configuration", health=Health.BROKEN, text=str(one)) for one in error.problems]
    data_dir = options.given_data_dir
    return [*_machine(), *faults, *(_data(data_dir, read_board, alone=True) if data_dir else ())]


def _machine() -> list[Finding]:
    return [diagnostic.check_python(), diagnostic.check_packages(), diagnostic.check_display()]


def _data(data_dir: Path, read_board: ReadBoard, *, alone: bool) -> list[Finding]:
    record = running_instance(data_dir)
    snapshot = read_board(data_dir) if record is not None else None
    written = snapshot is not None and snapshot.writer is not None and snapshot.writer.version > 0
    return [
        diagnostic.check_disk(data_dir),
        *_database(data_dir / "aviator.db", alone=alone, written=written),
        *_instance(data_dir, record, snapshot),
    ]


def _database(path: Path, *, alone: bool, written: bool) -> list[Finding]:
    """Look at the database; `written`: a writer of this directory has had one."""
    look = health.look_at(path, time_limit_s=_DATABASE_LIMIT_S, alone=alone)
    return [_database_state(look, written=written), *_refused_input(look)]


def _database_state(look: health.DatabaseHealth, *, written: bool) -> Finding:
    path = look.path
    if look.faults:
        advice = "restore a backup (main.py restore FILE), or move the file away to begin anew"
        return Finding(name="database", health=Health.BROKEN, text="; ".join(look.faults), advice=advice)
    if not look.exists and written:
        text = f"{path} is gone, though the writer has it open: what is recorded may be lost when it ends"
        advice = "bring the file back, or stop AVIATOR and restore a backup"
        return Finding(name="database", health=Health.BROKEN, text=text, advice=advice)
    if not look.exists:
        text = f"none yet in {path.parent} (SQLite {look.library_version})"
        return Finding(name="database", health=Health.OFF, text=text)
    text = (
        f"{counted(look.rounds or 0, 'round')} of {counted(look.bookmakers or 0, 'bookmaker')}, "
        f"{look.quarantined or 0:,} rejected; "
        f"{bytes_text(look.size_bytes + look.wal_bytes)}, integrity {look.integrity}, "
        f"schema {look.schema_version}, SQLite {look.library_version}"
    )
    return Finding(name="database", health=Health(look.state), text=text, advice="; ".join(look.remarks))


def _refused_input(look: health.DatabaseHealth) -> Iterator[Finding]:
    """Say what is wrong with what was rejected, where anything was."""
    kinds = [
        f"{kind.bookmaker or 'of no bookmaker'}: {kind.reason} ({kind.inputs:,}, first at {kind.first_place})"
        for kind in look.refusals
    ]
    if kinds:
        rest = len(kinds) - _KINDS_SHOWN
        more = [f"{rest:,} more kinds"] if rest > 0 else []
        text = "; ".join([*kinds[:_KINDS_SHOWN], *more])
        yield Finding(name="rejected input", health=Health.HEALTHY, text=text)


def _instance(data_dir: Path, record: InstanceRecord | None, snapshot: BoardSnapshot | None) -> list[Finding]:
    if record is None:
        return [Finding(name="instance", health=Health.OFF, text=f"none is running on {data_dir}")]
    info = snapshot.instance if snapshot is not None else None
    if snapshot is None or info is None:
        text = f"{record.describe()}; it shows no workers (yet)"
        return [Finding(name="instance", health=Health.HEALTHY, text=text)]
    monotonic_us = clock.monotonic_us()
    silent_us = monotonic_us - info.heartbeat_us
    if silent_us > _SILENT_US:
        text = f"{record.describe()}; has not answered for {age_text(silent_us)}"
        advice = f"end process {record.pid} and start again; no recorded round is lost"
        return [Finding(name="instance", health=Health.BROKEN, text=text, advice=advice)]
    instance = Finding(name="instance", health=Health.HEALTHY, text=record.describe())
    return [
        instance,
        _writer(info, snapshot, monotonic_us),
        *gather_workers(snapshot.workers, clock.now_us(), monotonic_us),
    ]


def _writer(info: InstanceInfo, snapshot: BoardSnapshot, monotonic_us: int) -> Finding:
    advice = "workers keep their rounds on disk meanwhile; the log says more"
    writer = snapshot.writer
    if info.writer_state is not WorkerState.RUNNING or writer is None:
        starting = info.writer_state is WorkerState.STARTING
        text = f"{info.writer_state}: {info.writer_reason}" if info.writer_reason else str(info.writer_state)
        level = Health.DEGRADED if starting else Health.BROKEN
        return Finding(name="writer", health=level, text=text, advice=advice)
    silent_us = monotonic_us - writer.heartbeat_us
    if silent_us > _SILENT_US:
        text = f"has not answered for {age_text(silent_us)}"
        return Finding(name="writer", health=Health.BROKEN, text=text, advice=advice)
    if writer.trouble:
        return Finding(name="writer", health=Health.BROKEN, text=writer.trouble, advice=advice)
    if writer.stream_trouble:
        text = f"rounds of other machines do not arrive: {writer.stream_trouble}"
        return Finding(
            name="writer", health=Health.DEGRADED, text=text, advice="they wait in the outboxes there"
        )
    text = f"{writer.commits:,} commits, p99 {micros_text(writer.commit_p99_us)}, {writer.workers} workers"
    return Finding(name="writer", health=Health.HEALTHY, text=text)


def gather_workers(views: Sequence[WorkerView], now_us: int, monotonic_us: int) -> list[Finding]:
    """Return a finding for each worker; they count as broken only when none of them works."""
    judged = [(view, condition.judge(view, None, now_us, monotonic_us)) for view in views]
    wanted = [how for _, how in judged if how.light not in (Light.OFF, Light.PAUSED)]
    none_works = bool(wanted) and all(how.light is Light.BAD for how in wanted)
    levels = {Light.BAD: Health.BROKEN if none_works else Health.DEGRADED, Light.WARN: Health.DEGRADED}
    levels |= {Light.OFF: Health.OFF, Light.PAUSED: Health.OFF}
    found = []
    for view, how in judged:
        agents = [f"{one.name} agent: {one.reason}" for one in _failed_agents(view)]
        level = levels.get(how.light, Health.DEGRADED if agents else Health.HEALTHY)
        text = "; ".join([how.words, *agents])
        found.append(
            Finding(name=f"worker {view.status.bookmaker}", health=level, text=text, advice=how.note)
        )
    return found


def _failed_agents(view: WorkerView) -> Sequence[AgentState]:
    live = condition.current(view)
    return [agent for agent in live.agents if not agent.running and agent.reason] if live is not None else []
