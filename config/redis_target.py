"""Where Redis is and how to speak to it, as one plain value that travels to every process.

Addresses have the forms of redis-py, and two more for Sentinel:

    redis://[user[:password]@]host[:port][/db]            the same with rediss:// over TLS
    unix:///path/to/socket[?db=0]
    redis+sentinel://[user[:password]@]host[:port][,host[:port]...]/service[/db]     TLS: rediss+sentinel://

Options follow a `?`: `db`, `username`, `password`; over TLS `ssl_ca_certs`, `ssl_certfile`,
`ssl_keyfile`, `ssl_cert_reqs` (required or none), `ssl_check_hostname` (true or false); with Sentinel
`sentinel_username` and `sentinel_password`. User, password, path and service are percent-encoded where they
hold special characters.
"""

from dataclasses import dataclass, field, replace
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

REDIS_PORT = 6379
SENTINEL_PORT = 26379
_HIGHEST_PORT = 65_535
_HIGHEST_DB = 65_535

_TLS_OPTIONS = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"}
_OPTIONS = {
    "redis": {"db", "username", "password"},
    "unix": {"db", "username", "password"},
    "redis+sentinel": {"db", "username", "password", "sentinel_username", "sentinel_password"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tls:
    """How a connection is encrypted. Files are PEM; None: the system's authorities, no certificate."""

    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    verify: bool = True  # the server's certificate
    check_host: bool = True  # that the certificate is for the host connected to


@dataclass(frozen=True, kw_only=True, slots=True)
class RedisTarget:
    """One Redis, however it is reached. Passwords are in no repr."""

    host: str = "127.0.0.1"
    port: int = REDIS_PORT
    db: int = 0
    socket_path: str | None = None  # of a Unix socket; wins over host and port
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Tls | None = None
    sentinels: tuple[tuple[str, int], ...] = ()  # these name the host and port of `service`
    service: str = ""
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)
    prefix: str = ""  # of every key and channel

    @property
    def address(self) -> str:
        """For the operator: where it is, without any password."""
        scheme = "rediss" if self.tls else "redis"
        if self.socket_path is not None:
            return f"unix://{self.socket_path} db {self.db}"
        if self.sentinels:
            hosts = ",".join(_host_and_port(host, port) for host, port in self.sentinels)
            return f"{scheme}+sentinel://{hosts}/{self.service}/{self.db}"
        return f"{scheme}://{_host_and_port(self.host, self.port)}/{self.db}"


def parse_redis_url(url: str, *, password: str | None = None, prefix: str = "") -> RedisTarget:
    """Return what `url` names; `password` stands in where the address has none.

    Raises `ValueError` with a text that repeats nothing of the address but the names of its options.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError("is no address") from None
    scheme = parts.scheme.replace("rediss", "redis")
    if scheme not in _OPTIONS:
        known = "redis://, rediss://, unix://, redis+sentinel:// or rediss+sentinel://"
        raise ValueError(f"does not begin with {known}")
    secure = parts.scheme.startswith("rediss")
    options = _options(parts, _OPTIONS[scheme] | (_TLS_OPTIONS if secure else set()))
    userinfo, _, hosts = parts.netloc.rpartition("@")
    if userinfo and not hosts and scheme != "unix":
        raise ValueError("names no host")
    user, _, secret = userinfo.partition(":")
    target = RedisTarget(
        username=options.get("username") or unquote(user) or None,
        password=options.get("password") or unquote(secret) or password or None,
        tls=_tls(options) if secure else None,
        prefix=prefix,
    )
    if scheme == "unix":
        if not parts.path or hosts:
            raise ValueError("names no path of a socket; it begins with unix:///")
        return replace(target, socket_path=unquote(parts.path), db=_db(options.get("db", "0")))
    if scheme == "redis+sentinel":
        return _sentinel(target, hosts, parts.path, options)
    host, port = _one_host(hosts or "127.0.0.1", REDIS_PORT)
    return replace(target, host=host, port=port, db=_db(options.get("db") or parts.path.strip("/") or "0"))


def _sentinel(target: RedisTarget, hosts: str, path: str, options: dict[str, str]) -> RedisTarget:
    service, _, db = path.strip("/").partition("/")
    if not service:
        raise ValueError("names no service after the hosts, as in redis+sentinel://host:26379/mymaster")
    return replace(
        target,
        sentinels=tuple(_one_host(text, SENTINEL_PORT) for text in hosts.split(",")),
        service=unquote(service),
        db=_db(options.get("db") or db or "0"),
        sentinel_username=options.get("sentinel_username"),
        sentinel_password=options.get("sentinel_password"),
    )


def _options(parts: SplitResult, known: set[str]) -> dict[str, str]:
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(set(options) - known)
    if unknown:
        raise ValueError(f"has an unknown option {unknown[0][:40]!r}; there are {', '.join(sorted(known))}")
    return options


def _tls(options: dict[str, str]) -> Tls:
    requirement = options.get("ssl_cert_reqs", "required")
    if requirement not in ("required", "none"):
        raise ValueError("has an ssl_cert_reqs that is neither required nor none")
    check = options.get("ssl_check_hostname", "true").lower()
    if check not in ("true", "false"):
        raise ValueError("has an ssl_check_hostname that is neither true nor false")
    return Tls(
        ca_file=options.get("ssl_ca_certs"),
        certificate_file=options.get("ssl_certfile"),
        key_file=options.get("ssl_keyfile"),
        verify=requirement == "required",
        check_host=check == "true" and requirement == "required",
    )


def _one_host(text: str, default_port: int) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"has a port that is no number from 1 to {_HIGHEST_PORT}") from None
    if not host or port == 0:
        raise ValueError("names no host" if not host else "has the port 0")
    return unquote(host), port or default_port


def _db(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _HIGHEST_DB:
        raise ValueError(f"has a database that is no number from 0 to {_HIGHEST_DB}")
    return int(text)


def _host_and_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
