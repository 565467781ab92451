"""Where everything is put together: the command's words, the engine, the reader, the window or the terminal.

Children started by spawn import this file again, and the window's first paint waits for it: so nothing of the
project, and nothing large, is imported before it is needed.
"""

import contextlib
import gc
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from config.redis_target import RedisTarget
    from config.settings import Settings
    from data_layer.cache.cache_manager import CacheManager
    from data_layer.engine import Alerts, BoardSnapshot, RedisStatus
    from data_layer.readers.analyst.analytics_reader import AnalyticsReader
    from data_layer.readers.analyst.lazy_analyst import LazyAnalyst
    from data_layer.readers.reading import Reading
    from gui.dependencies import Analyst
    from orchestration.alerts.watch import AlertWatch
    from orchestration.engine import Engine
    from orchestration.remote.viewing import Viewing
    from terminal.interruptions import Interruptions
    from terminal.options import CommonOptions
    from terminal.parts import HeadlessOptions, WorkerOptions

VERSION = "1.0.0"


def main(words: "Sequence[str]") -> int:
    """Run the command that `words` name, the window without any; return the exit code."""
    from terminal import exits, options

    return exits.guarded(lambda: _run(*options.split(words)), debug=options.wants_trace(words))


def _run(options: "CommonOptions", words: list[str]) -> int:
    if not words:
        gc.disable()  # until the first paint: among loading modules it finds nothing, and costs 45 ms
        try:
            return open_window(options.load())
        finally:
            gc.enable()
    from terminal import command_line
    from terminal.parts import Parts

    parts = Parts(run_headless=run_headless, run_worker=run_worker, run_view=run_view, read_board=read_board)
    return command_line.run(words, options, parts)


def read_board(data_dir: "Path") -> "BoardSnapshot | None":
    """Return what the instance on `data_dir` shows of all its workers, None where there is none."""
    from orchestration.remote.workers import read_boards

    return read_boards(data_dir)


def make_engine(settings: "Settings", command: str, *, through_redis: bool = False) -> "Engine":
    """Return the engine for `settings`; it touches nothing before it is started."""
    import logging

    from orchestration.engine import Engine

    return Engine(
        settings.data_dir,
        settings.bookmakers,
        command=command,
        thresholds_centi=settings.thresholds_centi,
        retention=settings.storage.retention,
        log_level=logging.getLevelNamesMapping()[settings.log_level.upper()],
        redis=settings.redis.target if settings.redis.enabled else None,
        through_redis=through_redis,
        metrics_life_s=settings.cache.ttl_hours * 3_600,
        metrics_refresh_s=settings.cache.refresh_hours * 3_600,
    )


def check_startable(settings: "Settings") -> None:
    """Raise what would keep a run from being of use, before anything is started.

    Recordings that are not there, a data directory or a database that cannot be written.
    """
    from config.problems import InvalidSettingsError
    from config.settings import missing_recordings
    from data_layer.database.connection import check_usable

    problems = missing_recordings(settings)
    if problems:
        raise InvalidSettingsError(problems)
    check_usable(settings.data_dir)


def open_window(settings: "Settings") -> int:
    """Run the window until it is closed; where none can be shown, say so and run the terminal view."""
    from concurrent.futures import ThreadPoolExecutor

    from utils.display import display_problem

    problem = display_problem()
    if problem:
        from terminal.exits import complain
        from terminal.parts import HeadlessOptions

        gc.enable()
        complain(f"{problem}: showing the terminal view instead of the window")
        return run_headless(settings, HeadlessOptions())
    with ThreadPoolExecutor(1) as pool:
        check = pool.submit(check_startable, settings)
        engine = make_engine(settings, "window")
        import gui.app  # noqa: F401  # loaded while the database is being checked

        check.result()
    engine.prepare()  # the last step that may refuse
    try:
        return _show_window(settings, engine)
    finally:
        engine.stop()


def _show_window(settings: "Settings", engine: "Engine") -> int:
    from orchestration.alerts.lazy import LazyAlerts

    def use_redis(target: "RedisTarget | None") -> None:
        engine.use_redis(target)
        if alerts is not None:
            alerts.use_redis(target)

    def start() -> None:
        engine.start()
        if alerts is not None:
            alerts.start()

    reading = make_reading(settings, engine, use_redis)
    analyst = make_analyst(settings, engine, lambda: reading.cache)
    alerts = None
    if settings.alerts.enabled:
        alerts = LazyAlerts(lambda: make_alerts(settings, engine, analyst, reading.redis.status))
    reading.redis.analyst = analyst
    try:
        return _run_window(settings, engine, reading, analyst, alerts, start)
    finally:
        if alerts is not None:
            alerts.stop()
        reading.stop()
        analyst.stop()


def _run_window(
    settings: "Settings",
    shown: "Engine | Viewing",
    reading: "Reading",
    analyst: "Analyst",
    alerts: "Alerts | None",
    start: "Callable[[], None]",
) -> int:
    """Run the window over `shown`, which is started by `start` once the window was painted."""
    import logging

    from config.settings import in_force
    from data_layer.analytics.claims import claims_of
    from gui.app import run_window
    from gui.dependencies import ConfigurationLine, HealthCheck, WindowDependencies, WindowSettings

    def health() -> list[HealthCheck]:
        from terminal.diagnosis import gather

        return [
            HealthCheck(name=one.name, state=one.health.value, text=one.text, advice=one.advice)
            for one in gather(_as_switched(settings, reading), read_board, cache=reading.cache.stats)
        ]

    log = logging.getLogger("main")
    trouble = ""

    def begin() -> None:
        """Start what would only have kept the window from the processors until now."""
        nonlocal trouble
        gc.enable()
        log.info("the window was painted")
        try:
            start()
        except Exception as error:  # the window is there and says so
            trouble = f"the engine could not be started: {error}"
            log.exception("the engine could not be started")
        reading.start()

    configuration = tuple(
        ConfigurationLine(key=one.key, value=one.value, place=one.place) for one in in_force(settings)
    )
    return run_window(
        WindowDependencies(
            live=shown.live_view,
            controls=shown.controls,
            logs=shown.log_tap,
            reader=reading.reader,
            last_rounds=reading.last_rounds,
            data_dir=settings.data_dir,
            version=VERSION,
            settings=WindowSettings(
                theme=settings.theme,
                thresholds_centi=settings.thresholds_centi,
                configuration=configuration,
                timezone=settings.analytics.timezone,
                alpha=settings.analytics.alpha,
                returns=claims_of(settings).returns(),
                currencies={each.name: each.betting.currency for each in settings.bookmakers},
            ),
            redis=reading.redis,
            analyst=analyst,
            alerts=alerts,
            health=health,
            painted=begin,
            trouble=lambda: trouble,
        )
    )


def _as_switched(settings: "Settings", reading: "Reading") -> "Settings":
    """Return `settings` with Redis as it was switched since."""
    from dataclasses import replace

    on = reading.redis.status().enabled
    return replace(settings, redis=settings.redis.model_copy(update={"enabled": on}))


def make_reading(
    settings: "Settings", engine: "Engine", use_redis: "Callable[[RedisTarget | None], None] | None" = None
) -> "Reading":
    """Return all that a view of `engine` reads from, not started; `use_redis` is told of every switch."""
    from data_layer.readers.local_event_feed import LocalEventFeed
    from data_layer.readers.reading import Reading

    return Reading(
        engine.database_path,
        LocalEventFeed(lambda: engine.endpoint.address, engine.endpoint.secret),
        settings.redis.target,
        redis_on=settings.redis.enabled,
        on_switch=use_redis or engine.use_redis,
    )


def make_alerts(
    settings: "Settings",
    engine: "Engine",
    analyst: "Analyst",
    redis_status: "Callable[[], RedisStatus] | None" = None,
) -> "AlertWatch":
    """Return what watches the prepared `engine` for alerts, not started."""
    from data_layer.engine import RedisStatus as NoRedisStatus
    from orchestration.alerts.delivery import AlertDelivery
    from orchestration.alerts.watch import AlertPlan, AlertWatch

    configured, endpoint = settings.alerts, engine.endpoint
    url = configured.webhook.url
    return AlertWatch(
        AlertPlan(
            rules=settings.alert_rules,
            bookmakers=tuple(bookmaker.name for bookmaker in settings.bookmakers),
            thresholds_centi=settings.thresholds_centi,
            group_s=configured.group_s,
            look_s=configured.look_minutes * 60,
            webhook_url="" if url is None else url.get_secret_value(),
            webhook_least=configured.webhook.least,
        ),
        engine.data_dir,
        engine.database_path,
        engine.live_view,
        AlertDelivery(lambda: endpoint.address, endpoint.secret),
        redis=settings.redis.target if settings.redis.enabled else None,
        redis_status=redis_status or NoRedisStatus,
        ask=analyst.ask,
    )


def make_analyst(
    settings: "Settings", engine: "Engine", cache: "Callable[[], CacheManager]"
) -> "LazyAnalyst":
    """Return what answers questions about the rounds of `engine`; nothing is loaded before the first one."""
    from data_layer.readers.analyst.lazy_analyst import LazyAnalyst

    groups = {bookmaker.name: bookmaker.group for bookmaker in settings.bookmakers}

    def make() -> "AnalyticsReader":
        from data_layer.analytics.claims import claims_of
        from data_layer.readers.analyst.analytics_reader import AnalyticsReader

        return AnalyticsReader(engine.database_path, groups=groups, claims=claims_of(settings), cache=cache())

    return LazyAnalyst(make, tuple(groups))


def run_view(settings: "Settings", duration_s: float | None) -> int:
    """Show an instance on another machine, as Redis has it, until that is closed; return the exit code."""
    from data_layer.errors import UsageError
    from data_layer.readers.analyst.remote_analyst import RemoteAnalyst
    from data_layer.readers.reading import Reading
    from data_layer.readers.redis_alerts import RedisAlerts
    from orchestration.remote.viewing import Viewing
    from utils.display import display_problem

    if not settings.redis.enabled:
        raise UsageError(
            "view shows what Redis has: set REDIS_ENABLED=true and REDIS_URL to the other machine's"
        )
    target = settings.redis.target
    viewing = Viewing(settings.data_dir, target)
    alerts = RedisAlerts()

    def use_redis(wanted: "RedisTarget | None") -> None:
        viewing.use_redis(wanted)
        alerts.use(wanted)

    reading = Reading(None, None, target, redis_on=True, on_switch=use_redis)
    analyst = RemoteAnalyst(target, reading.bookmakers)
    try:
        if not display_problem():
            analyst.start()
            alerts.use(target)
            return _run_window(settings, viewing, reading, analyst, alerts, viewing.start)
        from terminal import live_table
        from terminal.interruptions import Interruptions, end_of_run

        viewing.start()
        reading.start()
        with Interruptions() as interruptions:
            ended = end_of_run(duration_s, interruptions)
            live_table.show(viewing.live_view, reading.last_rounds, ended)
        return 0
    finally:
        alerts.stop()
        analyst.stop()
        reading.stop()
        viewing.stop()


def run_headless(settings: "Settings", options: "HeadlessOptions") -> int:
    """Run the engine without a window until it is told to end; return the exit code."""
    from data_layer.errors import UsageError
    from terminal import live_table, run_summary
    from terminal.interruptions import Interruptions, end_of_run, wait_until

    engine = make_engine(settings, "headless")
    if options.until_exhausted and not engine.finite:
        raise UsageError("--until-exhausted: no enabled bookmaker has a source that ends by itself")
    check_startable(settings)
    show_table = not options.as_json and live_table.is_wanted()
    if not show_table:
        engine.log_tap.subscribe(run_summary.log_printer(settings.log_level))
    with Interruptions() as interruptions:
        with _running(engine, interruptions):
            stopped = end_of_run(options.duration_s, interruptions)

            def ended() -> bool:
                return stopped() or (options.until_exhausted and engine.wait_until_exhausted(0.0))

            with _serving(settings, engine):
                if show_table:
                    _show_table(settings, engine, ended)
                else:
                    wait_until(ended)
            failed = run_summary.failed_sources(engine.live_view.snapshot(), engine.finite)
        run_summary.show(engine.report().as_json_object(), as_json=options.as_json)
    return run_summary.complain_about(failed) if options.until_exhausted else 0


@contextlib.contextmanager
def _running(engine: "Engine", interruptions: "Interruptions") -> "Iterator[None]":
    """Run the engine inside; one more interruption while it ends has it end at once."""
    engine.start()
    try:
        yield
    finally:
        interruptions.on_next = lambda: engine.begin_stop(0.0)
        engine.stop()


@contextlib.contextmanager
def _serving(settings: "Settings", engine: "Engine") -> "Iterator[None]":
    """Watch for alerts, inside, and answer what windows without a database ask through Redis."""
    from data_layer.cache.cache_manager import CacheManager

    analyst = make_analyst(settings, engine, CacheManager)
    with contextlib.ExitStack() as ending:
        ending.callback(analyst.stop)
        if settings.alerts.enabled:
            alerts = make_alerts(settings, engine, analyst)
            ending.callback(alerts.stop)
            alerts.start()
        if settings.redis.enabled:
            from data_layer.readers.analyst.question_server import QuestionServer

            server = QuestionServer(settings.redis.target, lambda: analyst)
            ending.callback(server.stop)
            server.start()
        yield


def run_worker(settings: "Settings", options: "WorkerOptions") -> int:
    """Collect for an instance on another machine until told to end; return the exit code."""
    from dataclasses import replace

    from terminal import live_table, run_summary, worker_choice
    from terminal.interruptions import Interruptions, end_of_run, wait_until

    settings = replace(settings, bookmakers=worker_choice.chosen(settings, options.bookmakers))
    check_startable(settings)
    settings = replace(settings, bookmakers=settings.enabled_bookmakers)
    engine = make_engine(settings, "worker", through_redis=True)
    show_table = live_table.is_wanted()
    if not show_table:
        engine.log_tap.subscribe(run_summary.log_printer(settings.log_level))
    with Interruptions() as interruptions, _running(engine, interruptions):
        ended = end_of_run(options.duration_s, interruptions)
        if show_table:
            live_table.show(engine.live_view, None, ended)
        else:
            wait_until(ended)
    return 0


def _show_table(settings: "Settings", engine: "Engine", ended: "Callable[[], bool]") -> None:
    """Show the live table, with the last rounds, until the run has ended."""
    from terminal import live_table

    reading = make_reading(settings, engine)
    reading.start()
    try:
        live_table.show(engine.live_view, reading.last_rounds, ended)
    finally:
        reading.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
