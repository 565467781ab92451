"""Workers whose sources come to no end while a file is there: however late a test is, they are at work."""

import asyncio
from multiprocessing.connection import Connection
from pathlib import Path
from unittest.mock import patch

from orchestration.entries import run_worker
from orchestration.pipeline import Pipeline
from orchestration.worker_spec import WorkerSpec


def held_worker(spec: WorkerSpec, pipe: Connection) -> None:
    """Be a worker that goes on after the last round of its source, as long as `holding_file` is there."""
    held, flow = holding_file(spec.outbox_path.parent.parent), Pipeline.flow

    async def flow_and_stay(pipeline: Pipeline) -> str:
        reason = await flow(pipeline)
        while held.exists():
            await asyncio.sleep(0.01)
        return reason

    with patch.object(Pipeline, "flow", flow_and_stay):
        run_worker(spec, pipe)


def holding_file(data_dir: Path) -> Path:
    """Return what holds the workers of a data directory."""
    return data_dir / "held"
