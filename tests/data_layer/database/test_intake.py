"""What of a delivery is stored, judged before the database sees it."""

import pytest

from data_layer.database.intake import Delivery, sift
from data_layer.messages import Origin, Round

AT_US = 1_700_000_000_000_000


def delivery(*positions: int) -> Delivery:
    rounds = [
        Round(
            bookmaker="Admiral",
            round_id=f"r{number}",
            crash_centi=150,
            received_at_us=AT_US,
            origin=Origin.LIVE,
            position=position,
        )
        for number, position in enumerate(positions)
    ]
    return Delivery("key", "Admiral", "s", rounds)


@pytest.mark.parametrize("position", [2**53 + 1, 2**63, 2**64 - 1])
@pytest.mark.parametrize("before", [(), (4, 5)], ids=["alone", "after others"])
def test_a_position_that_no_stream_reaches_is_a_fault_of_its_round(
    before: tuple[int, ...], position: int
) -> None:
    sifted = sift(delivery(*before, position), 3, AT_US)
    assert (len(sifted.rounds), len(sifted.quarantine)) == (len(before), 1)
    assert "position is above" in sifted.quarantine[0][2]
    assert sifted.last_position == (before[-1] if before else 3)


def test_what_was_delivered_before_is_left_out() -> None:
    sifted = sift(delivery(2, 3, 4, 5), 3, AT_US)
    assert [row[1] for row in sifted.rounds.rows] == ["r2", "r3"]
    assert (sifted.quarantine, sifted.last_position) == ([], 5)
