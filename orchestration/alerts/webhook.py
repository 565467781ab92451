"""Alerts to a webhook: one JSON object by POST for each that begins or ends, on a thread of its own.

The address may be a secret: it never appears in a log, and redirections are not followed, which could take it
elsewhere. What cannot be posted waits, bounded, and is tried again ever more slowly; what is refused
for good is dropped.

The object: `event` ("raised" or "ended"), `text` (one line, which chat programs show), `machine`, `sent_at`
and `alert` with the fields of `data_layer.alerts.model.Alert` and its times also as text.
"""

import collections
import http.client
import logging
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from data_layer.alerts.book import OVER, Change, What
from data_layer.alerts.model import Alert, Severity
from orchestration.backoff import Backoff, BackoffPolicy
from utils import clock

MOST_WAITING = 200  # the oldest go first
TIMEOUT_S = 5.0
GIVE_UP_S = 3_600.0  # an alert that could not be posted for so long is no news any more
_RETRY = BackoffPolicy(initial_s=1.0, ceiling_s=60.0)
_LATER = (408, 425, 429)  # of the refusals, those that may pass
_REFUSED = range(400, 500)

_log = logging.getLogger(__name__)


class Webhook:
    """Posts to one address."""

    def __init__(
        self,
        url: str,
        *,
        least: Severity = Severity.WARNING,
        retry: BackoffPolicy = _RETRY,
        timeout_s: float = TIMEOUT_S,
        now: Callable[[], int] = clock.now_us,
    ) -> None:
        """`url` begins with http:// or https://. Alerts milder than `least` are not posted."""
        self._url = url
        self._host = urlsplit(url).hostname or ""
        self._least = least
        self._timeout_s = timeout_s
        self._now = now
        self._opener = urllib.request.build_opener(_NoRedirection)
        self._backoff = Backoff(retry)
        self._changed = threading.Condition()
        self._waiting: collections.deque[tuple[bytes, float]] = collections.deque()
        self._stopping = False
        self.trouble = ""  # why nothing can be posted at the moment, for the operator
        self.posted = 0
        self.dropped = 0
        self._thread = threading.Thread(target=self._run, name="alert-webhook", daemon=True)

    def __repr__(self) -> str:
        return f"Webhook({self._host!r})"

    def start(self) -> None:
        """Begin to post."""
        self._thread.start()

    def offer(self, change: Change) -> None:
        """Have a change posted that is the beginning or the end of an alert; returns at once."""
        if change.what is What.CHANGED or change.alert.severity.rank < self._least.rank:
            return
        body = payload(change.what, change.alert, self._now())
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append((body, time.monotonic()))
            self._changed.notify_all()

    def stop(self, within_s: float = 0.0) -> None:
        """End; waits at most `within_s` seconds for what is to be posted, and not for a slow receiver."""
        with self._changed:
            if not self.trouble and self._thread.is_alive():
                self._changed.wait_for(lambda: not self._waiting or bool(self.trouble), within_s)
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(within_s)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._stopping)
                if self._stopping:
                    return
                body, since = self._waiting[0]
            delay_s = self._try(body, since)
            with self._changed:
                if not delay_s and self._waiting and self._waiting[0][0] is body:
                    self._waiting.popleft()
                    self._changed.notify_all()
                self._changed.wait_for(lambda: self._stopping, delay_s)

    def _try(self, body: bytes, since: float) -> float:
        """Post once; return after how long it is to be tried again, 0 where it need not be."""
        status, fault = self._post(body)
        if not fault:
            self._well()
            return 0.0
        if status in _REFUSED and status not in _LATER:
            self._complain(f"{fault}; the alert is not posted")
            self.dropped += 1
            return 0.0
        if time.monotonic() - since > GIVE_UP_S:
            self.dropped += 1
            return 0.0
        self._complain(fault)
        return self._backoff.after_failure(0.0)

    def _post(self, body: bytes) -> tuple[int, str]:
        """Return the status of the answer, 0 without one, and what is wrong with it."""
        request = urllib.request.Request(
            self._url,
            data=body,
            method="POST",
            headers={"Content-Type": "application/json", "User-Agent": "aviator"},
        )
        try:
            with self._opener.open(request, timeout=self._timeout_s) as answer:
                return int(answer.status), ""
        except urllib.error.HTTPError as error:
            with error:
                return error.code, f"answers with status {error.code}"
        except urllib.error.URLError as error:
            return 0, f"cannot be reached ({_kind(error.reason)})"
        except (OSError, http.client.HTTPException, ValueError) as error:
            return 0, f"cannot be reached ({_kind(error)})"

    def _well(self) -> None:
        self.posted += 1
        self._backoff.reset()
        if self.trouble:
            _log.info("the webhook at %s takes alerts again", self._host)
            self.trouble = ""

    def _complain(self, fault: str) -> None:
        if fault != self.trouble:
            _log.warning("the webhook at %s %s", self._host, fault)
            with self._changed:
                self.trouble = fault
                self._changed.notify_all()


class _NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        """Let every redirection be the error that it is here."""
        return


def payload(what: What, alert: Alert, now_us: int) -> bytes:
    """Return the object that is posted."""
    times = {"since": alert.since_us, "raised_at": alert.raised_at_us, "ended_at": alert.ended_at_us}
    word = alert.severity.value
    if what is What.ENDED:
        word = OVER if alert.end_reason in ("", OVER) else f"no longer watched, {alert.end_reason}"
    return msgspec.json.encode(
        {
            "event": what.value,
            "text": f"{word}: {alert.title}" + (f" ({alert.detail})" if alert.detail else ""),
            "machine": socket.gethostname(),
            "sent_at": _iso(now_us),
            "alert": {**msgspec.to_builtins(alert), **{name: _iso(at) for name, at in times.items()}},
        }
    )


def _iso(at_us: int | None) -> str | None:
    if at_us is None:
        return None
    return (
        datetime.fromtimestamp(at_us / 1_000_000, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def _kind(error: object) -> str:
    """Return what went wrong without what was said of it: a text may repeat the address."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    return type(error).__name__ if isinstance(error, BaseException) else "no connection"
