"""The reader while its database comes later, is replaced, damaged or gone."""

import os
from pathlib import Path

import pytest

from data_layer.errors import AviatorError
from data_layer.readers.last_round_cache import LastRoundCache
from data_layer.statistics import RoundStats
from tests.data_layer.readers.hand_feed import HandFeed
from tests.data_layer.readers.reader_rig import NEVER_S, MakeReader, Watch, ids
from tests.data_layer.stored_rounds import START_US, StoredRounds, a_round


def test_a_database_that_comes_later_is_waited_for(
    path: Path, make_reader: MakeReader, feed: HandFeed, cache: LastRoundCache
) -> None:
    reader = make_reader()
    watch = Watch(reader)
    reader.start()
    watch.until(lambda: "there is no database yet" in reader.trouble)
    assert str(path) in reader.trouble
    assert reader.peek("data_collector") is None
    with pytest.raises(AviatorError, match="there is no database yet"):
        reader.get_stats("data_collector")
    stored = StoredRounds(path)
    event = stored.commit([a_round(1)])
    feed.tell(event)
    watch.version(event.version)
    watch.until(lambda: reader.trouble == "" and ids(cache) == ["1"])
    stored.close()


def test_the_log_tells_of_trouble_only_when_it_lasts(
    path: Path, make_reader: MakeReader, caplog: pytest.LogCaptureFixture
) -> None:
    patient, hasty = make_reader(patience_s=NEVER_S), make_reader(patience_s=0.0)
    patient.start()
    Watch(patient).until(lambda: "there is no database yet" in patient.trouble)
    assert not caplog.records
    hasty.start()
    Watch(hasty).until(lambda: "there is no database yet" in hasty.trouble)
    StoredRounds(path).close()
    Watch(hasty).until(lambda: hasty.trouble == "")
    Watch(patient).until(lambda: patient.trouble == "")
    warned = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert warned[0] == f"no fresh statistics: there is no database yet: {path}"
    assert warned.count(warned[0]) == 1


def test_a_replaced_database_is_read_instead(
    path: Path, tmp_path: Path, make_reader: MakeReader, feed: HandFeed, cache: LastRoundCache
) -> None:
    old = StoredRounds(path)
    old.commit([a_round(1)])
    old.close()
    other = StoredRounds(tmp_path / "other.db")
    other.commit([a_round(number, "Mozzart") for number in (7, 8, 9)])
    other.close()
    reader = make_reader(refresh_s=0.02)
    watch = Watch(reader)
    reader.start()
    watch.until(lambda: ids(cache) == ["1"])
    os.replace(other.path, path)
    watch.until(lambda: ids(cache, "Mozzart") == ["7", "8", "9"])
    assert ids(cache) == []
    total = reader.get_stats("data_collector").total
    assert isinstance(total, RoundStats)
    assert total.count == 3


@pytest.mark.skipif(os.name == "nt", reason="only on systems that remove open files")
def test_results_of_a_database_that_vanished_keep_their_age(
    path: Path, make_reader: MakeReader, feed: HandFeed
) -> None:
    stored = StoredRounds(path)
    stored.commit([a_round(1)])
    stored.close()
    reader = make_reader(refresh_s=0.02)
    watch = Watch(reader)
    reader.start()
    watch.until(lambda: reader.trouble == "")
    path.unlink()
    watch.until(lambda: "the database is gone" in reader.trouble)
    kept = reader.peek("data_collector")
    assert kept is not None
    assert kept.computed_at_us == START_US + 3_600_000_000
    with pytest.raises(AviatorError):
        reader.get_round_stats("1h")


def test_a_damaged_database_is_told_and_a_good_one_picked_up(
    path: Path, make_reader: MakeReader, tmp_path: Path
) -> None:
    path.write_bytes(b"no database at all" * 1000)
    reader = make_reader()
    watch = Watch(reader)
    reader.start()
    watch.until(
        lambda: "no database yet" not in reader.trouble and "nothing has been read" not in reader.trouble
    )
    assert reader.trouble != ""
    good = StoredRounds(tmp_path / "good.db")
    event = good.commit([a_round(1)])
    good.close()
    os.replace(good.path, path)
    watch.version(event.version)
