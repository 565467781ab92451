"""Who may run on a data directory."""

import multiprocessing
import os
import signal
import stat
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from data_layer import instance as instance_module
from data_layer import writer_endpoint
from data_layer.errors import DataDirectoryError, InstanceRunningError
from data_layer.instance import InstanceLock, running_instance, sole_writer, writer_lock
from data_layer.writer_endpoint import WriterEndpoint

STARTED_AT_US = 1_700_000_000_000_000


def hold(data_dir: Path, pipe: Connection) -> None:
    """Hold a directory until killed."""
    instance, writer = InstanceLock(data_dir, "headless", now=lambda: STARTED_AT_US), writer_lock(data_dir)
    instance.acquire()
    assert writer.acquire()
    pipe.send_bytes(b"held")
    pipe.recv_bytes()


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[BaseProcess]:
    """A process that holds `tmp_path`."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=hold, args=(tmp_path, theirs), daemon=True)
    process.start()
    assert ours.recv_bytes() == b"held"
    yield process
    process.kill()
    process.join()
    ours.close()
    theirs.close()


def test_a_second_instance_is_refused_and_told_who_runs(tmp_path: Path, holder: BaseProcess) -> None:
    with pytest.raises(InstanceRunningError) as refused:
        InstanceLock(tmp_path, "window").acquire()
    text = str(refused.value)
    assert f"headless, process {holder.pid}, started 2023-11-1" in text
    assert str(tmp_path) in text
    assert "\n" not in text
    record = running_instance(tmp_path)
    assert record is not None
    assert (record.pid, record.command, record.started_at_us) == (holder.pid, "headless", STARTED_AT_US)


def test_a_killed_instance_holds_nothing(tmp_path: Path, holder: BaseProcess) -> None:
    assert holder.pid is not None
    assert not writer_lock(tmp_path).acquire()
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    assert running_instance(tmp_path) is None
    with InstanceLock(tmp_path, "window"):
        lock = writer_lock(tmp_path)
        assert lock.acquire()
        lock.release()
    assert running_instance(tmp_path) is None


def test_a_glance_at_who_runs_never_gets_an_instance_refused(tmp_path: Path) -> None:
    glancing = threading.Event()

    def glance() -> None:
        while not glancing.is_set():
            running_instance(tmp_path)

    thread = threading.Thread(target=glance)
    thread.start()
    for _ in range(50):
        with InstanceLock(tmp_path, "window"):
            pass
    glancing.set()
    thread.join()


def test_who_writes_waits_for_the_writer_of_a_killed_instance(tmp_path: Path) -> None:
    predecessor = writer_lock(tmp_path)
    assert predecessor.acquire()
    threading.Timer(0.1, predecessor.release).start()
    with sole_writer(tmp_path):
        assert not predecessor.acquire()
    assert predecessor.acquire()
    predecessor.release()


def test_who_would_write_beside_a_writer_that_stays_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance_module, "_PREDECESSOR_S", 0.0)
    predecessor = writer_lock(tmp_path)
    assert predecessor.acquire()
    with pytest.raises(InstanceRunningError, match="still writes the database"), sole_writer(tmp_path):
        pass
    predecessor.release()


def test_a_directory_that_cannot_be_made_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataDirectoryError, match="cannot be made"):
        InstanceLock(tmp_path / "file" / "data", "window").acquire()


def test_only_its_user_can_read_how_to_reach_the_writer(tmp_path: Path) -> None:
    endpoint = WriterEndpoint(address="unix:/somewhere", secret="hush")
    assert writer_endpoint.read(tmp_path) is None
    writer_endpoint.publish(tmp_path, WriterEndpoint(address="tcp:1", secret="old"))
    writer_endpoint.publish(tmp_path, endpoint)
    assert writer_endpoint.read(tmp_path) == endpoint
    assert "hush" not in repr(endpoint)
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "run" / "writer.json").stat().st_mode) == 0o600
    writer_endpoint.withdraw(tmp_path)
    assert writer_endpoint.read(tmp_path) is None
