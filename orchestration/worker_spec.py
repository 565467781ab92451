"""What a worker process is told at its start, as plain values that travel under spawn and forkserver."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from config.redis_target import RedisTarget
from config.specs import DEFAULT_THRESHOLDS_CENTI, BookmakerSpec

_STEM_CHARACTERS = 150  # with a digest and the ending well below the 255 bytes of common file systems
_DIGEST_CHARACTERS = 16
_RESERVED_ON_WINDOWS = frozenset(
    ["CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(10))]
)


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerSpec:
    """Everything one worker needs to know, except its control pipe."""

    bookmaker: BookmakerSpec
    slot: int  # of the live board, counted in workers from 0
    board_path: Path
    outbox_path: Path
    writer_address: str  # as `data_layer.wire` writes them: "unix:PATH" or "tcp:PORT"
    secret: str = field(repr=False)  # of this run, shown to the writer
    thresholds_centi: tuple[int, ...] = DEFAULT_THRESHOLDS_CENTI
    log_level: int = 20  # of the logging module
    redis: RedisTarget | None = None  # to publish to; None: not used


def outbox_file(data_dir: Path, bookmaker: str) -> Path:
    """Return where a bookmaker's outbox lies; no name can reach out of the directory or into another's file.

    Names are percent-encoded. One that Windows keeps for devices has its first letter encoded too, one too
    long for a file name is cut and told apart by a digest.
    """
    stem = quote(bookmaker, safe="")
    if stem.split(".")[0].upper() in _RESERVED_ON_WINDOWS:
        stem = f"%{ord(stem[0]):02X}{stem[1:]}"
    if len(stem) > _STEM_CHARACTERS:
        digest = hashlib.sha256(bookmaker.encode()).hexdigest()[:_DIGEST_CHARACTERS]
        stem = f"{stem[:_STEM_CHARACTERS]}~{digest}"
    return data_dir / "outbox" / f"{stem}.log"
