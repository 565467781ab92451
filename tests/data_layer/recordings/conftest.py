"""What the tests of recordings share."""

from collections.abc import Iterator
from typing import Any

import pytest

from data_layer.recordings.recording import Recording
from tests.data_layer.recordings.recording_files import Opener


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Return what opens a recording that is closed after the test."""
    recordings: list[Recording] = []

    def open_one(*args: Any, **options: Any) -> Recording:
        recordings.append(Recording(*args, **options))
        return recordings[-1]

    yield open_one
    for recording in recordings:
        recording.close()
