"""The quick HMACs are HMAC."""

import hmac

from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.fairness import keyed_digests


@settings(max_examples=100)
@given(st.binary(max_size=150), st.lists(st.binary(max_size=200), min_size=1, max_size=3))
def test_one_key_and_many_messages(key: bytes, messages: list[bytes]) -> None:
    digest = keyed_digests.of_messages(key)
    for message in messages:
        assert digest(message) == hmac.digest(key, message, "sha256")


@settings(max_examples=100)
@given(st.binary(max_size=200), st.lists(st.binary(min_size=64, max_size=64), min_size=1, max_size=3))
def test_one_message_and_many_keys(message: bytes, keys: list[bytes]) -> None:
    digest = keyed_digests.of_keys(message)
    for key in keys:
        assert digest(key) == hmac.digest(key, message, "sha256")
