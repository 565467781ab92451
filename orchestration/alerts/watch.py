"""Watches a running instance and tells what wants the operator: one thread of the main process.

About once a second it looks at the live board, at what is new in the database, at the disk and, every few
minutes, at what the analytics say; the rules make conditions of that and the book makes alerts of those. A
look that fails, or a rule that does, costs itself and nothing else. `telling.py` says it to the world.
"""

import logging
import secrets
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from config.alert_specs import Rule, Severity
from config.redis_target import RedisTarget
from data_layer.alerts.book import AlertBook
from data_layer.alerts.conditions import Condition, find
from data_layer.alerts.facts import Facts
from data_layer.alerts.model import Alert, Mute
from data_layer.engine import LiveView, RedisStatus
from data_layer.messages import WorkerState
from data_layer.readers.subscribers import Subscribers
from orchestration.alerts.choices import FILE_NAME, AlertChoices
from orchestration.alerts.delivery import AlertDelivery
from orchestration.alerts.facts import BoardFacts, redis_facts, writer_facts
from orchestration.alerts.looks import Ask, SlowLooks
from orchestration.alerts.news import AlertDatabase, DatabaseFacts
from orchestration.alerts.telling import KEPT, AlertTelling
from utils import clock

INTERVAL_S = 1.0
STOPPED = "the instance was stopped"
_DISK_US = 10_000_000

PartT = TypeVar("PartT")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertPlan:
    """The configuration of the alerts as plain values."""

    rules: tuple[Rule, ...]
    bookmakers: tuple[str, ...] = ()  # that rules may name
    thresholds_centi: tuple[int, ...] = ()
    group_s: float = 10.0
    look_s: float = 600.0  # between two looks at drift and integrity
    webhook_url: str = field(default="", repr=False)  # empty: none
    webhook_least: Severity = Severity.WARNING


class AlertWatch:
    """Implements `Alerts`. Started after the engine was prepared, stopped before it is."""

    changeable = True

    def __init__(
        self,
        plan: AlertPlan,
        data_dir: Path,
        database: Path,
        live: LiveView,
        delivery: AlertDelivery,
        *,
        redis: RedisTarget | None = None,
        redis_status: Callable[[], RedisStatus] = RedisStatus,
        ask: Ask | None = None,
        now: Callable[[], int] = clock.now_us,
        monotonic: Callable[[], int] = clock.monotonic_us,
    ) -> None:
        """`delivery` brings alerts to the writer, and is started and stopped here.

        `redis_status` says how this process gets on with Redis; `ask` is `AnalyticsReader.ask`, without which
        drift and integrity are not watched. Neither may wait.
        """
        self._data_dir = data_dir
        self._live = live
        self._redis_status = redis_status
        self._now = now
        self._monotonic = monotonic
        self._run_id = secrets.token_hex(6)
        self._book = AlertBook(self._run_id, group_s=plan.group_s)
        self._board = BoardFacts()
        self._database = AlertDatabase(database)
        self._looks = SlowLooks(ask, plan.look_s)
        self._choices = AlertChoices(
            data_dir / FILE_NAME,
            plan.rules,
            bookmakers=plan.bookmakers,
            thresholds_centi=plan.thresholds_centi,
            now=now,
        )
        self._telling = AlertTelling(
            data_dir,
            delivery,
            webhook_url=plan.webhook_url,
            webhook_least=plan.webhook_least,
            is_posted=self._is_posted,
            now=now,
        )
        self._redis = redis
        self._free: tuple[int, int | None] = (-_DISK_US, None)  # when it was looked at, and what was found
        self._history_read = False
        self._complaints: set[str] = set()
        self._subscribers = Subscribers[None]()
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._watch, name="alerts", daemon=True)

    # Life.

    def start(self) -> None:
        """Begin to watch; returns at once."""
        self.begin()
        self._thread.start()

    def load(self) -> None:
        """Read what was chosen in earlier runs; the watch's own thread does it where it runs."""
        self._choices.load()

    def begin(self) -> None:
        """Do what `start` does without the thread: whoever calls this calls `look`, too."""
        self._telling.start(self._redis)

    def stop(self) -> None:
        """End, with the active alerts; before the writer does, so that it stores their ends.

        Waits some two seconds at most. Safe to call twice.
        """
        if self._stopping:
            return
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._choices.save()
        self._looks.close()
        self._database.close()
        self._telling.stop(self._book.end_all(STOPPED, now_us=self._now()))

    def use_redis(self, target: RedisTarget | None) -> None:
        """Publish to `target` from now on, or to none; returns at once."""
        self._telling.use_redis(target)

    @property
    def ready(self) -> bool:
        """Whether the history of earlier runs was read, which the database may delay."""
        return self._history_read

    # `Alerts`.

    @property
    def trouble(self) -> str:
        """See `Alerts`."""
        found = (*self._telling.troubles, self._choices.trouble, self._database.trouble)
        return "; ".join(text for text in found if text)

    def active(self) -> Sequence[Alert]:
        """See `Alerts`."""
        return self._telling.active

    def history(self, limit: int) -> Sequence[Alert]:
        """See `Alerts`."""
        return self._telling.history(limit)

    def rules(self) -> Sequence[Rule]:
        """See `Alerts`."""
        return self._choices.rules()

    def configured_rules(self) -> Sequence[Rule]:
        """See `Alerts`."""
        return self._choices.configured()

    def change_rule(self, rule: Rule) -> None:
        """See `Alerts`."""
        self._choices.change(rule)
        self._chosen()

    def reset_rule(self, name: str) -> None:
        """See `Alerts`."""
        self._choices.reset(name)
        self._chosen()

    def mutes(self) -> Sequence[Mute]:
        """See `Alerts`."""
        return self._choices.mutes()

    def mute(self, *, until_us: int, rule: str = "", bookmaker: str = "") -> None:
        """See `Alerts`."""
        self._choices.mute(until_us=until_us, rule=rule, bookmaker=bookmaker)
        self._chosen()

    def unmute(self, *, rule: str = "", bookmaker: str = "") -> None:
        """See `Alerts`."""
        self._choices.unmute(rule=rule, bookmaker=bookmaker)
        self._chosen()

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """See `Alerts`."""
        return self._subscribers.add(lambda _: callback())

    def _chosen(self) -> None:
        self._subscribers.tell(None)
        self._wake.set()  # it takes effect and is saved at once, on the watch's own thread

    # Watching.

    def _watch(self) -> None:
        self._guarded("what was chosen earlier", self._choices.load, None)
        while not self._stopping:
            self.look()
            self._wake.wait(INTERVAL_S)
            self._wake.clear()

    def look(self) -> None:
        """Look once, and deliver what comes of it. For one thread."""
        self._guarded("the alerts", self._look, None)
        self._guarded("the choices", self._choices.save, None)

    def _look(self) -> None:
        if not self._history_read:
            self._guarded("the history", self._read_history, None)
        rules = self._choices.rules()
        now_us, monotonic_us = self._now(), self._monotonic()
        facts = self._facts([rule for rule in rules if rule.enabled], now_us, monotonic_us)
        findings: dict[str, Sequence[Condition] | None] = {}
        for rule in rules:
            if rule.enabled:
                findings[rule.name] = self._guarded(
                    f"the rule {rule.name!r}", partial(find, rule, facts), None
                )
        changes = self._book.step(
            rules, findings, self._choices.mutes(), now_us=now_us, monotonic_us=monotonic_us
        )
        self._telling.tell(changes, self._book.active())
        if changes:
            self._subscribers.tell(None)
        self._guarded("the file of the active alerts", self._telling.file, None)

    def _read_history(self) -> None:
        found = self._database.history(KEPT)
        if found is None:
            return  # no database yet, or it is being brought to the present schema
        self._history_read = True
        newest, left_open = found
        self._telling.take_over(
            newest, [alert for alert in left_open if not alert.uid.startswith(f"{self._run_id}-")]
        )
        self._subscribers.tell(None)

    def _is_posted(self, name: str) -> bool:
        return any(rule.webhook for rule in self._choices.rules() if rule.name == name)

    def _facts(self, rules: Sequence[Rule], now_us: int, monotonic_us: int) -> Facts:
        """Gather what there is; what fails is not known."""
        snapshot = self._live.snapshot()
        self._guarded("drift and integrity", lambda: self._looks.look(rules, monotonic_us), None)
        news = self._guarded("the database", lambda: self._database.look(rules, now_us), DatabaseFacts())
        running = {view.status.bookmaker for view in snapshot.workers if _takes_rounds(view.status.state)}
        streaks = news.streaks
        if streaks is not None:  # of others the last rounds are history
            streaks = {key: length for key, length in streaks.items() if key[0] in running}
        return Facts(
            now_us=now_us,
            workers=self._guarded(
                "the workers",
                lambda: self._board.workers(snapshot, rules, now_us=now_us, monotonic_us=monotonic_us),
                (),
            ),
            writer=writer_facts(snapshot, monotonic_us),
            redis=redis_facts(snapshot, self._guarded("Redis", self._redis_status, RedisStatus())),
            free_bytes=self._guarded("the disk", lambda: self._free_bytes(monotonic_us), None),
            streaks=streaks,
            rounds=news.rounds,
            gaps=news.gaps,
            failed=news.failed,
            drift=self._looks.drift,
            integrity=self._looks.integrity,
        )

    def _free_bytes(self, monotonic_us: int) -> int | None:
        looked_us, _ = self._free
        if monotonic_us - looked_us >= _DISK_US:
            self._free = (monotonic_us, shutil.disk_usage(self._data_dir).free)
        return self._free[1]

    def _guarded(self, what: str, do: Callable[[], PartT], otherwise: PartT) -> PartT:
        """Return what `do` returns, `otherwise` when it fails, which is logged once for each part."""
        try:
            return do()
        except Exception:  # noqa: BLE001  # of whatever kind: the rest goes on
            if what not in self._complaints:
                self._complaints.add(what)
                _log.exception("watching for alerts: %s failed; this is logged once", what)
            return otherwise


def _takes_rounds(state: WorkerState) -> bool:
    return state in (WorkerState.RUNNING, WorkerState.STARTING, WorkerState.BACKING_OFF)
