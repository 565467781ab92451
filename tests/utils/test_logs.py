"""Log lines: what they contain, what they never contain, and where they are kept."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from utils import logs

Line = tuple[int, int, str, str]


@pytest.fixture
def lines() -> list[Line]:
    return []


@pytest.fixture
def logger(lines: list[Line]) -> Iterator[logging.Logger]:
    """A logger whose records end in `lines`."""
    logger = logging.getLogger("tests.logs")
    handler = logs.LineHandler(lambda *line: lines.append(line))
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield logger
    logger.removeHandler(handler)


def test_what_no_pipe_takes_is_written_out(logger: logging.Logger, lines: list[Line]) -> None:
    logger.warning("no such file: %s", "\udcff.csv")
    assert lines[0][3] == "no such file: \\udcff.csv"


def test_a_record_becomes_one_text_with_its_trace(logger: logging.Logger, lines: list[Line]) -> None:
    try:
        raise ValueError("odd")
    except ValueError:
        logger.warning("failed for %s", "Admiral", exc_info=True)
    [(at_us, level, name, text)] = lines
    assert (level, name) == (logging.WARNING, "tests.logs")
    assert text.startswith("failed for Admiral\nTraceback")
    assert text.endswith("ValueError: odd")
    assert at_us > 1_700_000_000_000_000


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://user:hush@host:6379/0", "redis://user:***@host:6379/0"),
        ("at redis://:hush@host and no more", "at redis://:***@host and no more"),
        ("https://host/path?at=10:30@noon", "https://host/path?at=10:30@noon"),
        ("Admiral: 10:30@noon", "Admiral: 10:30@noon"),
    ],
)
def test_passwords_in_addresses_are_not_shown(text: str, shown: str) -> None:
    assert logs.without_passwords(text) == shown


def test_a_flood_in_one_record_keeps_its_beginning_and_its_end(
    logger: logging.Logger, lines: list[Line]
) -> None:
    logger.info("begin%send", "x" * 1_000_000)
    text = lines[0][3]
    assert len(text) < logs.LONGEST_TEXT + 10
    assert text.startswith("begin")
    assert text.endswith("end")


def test_a_record_that_cannot_be_formatted_disturbs_nobody(
    logger: logging.Logger, lines: list[Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    logger.info("%d rounds", "many")
    logger.info("and on")
    assert [line[3] for line in lines] == ["and on"]


def test_a_line_of_the_file_says_when_how_bad_where_and_what() -> None:
    line = logs.format_line(1_767_225_600_123_456, logging.ERROR, "writer", "orchestration.x", "it broke")
    assert line == "2026-01-01 00:00:00.123Z ERROR   writer: orchestration.x: it broke"


def test_a_file_that_has_grown_is_put_aside_and_the_oldest_goes(tmp_path: Path) -> None:
    file = logs.LogFile(tmp_path / "logs" / "aviator.log", max_bytes=100, keep=2)
    for number in range(10):
        file.write([f"line {number} {'x' * 60}"] * 2)
    file.close()
    kept = {path.name: path.read_text().split()[1] for path in (tmp_path / "logs").iterdir()}
    assert kept == {"aviator.log.1": "9", "aviator.log.2": "8"}


def test_lone_surrogates_are_written_readably(tmp_path: Path) -> None:
    file = logs.LogFile(tmp_path / "aviator.log")
    file.write(["odd \udcff name"])
    file.close()
    assert (tmp_path / "aviator.log").read_text() == "odd \\udcff name\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux: a device that is always full")
def test_a_full_disk_is_told_and_survived(tmp_path: Path) -> None:
    (tmp_path / "aviator.log").symlink_to("/dev/full")
    file = logs.LogFile(tmp_path / "aviator.log")
    file.write(["lost"])
    assert "No space left" in file.trouble
    (tmp_path / "aviator.log").unlink()
    file.write(["kept"])
    assert file.trouble == ""
    file.close()
    assert (tmp_path / "aviator.log").read_text() == "kept\n"
