"""Names in keys: every name is one piece, and no two names share one."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_layer.cache.keys import CHANNELS, Keys, decoded, encoded

HOSTILE = ["a:*", "x\r\nFLUSHALL", "{tag}", "n" * 300, "Ћирилица", "", " ", "%", "total", "a/b\0c", "\ud800"]
PLAIN = set(string.ascii_letters + string.digits + "_.-~%")

any_name = st.text() | st.sampled_from(HOSTILE)


@given(any_name)
def test_a_name_is_one_plain_piece_and_comes_back(name: str) -> None:
    assert set(encoded(name)) <= PLAIN
    assert decoded(encoded(name)) == name


@given(any_name, any_name, any_name, any_name)
def test_different_rounds_have_different_keys(one: str, first: str, other: str, second: str) -> None:
    keys = Keys()
    same = (one, first) == (other, second)
    assert (keys.round(one, first) == keys.round(other, second)) == same


@given(any_name)
def test_no_bookmaker_reaches_into_the_totals(name: str) -> None:
    keys = Keys("p:")
    assert keys.stats(name) != keys.stats_total
    assert keys.metrics(name, "24h") != keys.metrics_total("24h")


def test_keys_are_those_that_other_programs_rely_on() -> None:
    keys = Keys("prod:")
    assert keys.round("Mozzart", "17") == "prod:round:Mozzart:17"
    assert keys.last_round("Mozzart") == "prod:last_round:Mozzart"
    assert keys.stats("Mozzart") == "prod:stats:Mozzart"
    assert keys.stats_total == "prod:stats:total"
    assert keys.metrics("Mozzart", "24h") == "prod:metrics:Mozzart:24h"
    assert keys.metrics_total("7d") == "prod:metrics:total:7d"
    assert keys.worker_states == "prod:worker:states"
    assert keys.version == "prod:version"
    assert keys.recent_events == "prod:events:recent"
    assert keys.rounds_stream == "prod:rounds:stream"
    assert keys.channel("alert") == "prod:alert"


@pytest.mark.parametrize(
    "name", ["round_ended", "threshold_crossed", "worker_state", "stats_updated", "alert"]
)
def test_channels_are_those_that_other_programs_listen_to(name: str) -> None:
    assert name in CHANNELS
