"""What a worker is told."""

from pathlib import Path

import pytest

from config.specs import BookmakerSpec, SimulatorSpec
from orchestration.worker_spec import WorkerSpec, outbox_file


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Admiral", "Admiral.log"),
        ("../../etc/passwd", "..%2F..%2Fetc%2Fpasswd.log"),
        ("a\\b:c", "a%5Cb%3Ac.log"),
        ("Крушка", "%D0%9A%D1%80%D1%83%D1%88%D0%BA%D0%B0.log"),
        ("con", "%63on.log"),
        ("LPT1.x", "%4CPT1.x.log"),
    ],
)
def test_no_name_reaches_out_of_the_directory(tmp_path: Path, name: str, file: str) -> None:
    path = outbox_file(tmp_path, name)
    assert path == tmp_path / "outbox" / file


def test_long_names_fit_a_file_name_and_stay_apart(tmp_path: Path) -> None:
    first, second = outbox_file(tmp_path, "博" * 64), outbox_file(tmp_path, "博" * 63 + "彩")
    assert first != second
    assert len(first.name) < 200


def test_the_secret_is_not_shown(tmp_path: Path) -> None:
    spec = WorkerSpec(
        bookmaker=BookmakerSpec(name="Admiral", source=SimulatorSpec()),
        slot=0,
        board_path=tmp_path,
        outbox_path=tmp_path,
        writer_address="tcp:1",
        secret="hush",
    )
    assert "hush" not in repr(spec)
