"""The webhook against a real server on this machine that answers, refuses, hangs and goes away."""

import json
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from data_layer.alerts.book import Change, What
from data_layer.alerts.model import Alert, AlertKind, Severity
from orchestration.alerts import webhook as alert_webhook
from orchestration.alerts.webhook import Webhook
from orchestration.backoff import BackoffPolicy
from tests.redis_server import free_port, wait_until

SOON = BackoffPolicy(initial_s=0.01, ceiling_s=0.05)


class Receiver:
    """A server that keeps what is posted and answers with the statuses it is given, then with 200."""

    def __init__(self, port: int = 0) -> None:
        self.statuses: list[int] = []
        self.seen: list[int] = []  # the statuses that were answered
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.hang = threading.Event()
        self.hang.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.hang.wait(10)
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                receiver.seen.append(status)
                if status == 200:
                    receiver.headers.append(dict(self.headers))
                    receiver.paths.append(self.path)
                    receiver.bodies.append(json.loads(body))  # the last: who waits for it finds the others
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = False
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        """Where to post, with a secret in it."""
        return f"http://127.0.0.1:{self.port}/hook/s3cret?token=s3cret"

    def close(self) -> None:
        """End."""
        self.hang.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def webhook(receiver: Receiver) -> Iterator[Webhook]:
    made = Webhook(receiver.url, retry=SOON, timeout_s=0.5)
    made.start()
    yield made
    receiver.hang.set()
    made.stop(2.0)


def change(
    number: int = 1,
    *,
    what: What = What.RAISED,
    severity: Severity = Severity.CRITICAL,
    title: str = "Disk: full",
) -> Change:
    """Return a change of one alert."""
    alert = Alert(
        uid=f"run-{number}",
        rule="disk",
        kind=AlertKind.DISK,
        severity=severity,
        title=title,
        detail="0.05 GB free",
        since_us=1_700_000_000_000_000,
        raised_at_us=1_700_000_001_500_000,
        ended_at_us=1_700_000_009_000_000 if what is What.ENDED else None,
    )
    return Change(what=what, alert=alert, tell=True)


def test_what_is_posted_says_what_where_and_since_when(receiver: Receiver, webhook: Webhook) -> None:
    webhook.offer(change())
    webhook.offer(change(what=What.ENDED))
    wait_until(lambda: len(receiver.bodies) == 2, "both are posted")

    raised, ended = receiver.bodies
    assert (raised["event"], ended["event"]) == ("raised", "ended")
    assert raised["text"] == "critical: Disk: full (0.05 GB free)"
    assert ended["text"] == "over: Disk: full (0.05 GB free)"
    assert raised["alert"]["uid"] == "run-1"
    assert raised["alert"]["raised_at"] == "2023-11-14T22:13:21.500Z"
    assert (raised["alert"]["ended_at"], ended["alert"]["ended_at"]) == (None, "2023-11-14T22:13:29.000Z")
    assert raised["machine"]
    assert receiver.headers[0]["Content-Type"] == "application/json"
    assert receiver.paths[0] == "/hook/s3cret?token=s3cret"


def test_mild_alerts_and_mere_changes_are_not_posted(receiver: Receiver, webhook: Webhook) -> None:
    webhook.offer(change(1, severity=Severity.INFO))
    webhook.offer(change(2, what=What.CHANGED))
    webhook.offer(change(3, severity=Severity.WARNING))
    wait_until(lambda: bool(receiver.bodies), "one is posted")

    assert [body["alert"]["uid"] for body in receiver.bodies] == ["run-3"]


@pytest.mark.parametrize("statuses", [[500, 503, 429], [408]])
def test_a_trouble_that_may_pass_is_tried_again_in_order(
    receiver: Receiver, webhook: Webhook, statuses: list[int]
) -> None:
    receiver.statuses = list(statuses)
    for number in range(3):
        webhook.offer(change(number))
    wait_until(lambda: len(receiver.bodies) == 3, "all are posted")

    assert [body["alert"]["uid"] for body in receiver.bodies] == ["run-0", "run-1", "run-2"]
    assert receiver.seen == [*statuses, 200, 200, 200]
    assert webhook.trouble == ""


@pytest.mark.parametrize("status", [400, 404, 410])
def test_what_is_refused_for_good_is_dropped_and_the_next_is_posted(
    receiver: Receiver, webhook: Webhook, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.statuses = [status]
    webhook.offer(change(1))
    webhook.offer(change(2))
    wait_until(lambda: bool(receiver.bodies), "the second is posted")

    assert [body["alert"]["uid"] for body in receiver.bodies] == ["run-2"]
    assert webhook.dropped == 1
    assert f"answers with status {status}" in caplog.text


def test_a_redirection_is_not_followed(receiver: Receiver, webhook: Webhook) -> None:
    receiver.statuses = [302]
    webhook.offer(change(1))
    wait_until(lambda: bool(receiver.bodies), "it is posted again, to the same place")

    assert receiver.paths == ["/hook/s3cret?token=s3cret"]


def test_one_that_hangs_is_left_and_tried_again(receiver: Receiver, webhook: Webhook) -> None:
    receiver.hang.clear()
    webhook.offer(change(1))
    wait_until(lambda: "no answer in time" in webhook.trouble, "it is given up")

    receiver.hang.set()
    wait_until(lambda: webhook.trouble == "" and bool(receiver.bodies), "it is posted")


def test_one_that_comes_late_gets_what_waited(caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    webhook = Webhook(f"http://127.0.0.1:{port}/s3cret", retry=SOON, timeout_s=0.5)
    caplog.set_level(logging.DEBUG)
    webhook.start()
    webhook.offer(change(1))
    wait_until(lambda: bool(webhook.trouble), "nobody listens")
    assert webhook.trouble == "cannot be reached (nobody listens there)"

    late = Receiver(port)
    try:
        wait_until(lambda: bool(late.bodies), "it is posted")
    finally:
        webhook.stop(2.0)
        late.close()
    assert caplog.text.count("nobody listens there") == 1  # told once, however often it was tried
    assert "s3cret" not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "http://user:s3cret@127.0.0.1:1/x",
        "http://s3cret.invalid/s3cret",
        "https://127.0.0.1:1/s3cret",
        "http://127.0.0.1:1/s3cret\x7f",
    ],
)
def test_the_address_is_never_logged(url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    webhook = Webhook(url, retry=SOON, timeout_s=0.5)
    webhook.start()
    webhook.offer(change(1))
    wait_until(lambda: bool(webhook.trouble), "it fails")
    webhook.stop(2.0)

    path = "/s3cret" if "s3cret.invalid" in url else "s3cret"  # a host's name may be told
    assert path not in caplog.text + webhook.trouble + repr(webhook)


def test_what_waits_is_bounded_and_the_oldest_go_first(
    receiver: Receiver, webhook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_webhook, "MOST_WAITING", 5)
    receiver.hang.clear()
    for number in range(20):
        webhook.offer(change(number))
    receiver.hang.set()
    wait_until(lambda: bool(receiver.bodies) and receiver.bodies[-1]["alert"]["uid"] == "run-19", "the last")

    posted = [body["alert"]["uid"] for body in receiver.bodies]
    assert posted[-5:] == [f"run-{number}" for number in range(15, 20)]
    assert webhook.dropped >= 14


def test_stopping_waits_for_no_receiver(receiver: Receiver) -> None:
    webhook = Webhook(receiver.url, retry=BackoffPolicy(initial_s=60.0), timeout_s=0.5)
    webhook.start()
    receiver.statuses = [500] * 100
    webhook.offer(change(1))
    wait_until(lambda: bool(webhook.trouble), "it fails")

    webhook.stop(60.0)  # would wait for a minute otherwise, and the test ends before
    assert len(receiver.seen) == 1
