"""What several tests of the processes share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.specs import SimulatorSpec
from tests.orchestration.worker_rig import WorkerRig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[WorkerRig]:
    made = WorkerRig(tmp_path, SimulatorSpec(seed="a", speed=1_500))
    yield made
    made.close()
