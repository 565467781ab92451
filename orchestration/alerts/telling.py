"""Where alerts go: the history, the log, the webhook, Redis and a file for other commands.

None of them is waited for: what may take time is on threads of its own.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from config.alert_specs import Severity
from config.redis_target import RedisTarget
from data_layer.alerts import active_file
from data_layer.alerts.book import Change, What
from data_layer.alerts.model import CUT_OFF, Alert
from orchestration.alerts.delivery import AlertDelivery

if TYPE_CHECKING:
    from data_layer.cache.alert_publisher import AlertPublisher
    from orchestration.alerts.webhook import Webhook

KEPT = 1_000  # alerts of the history that are at hand
_LAST_WORD_S = 1.0

_log = logging.getLogger(__name__)


class AlertTelling:
    """Takes what changes. For one thread, but for `use_redis` and what only asks."""

    def __init__(
        self,
        data_dir: Path,
        delivery: AlertDelivery,
        *,
        webhook_url: str,
        webhook_least: Severity,
        is_posted: Callable[[str], bool],
        now: Callable[[], int],
    ) -> None:
        """`delivery` brings alerts to the writer, and is started and stopped here.

        `webhook_url` is empty for none; `is_posted` tells whether alerts of a rule go there.
        """
        self._data_dir = data_dir
        self._delivery = delivery
        self._webhook_url = webhook_url
        self._webhook_least = webhook_least
        self._is_posted = is_posted
        self._now = now
        self._webhook: Webhook | None = None
        self._posted: set[str] = set()  # uids of active alerts whose beginning went to the webhook
        self._publishing = threading.Lock()
        self._publisher: AlertPublisher | None = None
        self._stopped = False
        self._history: dict[str, Alert] = {}
        self._active: tuple[Alert, ...] = ()
        self._filed: tuple[Alert, ...] | None = None
        self._file_trouble = ""

    def start(self, redis: RedisTarget | None) -> None:
        """Begin, publishing to `redis` where there is one; returns at once."""
        self._delivery.start()
        if self._webhook_url:
            from orchestration.alerts.webhook import Webhook  # takes 20 ms to load

            self._webhook = Webhook(self._webhook_url, least=self._webhook_least)
            self._webhook.start()
        self.use_redis(redis)

    def use_redis(self, target: RedisTarget | None) -> None:
        """Publish to `target` from now on, or to none; returns at once."""
        with self._publishing:
            old, self._publisher = self._publisher, None
            if target is not None and not self._stopped:
                from data_layer.cache.alert_publisher import AlertPublisher

                self._publisher = AlertPublisher(target, now=self._now)
                self._publisher.offer((), self._active)
                self._publisher.start()
        if old is not None:
            old.stop()

    def stop(self, ended: Sequence[Change]) -> None:
        """Tell the last changes, after which nothing is active, and end. Waits some two seconds at most."""
        self._active = ()
        self._keep_and_post(ended)
        with self._publishing:
            self._stopped = True
            publisher, self._publisher = self._publisher, None
        if publisher is not None:
            publisher.offer(ended, ())
            publisher.stop(_LAST_WORD_S / 2)
        if self._webhook is not None:
            self._webhook.stop(_LAST_WORD_S / 2)
        self._delivery.stop(_LAST_WORD_S)
        active_file.remove(self._data_dir)

    @property
    def troubles(self) -> tuple[str, ...]:
        """What cannot be told, for the operator."""
        webhook = self._webhook.trouble if self._webhook is not None else ""
        found = (f"the webhook {webhook}" if webhook else "", self._file_trouble)
        return tuple(text for text in found if text)

    @property
    def active(self) -> tuple[Alert, ...]:
        """The alerts that were told and have not ended."""
        return self._active

    def history(self, limit: int) -> list[Alert]:
        """Return the newest alerts of this run and of earlier ones."""
        newest = sorted(self._history.copy().values(), key=lambda alert: alert.raised_at_us, reverse=True)
        return newest[:limit]

    def tell(self, changes: Sequence[Change], active: tuple[Alert, ...]) -> None:
        """Tell what has changed, and what is active since."""
        self._active = active
        if not changes:
            return
        for change in changes:
            if change.tell:
                _log_line(change)
        self._keep_and_post(changes)
        self._publish(changes)

    def take_over(self, newest: Sequence[Alert], left_open: Iterable[Alert]) -> None:
        """Take over what earlier runs left, and end what they could not, also where it was told.

        Nobody else will.
        """
        self._history = {alert.uid: alert for alert in reversed(newest)} | self._history
        changes = []
        for alert in left_open:
            ended = msgspec.structs.replace(alert, ended_at_us=self._now(), end_reason=CUT_OFF)
            changes.append(Change(what=What.ENDED, alert=ended, tell=not alert.muted))
            if self._is_posted(alert.rule):
                self._posted.add(alert.uid)
        self._keep_and_post(changes)
        self._publish(changes)

    def file(self) -> None:
        """Bring the file for other commands up to date."""
        active = self._active
        if active == self._filed:
            return
        try:
            active_file.write(self._data_dir, active)
        except OSError as error:
            if not self._file_trouble:
                _log.warning("the list of active alerts for `alerts` cannot be written: %s", error)
            self._file_trouble = f"the list for other commands cannot be written: {error.strerror or error}"
        else:
            self._filed, self._file_trouble = active, ""

    def _keep_and_post(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._keep(change.alert)
            self._post(change)

    def _keep(self, alert: Alert) -> None:
        """Put an alert into the history: here, and in the database."""
        self._history[alert.uid] = alert
        while len(self._history) > KEPT:
            del self._history[next(iter(self._history))]
        self._delivery.offer(alert)

    def _post(self, change: Change) -> None:
        """Post a beginning that is told when its rule says so, and the end of what was posted."""
        if self._webhook is None or not change.tell:
            return
        uid = change.alert.uid
        if change.what is What.RAISED and self._is_posted(change.alert.rule):
            self._posted.add(uid)
            self._webhook.offer(change)
        elif change.what is What.ENDED and uid in self._posted:
            self._posted.discard(uid)
            self._webhook.offer(change)

    def _publish(self, changes: Sequence[Change]) -> None:
        with self._publishing:
            if self._publisher is not None:
                self._publisher.offer(changes, self._active)


def _log_line(change: Change) -> None:
    alert = change.alert
    level = logging.INFO if alert.severity is Severity.INFO else logging.WARNING
    detail = f" ({alert.detail})" if alert.detail else ""
    if change.what is What.RAISED:
        _log.log(level, "%s alert: %s%s", alert.severity, alert.title, detail)
    elif change.what is What.ENDED:
        lasted_s = ((alert.ended_at_us or alert.raised_at_us) - alert.raised_at_us) // 1_000_000
        _log.info("alert over after %d s: %s%s", lasted_s, alert.title, detail)
