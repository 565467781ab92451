"""The name of the machine's time zone, from whatever the machine tells."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from utils.local_zone import local_zone_name

pytestmark = pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone of a process cannot be set here")

Move = Callable[[str], None]


@pytest.fixture
def move_to(monkeypatch: pytest.MonkeyPatch) -> Iterator[Move]:
    """Put this process into another zone until the test has ended."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield move
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Europe/Belgrade", "Europe/Belgrade"),
        (":Asia/Kathmandu", "Asia/Kathmandu"),
        ("/usr/share/zoneinfo/Europe/Belgrade", "Europe/Belgrade"),
    ],
)
def test_a_zone_that_the_environment_names_is_taken(move_to: Move, told: str, name: str) -> None:
    move_to(told)
    assert local_zone_name() == name


@pytest.mark.parametrize("rule", ["CET-1CEST,M3.5.0,M10.5.0/3", "XYZ-5:45", "EST5EDT,M3.2.0,M11.1.0", "UTC0"])
def test_a_machine_that_tells_only_its_clock_gets_a_zone_whose_clock_agrees(move_to: Move, rule: str) -> None:
    move_to(rule)
    zone = ZoneInfo(local_zone_name())
    now_s = time.time()
    for week in range(53):
        moment = now_s + week * 7 * 86_400
        offset = datetime.fromtimestamp(moment, zone).utcoffset()
        assert offset is not None
        assert offset.total_seconds() == time.localtime(moment).tm_gmtoff
