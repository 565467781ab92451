"""`import`: what is wrong with its words is told before anything is read."""

from pathlib import Path

import pytest

from config import settings
from data_layer.errors import UsageError
from terminal import recordings


@pytest.mark.parametrize("zone", ["Belgrad", "+02:75", ""])
def test_a_time_zone_that_is_none_is_a_wrong_word(tmp_path: Path, zone: str) -> None:
    file, data_dir = tmp_path / "rounds.csv", tmp_path / "data"
    file.write_text("id,crash,crashed_at\n1,1.5,2025-08-31 23:47:51\n", encoding="utf-8")
    configured = settings.load(data_dir=str(data_dir), environ={}, cwd=tmp_path)
    with pytest.raises(UsageError, match=r"--timezone .* nearest valid: [A-Z]"):
        recordings.bring_in(configured, file, "Admiral", (), table=None, timezone=zone, as_json=True)
    assert not data_dir.exists()
