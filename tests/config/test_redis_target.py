"""Addresses of Redis in all their forms."""

import pickle  # noqa: TID251 - multiprocessing hands arguments over this way

import pytest

from config.redis_target import RedisTarget, Tls, parse_redis_url

SECRET = "s3:cr/et@?"
ENCODED = "s3%3Acr%2Fet%40%3F"


def test_a_bare_host_has_the_usual_port_and_database() -> None:
    assert parse_redis_url("redis://example.org") == RedisTarget(host="example.org", port=6379, db=0)


def test_every_part_of_an_address_is_taken() -> None:
    target = parse_redis_url(f"redis://worker:{ENCODED}@[::1]:7000/3", prefix="p:")
    assert target == RedisTarget(host="::1", port=7000, db=3, username="worker", password=SECRET, prefix="p:")


def test_a_password_beside_the_address_stands_in_where_it_has_none() -> None:
    assert parse_redis_url("redis://h", password="other").password == "other"
    assert parse_redis_url("redis://:own@h", password="other").password == "own"


def test_encrypted_addresses_name_files_and_checks() -> None:
    options = "ssl_ca_certs=/etc/ca.pem&ssl_certfile=/c.pem&ssl_keyfile=/k.pem&ssl_check_hostname=false"
    assert parse_redis_url(f"rediss://h:7000/1?{options}").tls == Tls(
        ca_file="/etc/ca.pem", certificate_file="/c.pem", key_file="/k.pem", check_host=False
    )
    assert parse_redis_url("rediss://h?ssl_cert_reqs=none").tls == Tls(verify=False, check_host=False)


def test_a_unix_socket_is_a_path() -> None:
    target = parse_redis_url("unix:///run/my%20redis.sock?db=2&password=x")
    assert (target.socket_path, target.db, target.password) == ("/run/my redis.sock", 2, "x")


def test_sentinels_are_several_hosts_and_a_service() -> None:
    target = parse_redis_url("redis+sentinel://:pw@one:26379,two,[::1]:1/mymaster/4?sentinel_password=s")
    assert target.sentinels == (("one", 26379), ("two", 26379), ("::1", 1))
    assert (target.service, target.db, target.password) == ("mymaster", 4, "pw")
    assert target.sentinel_password == "s"
    assert target.tls is None
    assert parse_redis_url("rediss+sentinel://one/mymaster").tls == Tls()


@pytest.mark.parametrize(
    "url",
    [
        "http://h",
        "h:6379",
        "redis://h:0",
        "redis://h:70000",
        "redis://h:port",
        "redis://h/one",
        "redis://h/-1",
        "redis://h/99999999999",
        "redis://h?timeout=3",
        "redis://h?ssl_ca_certs=/x",
        "rediss://h?ssl_cert_reqs=maybe",
        "rediss://h?ssl_check_hostname=perhaps",
        "unix://",
        "unix://host/path",
        "redis+sentinel://h:26379",
        "redis+sentinel://,/mymaster",
        "redis://[::1",
        "",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|has|names|does) "):
        parse_redis_url(url)


@pytest.mark.parametrize(
    "url",
    [f"redis://u:{SECRET}x@h:p", f"redis://u:{ENCODED}@h:port", f"redis://:{ENCODED}@h?nothing={ENCODED}"],
)
def test_no_part_of_a_password_is_in_a_message(url: str) -> None:
    with pytest.raises(ValueError, match=r"port|option") as caught:
        parse_redis_url(url)
    assert "s3" not in str(caught.value)
    assert "cr" not in str(caught.value)


def test_secrets_are_in_no_text_of_a_target() -> None:
    url = f"rediss+sentinel://u:{ENCODED}@h/m?sentinel_password={ENCODED}"
    target = parse_redis_url(url)
    assert target.password == target.sentinel_password == SECRET
    for text in (repr(target), str(target), target.address):
        assert SECRET not in text
        assert ENCODED not in text


def test_addresses_are_shown_in_the_form_they_are_written_in() -> None:
    for url in ("redis://h:1/0", "rediss://[::1]:2/3", "redis+sentinel://a:1,b:2/m/0"):
        assert parse_redis_url(url).address == url
    assert parse_redis_url("unix:///s").address == "unix:///s db 0"


def test_a_target_travels_to_other_processes() -> None:
    target = parse_redis_url("rediss+sentinel://u:p@h/m")
    assert pickle.loads(pickle.dumps(target)) == target
