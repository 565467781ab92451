"""What the writer process is told at its start, as plain values that travel under spawn and forkserver."""

import logging
from dataclasses import dataclass, field
from pathlib import Path

from config.redis_target import RedisTarget
from config.retention import EVERYTHING, Retention
from config.specs import DEFAULT_THRESHOLDS_CENTI
from data_layer.database.connection import DATABASE_NAME

PROCESS_NAME = "writer"


@dataclass(frozen=True, kw_only=True, slots=True)
class WriterSpec:
    """Everything the writer process needs to know, except its control pipe."""

    data_dir: Path
    board_path: Path
    address: str  # where to listen, as `data_layer.wire` writes it
    secret: str = field(repr=False)  # of this run; who does not show it is refused
    thresholds_centi: tuple[int, ...] = DEFAULT_THRESHOLDS_CENTI
    retention: Retention = EVERYTHING
    log_level: int = logging.INFO
    redis: RedisTarget | None = None  # to publish to; None: not used
    metrics_life_s: float = 86_400.0  # of the metrics of every range in Redis
    metrics_refresh_s: float = 21_600.0  # how often all of them are computed again

    @property
    def database_path(self) -> Path:
        """The database of the data directory."""
        return self.data_dir / DATABASE_NAME
