"""What the tests of the settings share."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from config import settings
from config.settings import Settings
from tests.config.loading import Load


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load from a file, a `.env` and an environment of the test's own; the file is `a.toml` in `tmp_path`."""

    def load_from(
        file: str | None = "",
        *,
        dotenv: str | None = None,
        environ: Mapping[str, str] | None = None,
        data_dir: str | None = None,
        log_level: str | None = None,
    ) -> Settings:
        if file is not None:
            (tmp_path / "a.toml").write_text(file, encoding="utf-8")
        if dotenv is not None:
            (tmp_path / ".env").write_text(dotenv, encoding="utf-8")
        config = None if file is None else "a.toml"
        return settings.load(
            config=config, data_dir=data_dir, log_level=log_level, environ=environ or {}, cwd=tmp_path
        )

    return load_from
