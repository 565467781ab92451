"""Logging of one process: each record becomes one finished text, handed to whoever collects the lines.

Formatting happens where the record is made, so that nothing but plain values leaves the process.
"""

import logging
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

LONGEST_TEXT = 4_000  # characters of one record with its trace
LOG_FILE_BYTES = 5_000_000
OLD_LOG_FILES = 3

_PASSWORD_IN_URL = re.compile(r"(?<=://)([^/\s:@]*):[^/\s@]+@")

LineSink = Callable[[int, int, str, str], None]
"""Takes the time in UTC microseconds, the level, the logger's name and the text of one record."""


class LineHandler(logging.Handler):
    """Turns records into finished lines. The sink must not block and must not log."""

    def __init__(self, sink: LineSink) -> None:
        super().__init__()
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        """Hand the record's text with its trace to the sink, without passwords and cut to a sane length.

        Half a surrogate pair, as names of files may hold, is written out: no pipe and no file takes it.
        """
        try:
            text = without_passwords(self.format(record))
            if len(text) > LONGEST_TEXT:
                half = LONGEST_TEXT // 2
                text = f"{text[:half]}\n...\n{text[-half:]}"
            text = text.encode("utf-8", "backslashreplace").decode()
            self._sink(int(record.created * 1_000_000), record.levelno, record.name, text)
        except Exception:  # noqa: BLE001  # logging must never end what it reports on
            self.handleError(record)


def install(handler: logging.Handler, level: int) -> None:
    """Make `handler` this process's only one. Called once, in the process's entry function."""
    root = logging.getLogger()
    for other in root.handlers[:]:
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(level)
    logging.raiseExceptions = False  # a failing handler must not write to a terminal that a view owns
    logging.captureWarnings(True)
    logging.getLogger("asyncio").setLevel(max(level, logging.INFO))


def without_passwords(text: str) -> str:
    """Return `text` with the passwords of URLs made unreadable."""
    return _PASSWORD_IN_URL.sub(r"\1:***@", text) if "://" in text else text


def format_line(at_us: int, level: int, process: str, logger: str, text: str) -> str:
    """Return a line of the log file: UTC time, level, process, logger, text."""
    seconds, micros = divmod(at_us, 1_000_000)
    stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))
    return f"{stamp}.{micros // 1000:03d}Z {logging.getLevelName(level):<7} {process}: {logger}: {text}"


class LogFile:
    """A text file that is replaced by a fresh one when it has grown too big; a few old ones are kept.

    Trouble with the disk is kept in `trouble` and tried again with the next lines: a full disk costs log
    lines, nothing else.
    """

    def __init__(self, path: Path, *, max_bytes: int = LOG_FILE_BYTES, keep: int = OLD_LOG_FILES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._keep = keep
        self._file: TextIO | None = None
        self.trouble = ""

    def write(self, lines: list[str]) -> None:
        """Append `lines`, each ended by a line break."""
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("a", encoding="utf-8", errors="backslashreplace")
            self._file.write("".join(f"{line}\n" for line in lines))
            self._file.flush()
            if self._file.tell() >= self._max_bytes:
                self._rotate()
            self.trouble = ""
        except OSError as error:
            self.trouble = f"the log file cannot be written: {error}"
            self.close()

    def close(self) -> None:
        """Close the file; a later write opens it again."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                self.trouble = f"the log file cannot be written: {error}"

    def _rotate(self) -> None:
        self.close()
        for number in range(self._keep, 0, -1):
            newer = self._numbered(number - 1)
            if newer.exists():
                newer.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self._path if number == 0 else self._path.with_name(f"{self._path.name}.{number}")
