"""The recordings of `shared/data` as columns, as an import would store them."""

import csv
import json
from array import array
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw
import numpy as np

from data_layer.analytics.integrity.feed_facts import FeedFacts
from data_layer.analytics.rounds import Rounds
from tests.data_layer.analytics.made import rounds_of


def bustabit(directory: Path) -> tuple[Rounds, FeedFacts]:
    """Return 15,798 games in the order they were played."""
    with (directory / "bustabit_2537203-2553000.csv").open(encoding="utf-8") as file:
        rows = sorted((int(row[0]), round(float(row[1]) * 100)) for row in csv.reader(file))
    return rounds_of([crash for _, crash in rows], "Bustabit"), FeedFacts(
        array("q", [id_ for id_, _ in rows])
    )


def onexbet(directory: Path) -> tuple[Rounds, FeedFacts]:
    """Return 4,264 rounds with times."""
    rows = json.loads((directory / "onexbet_2025-08-31.json").read_text(encoding="utf-8"))
    times = [datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC) for row in rows]
    crashes = [round(row["multiplier"] * 100) for row in rows]
    times_us = [round(at.timestamp()) * 1_000_000 for at in times]
    return rounds_of(crashes, "1xBet", times_us), FeedFacts(
        array("q", [int(row["round_id"]) for row in rows])
    )


def jetx(directory: Path) -> tuple[Rounds, FeedFacts]:
    """Return 10,454 results; two more are no numbers."""
    connection = apsw.Connection(str(directory / "jetx_unclean.db"), flags=apsw.SQLITE_OPEN_READONLY)
    rows: list[Any] = connection.execute("SELECT id, value FROM jetx_results ORDER BY id").fetchall()
    connection.close()
    good = [(int(id_), float(value)) for id_, value in rows if "\u2028" not in str(value)]
    crashes = np.array([round(value * 100) for _, value in good])
    return rounds_of(crashes, "JetX"), FeedFacts(array("q", [id_ for id_, _ in good]))
