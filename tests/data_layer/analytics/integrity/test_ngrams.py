import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.integrity.ngrams import window_hashes


@given(st.lists(st.integers(100, 103), max_size=60), st.integers(1, 24))
@settings(max_examples=100, deadline=None)
def test_windows_have_one_hash_exactly_when_they_are_equal(crashes: list[int], length: int) -> None:
    hashes = window_hashes(np.array(crashes, dtype=np.int64), length).tolist()
    windows = [tuple(crashes[start : start + length]) for start in range(len(crashes) - length + 1)]
    assert len(hashes) == len(windows)
    assert len(set(hashes)) == len(set(windows)) == len(set(zip(hashes, windows, strict=True)))


@pytest.mark.parametrize("length", [1, 2, 7, 8, 20])
def test_a_window_is_the_same_wherever_it_stands(length: int) -> None:
    window = np.arange(100, 100 + length)
    alone = window_hashes(window, length)
    later = window_hashes(np.concatenate((np.array([900, 901]), window)), length)
    assert alone.tolist() == later[2:].tolist()
