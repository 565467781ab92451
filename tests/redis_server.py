"""Real Redis servers for tests, on free ports of this machine, that can be stopped, frozen and failed over.

    server = RedisServer(tmp_path); server.start(); ... server.close()

Everything started here is ended by `close`, however the test ended.
"""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.redis_target import RedisTarget, Tls

HOST = "127.0.0.1"
WAIT_S = 10.0  # for one answer
PATIENCE_S = 30.0  # with everything else, on a machine that is busy
_PAUSE_S = 0.01
_PORTS = range(10_240, 32_768)  # no system hands one of these out by itself

needs_redis_server = pytest.mark.skipif(
    shutil.which("redis-server") is None, reason="no redis-server on this machine"
)


def free_port() -> int:
    """Return a port that nobody uses, and that nobody will be given who only wants any port.

    A port that the system chooses could be given to another in the moment in which a server is not there, and
    a client that tries to reach the server then could be connected with itself.
    """
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind((HOST, port))
            return port


class RedisServer:
    """One redis-server process. It keeps its port over restarts, and nothing on disk unless `persistent`."""

    def __init__(
        self,
        directory: Path,
        *,
        password: str | None = None,
        users: tuple[str, ...] = (),  # lines of an ACL: "worker on >secret ~* &* +@all"
        tls: "Certificates | None" = None,
        unix_socket: bool = False,
        persistent: bool = False,
        options: Mapping[str, str] | None = None,  # of redis.conf
        port: int = 0,
    ) -> None:
        self.port = port or free_port()
        self.password = password
        self.tls = tls
        self.directory = directory / f"redis-{self.port}"
        self.directory.mkdir(parents=True)
        self.socket_path = self.directory / "redis.sock" if unix_socket else None
        self._process: subprocess.Popen[bytes] | None = None
        settings = {
            "bind": HOST,
            "dir": str(self.directory),
            "save": '""',
            "appendonly": "yes" if persistent else "no",
            "port": "0" if tls else str(self.port),
            **self._security(),
            **(options or {}),
        }
        lines = [f"{name} {value}" for name, value in settings.items()] + [f"user {user}" for user in users]
        self._file = self.directory / "redis.conf"
        self._file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _security(self) -> dict[str, str]:
        settings = {}
        if self.password is not None:
            settings["requirepass"] = f'"{self.password}"'
        if self.socket_path is not None:
            settings["unixsocket"] = str(self.socket_path)
        if self.tls is not None:
            settings |= {
                "tls-port": str(self.port),
                "tls-cert-file": str(self.tls.certificate),
                "tls-key-file": str(self.tls.key),
                "tls-ca-cert-file": str(self.tls.authority),
                "tls-auth-clients": "no",
            }
        return settings

    @property
    def target(self) -> RedisTarget:
        """How our own code reaches it."""
        tls = Tls(ca_file=str(self.tls.authority)) if self.tls else None
        path = str(self.socket_path) if self.socket_path else None
        return RedisTarget(host=HOST, port=self.port, password=self.password, tls=tls, socket_path=path)

    @property
    def url(self) -> str:
        """The same as an address."""
        secret = f":{self.password}@" if self.password else ""
        if self.tls is not None:
            return f"rediss://{secret}{HOST}:{self.port}/0?ssl_ca_certs={self.tls.authority}"
        return f"redis://{secret}{HOST}:{self.port}/0"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def start(self, *, wait: bool = True) -> None:
        """Start it and wait until it answers; `wait=False` returns while it may still be loading its data."""
        assert not self.running
        with (self.directory / "output").open("ab") as output:
            command = ["redis-server", str(self._file), *self._arguments()]
            self._process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
        if wait:
            wait_until(self._answers, f"redis-server on port {self.port} answers")

    def _arguments(self) -> list[str]:
        return []

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            raise AssertionError((self.directory / "output").read_text(encoding="utf-8", errors="replace"))
        with self.client() as client:
            try:
                return bool(client.ping())
            except (redis.AuthenticationError, redis.exceptions.NoPermissionError):
                return True
            except redis.RedisError:
                return False

    def client(self) -> redis.Redis:
        """Return a client of its own for arranging and looking; close it.

        It waits for a slow answer and tries nothing twice: a second try comes seconds after the first.
        """
        return redis.Redis(
            host=HOST,
            port=self.port,
            password=self.password,
            protocol=2,
            socket_timeout=WAIT_S,
            retry=Retry(NoBackoff(), 0),
            ssl=self.tls is not None,
            ssl_ca_certs=str(self.tls.authority) if self.tls else None,
        )

    def command(self, *words: str | int) -> object:
        """Send one command and return the answer."""
        with self.client() as client:
            return client.execute_command(*words)

    def flush(self) -> None:
        """Delete everything in it."""
        self.command("FLUSHALL")

    def configure(self, name: str, value: str) -> None:
        """Change a setting while it runs."""
        self.command("CONFIG", "SET", name, value)

    def suspend(self) -> None:
        """Freeze it: connections stay, nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Undo `suspend`."""
        os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        """End it; a persistent one has its data on disk afterwards."""
        self._end(kill=False)

    def kill(self) -> None:
        """End it without warning."""
        self._end(kill=True)

    def close(self) -> None:
        """End it if it runs. May be called more than once."""
        if self.running:
            self._end(kill=True)

    def _end(self, *, kill: bool) -> None:
        assert self._process is not None
        if kill:
            self._process.kill()
        else:
            self._process.terminate()
        self._process.wait(WAIT_S)


class _SentinelServer(RedisServer):
    def _arguments(self) -> list[str]:
        return ["--sentinel"]


class SentinelSetup:
    """A primary, its replicas and three Sentinels that fail over within about a second."""

    service = "mymaster"

    def __init__(self, directory: Path, *, replicas: int = 1, down_after_ms: int = 500) -> None:
        self.servers = [RedisServer(directory)]
        primary = self.servers[0].port
        common = {"repl-diskless-sync": "yes", "repl-diskless-sync-delay": "0"}
        for _ in range(replicas):
            options = {**common, "replicaof": f"{HOST} {primary}"}
            self.servers.append(RedisServer(directory, options=options))
        lines = f"monitor {self.service} {HOST} {primary} 2"
        self.sentinels = [_SentinelServer(directory, options={"sentinel": lines}) for _ in range(3)]
        for sentinel in self.sentinels:
            with sentinel._file.open("a", encoding="utf-8") as file:
                file.write(f"sentinel down-after-milliseconds {self.service} {down_after_ms}\n")
                file.write(f"sentinel failover-timeout {self.service} 2000\n")
                file.write(f"sentinel parallel-syncs {self.service} 1\n")

    @property
    def target(self) -> RedisTarget:
        addresses = tuple((HOST, sentinel.port) for sentinel in self.sentinels)
        return RedisTarget(sentinels=addresses, service=self.service)

    @property
    def url(self) -> str:
        hosts = ",".join(f"{HOST}:{sentinel.port}" for sentinel in self.sentinels)
        return f"redis+sentinel://{hosts}/{self.service}/0"

    def start(self) -> None:
        """Start all and wait until every Sentinel knows the replicas and the other Sentinels."""
        for server in (*self.servers, *self.sentinels):
            server.start()
        wait_until(self._complete, "the Sentinels know each other and the replicas")

    def primary(self) -> RedisServer:
        """Return the server that the first Sentinel that answers calls the primary."""
        port = self._primary_port()
        return next(server for server in self.servers if server.port == port)

    def failover(self) -> RedisServer:
        """Let the Sentinels promote a replica, wait for it, and return the new primary."""
        before = self._primary_port()

        def order() -> bool:
            try:
                self.sentinels[0].command("SENTINEL", "FAILOVER", self.service)
            except redis.ResponseError:  # one is in progress, or no replica is good enough yet
                return False
            return True

        wait_until(order, "a failover is accepted")
        self.wait_for_other_primary(before)
        return self.primary()

    def wait_for_other_primary(self, port: int) -> None:
        """Wait until the Sentinels name another primary than the one on `port`, and it accepts writes."""

        def changed() -> bool:
            now = self._primary_port()
            return now != port and self._role(now) == b"master"

        wait_until(changed, "another primary")

    def close(self) -> None:
        for server in (*self.sentinels, *self.servers):
            server.close()

    def _complete(self) -> bool:
        for sentinel in self.sentinels:
            with sentinel.client() as client:
                state = client.sentinel_master(self.service)
            if state["num-other-sentinels"] < 2 or state["num-slaves"] < len(self.servers) - 1:
                return False
        return all(self._synchronized(server) for server in self.servers[1:])

    def _synchronized(self, server: RedisServer) -> bool:
        with server.client() as client:
            return bool(client.info("replication").get("master_link_status") == "up")

    def _primary_port(self) -> int:
        answer = self.sentinels[0].command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.service)
        assert isinstance(answer, (list, tuple))
        return int(answer[1])

    def _role(self, port: int) -> object:
        server = next(server for server in self.servers if server.port == port)
        try:
            answer = server.command("ROLE")
        except redis.RedisError:
            return None
        assert isinstance(answer, list)
        return answer[0]


class Certificates:
    """An authority of our own and a certificate for 127.0.0.1 and localhost, made with openssl."""

    def __init__(self, directory: Path) -> None:
        if shutil.which("openssl") is None:
            pytest.skip("no openssl on this machine")
        directory.mkdir(parents=True, exist_ok=True)
        self.authority = directory / "authority.pem"
        self.certificate = directory / "server.pem"
        self.key = directory / "server.key"
        authority_key = directory / "authority.key"
        request = directory / "server.csr"
        names = directory / "names.ext"
        names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n", encoding="utf-8")
        new_key = ("-newkey", "rsa:2048", "-nodes", "-batch")
        _openssl(
            "req", "-x509", *new_key, "-days", "2", "-subj", "/CN=Test authority",
            "-keyout", authority_key, "-out", self.authority,
        )  # fmt: skip
        _openssl("req", *new_key, "-subj", "/CN=127.0.0.1", "-keyout", self.key, "-out", request)
        _openssl(
            "x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", authority_key, "-CAcreateserial",
            "-days", "2", "-extfile", names, "-out", self.certificate,
        )  # fmt: skip


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=60)


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Return as soon as `condition()` holds; fail the test when it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s:g} s in vain: {what}")
        time.sleep(_PAUSE_S)


@contextlib.contextmanager
def running(server: RedisServer) -> Iterator[RedisServer]:
    """Start `server` and close it at the end."""
    try:
        server.start()
        yield server
    finally:
        server.close()
