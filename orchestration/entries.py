"""Where children begin. The main process hands these over without loading what a child is made of."""

from multiprocessing.connection import Connection

from orchestration.worker_spec import WorkerSpec
from orchestration.writer_spec import WriterSpec


def run_worker(spec: WorkerSpec, pipe: Connection) -> None:
    """See `bookmaker_worker.run_worker`."""
    from orchestration import bookmaker_worker

    bookmaker_worker.run_worker(spec, pipe)


def run_writer(spec: WriterSpec, pipe: Connection) -> None:
    """See `writer_process.run_writer`."""
    from orchestration import writer_process

    writer_process.run_writer(spec, pipe)


def run_relay(spec: WriterSpec, pipe: Connection) -> None:
    """See `relay_process.run_relay`."""
    from orchestration.remote import relay_process

    relay_process.run_relay(spec, pipe)
