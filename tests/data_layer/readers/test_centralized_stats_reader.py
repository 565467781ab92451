import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from data_layer.database import connection, queries
from data_layer.errors import AviatorError
from data_layer.messages import Committed, RoundBrief
from data_layer.readers.event_feed import EventFeed, Resynchronize
from data_layer.readers.last_round_cache import LastRoundCache
from data_layer.readers.local_event_feed import LocalEventFeed
from data_layer.statistics import BettingStats, RgbStats, RoundStats
from tests.data_layer.readers.hand_feed import HandFeed
from tests.data_layer.readers.reader_rig import NEVER_S, WAIT_S, MakeReader, Watch, ids
from tests.data_layer.readers.tiny_writer import TinyWriter
from tests.data_layer.stored_rounds import START_US, StoredRounds, a_bet, a_round, a_sample


def test_every_collector_type_has_a_result_with_a_total_and_rows(
    stored: StoredRounds, make_reader: MakeReader
) -> None:
    event = stored.commit(
        [a_round(1), a_round(2, "Mozzart"), a_bet(1), a_bet(2, "Mozzart", payout_minor=0), a_sample(1)]
    )
    reader = make_reader()
    reader.start()

    rounds = reader.get_stats("data_collector")
    assert (rounds.range, rounds.version) == ("24h", event.version)
    assert rounds.computed_at_us == START_US + 3_600_000_000
    assert isinstance(rounds.total, RoundStats)
    assert (rounds.total.bookmaker, rounds.total.count) == ("", 2)
    assert [row.bookmaker for row in rounds.rows] == ["Admiral", "Mozzart"]

    bets = reader.get_stats("betting_agent")
    assert bets.range == "all"
    assert isinstance(bets.total, BettingStats)
    assert (bets.total.bets, bets.total.won, bets.total.staked_minor) == (2, 1, 200)
    assert (bets.total.currency, bets.total.paid_out_minor, bets.total.bankroll_minor) == (
        "EUR",
        200,
        200_000,
    )

    samples = reader.get_stats("rgb_collector")
    assert isinstance(samples.total, RgbStats)
    assert (samples.total.samples, samples.total.newest) == (1, a_sample(1))


def test_money_of_different_currencies_is_not_added_up(stored: StoredRounds, make_reader: MakeReader) -> None:
    stored.commit([a_bet(1), a_bet(1, "Mozzart", currency="RSD")])
    reader = make_reader()
    reader.start()
    total = reader.get_stats("betting_agent").total
    assert isinstance(total, BettingStats)
    assert (total.bets, total.currency, total.staked_minor, total.bankroll_minor) == (2, "", 0, None)


def test_an_empty_database_gives_empty_results(stored: StoredRounds, make_reader: MakeReader) -> None:
    reader = make_reader()
    reader.start()
    total = reader.get_stats("data_collector").total
    assert isinstance(total, RoundStats)
    assert (total.count, total.median_centi) == (0, None)
    Watch(reader).until(lambda: reader.trouble == "")


def test_other_ranges_are_read_when_asked_for(stored: StoredRounds, make_reader: MakeReader) -> None:
    stored.commit([a_round(number) for number in range(1, 181)])  # one hour of rounds
    reader = make_reader(now=lambda: START_US + 2 * 3_600_000_000)
    reader.start()
    assert reader.get_round_stats("6h").total.count == 180
    assert reader.get_round_stats("6h").range == "6h"
    assert reader.get_round_stats("all").total.count == 180
    assert reader.get_round_stats("1h").total.count <= 1


def test_unknown_names_are_refused_with_the_known_ones(make_reader: MakeReader) -> None:
    reader = make_reader()
    with pytest.raises(ValueError, match="data_collector, betting_agent, rgb_collector"):
        reader.peek("data")
    with pytest.raises(ValueError, match="1h, 6h, 24h"):
        reader.get_round_stats("2h")


def test_a_result_is_kept_until_something_changes(
    stored: StoredRounds, make_reader: MakeReader, feed: HandFeed
) -> None:
    first = stored.commit([a_round(1)])
    reader = make_reader()
    reader.start()
    kept = reader.get_stats("data_collector")
    assert reader.get_stats("data_collector") is kept
    assert reader.peek("data_collector") is kept
    feed.tell(stored.commit([a_round(2)]))
    assert reader.get_stats("data_collector").version == first.version + 1


def test_an_announced_commit_is_read_long_before_the_refresh(
    stored: StoredRounds, make_reader: MakeReader, feed: HandFeed
) -> None:
    reader = make_reader()
    watch = Watch(reader)
    reader.start()
    watch.version(0)
    event = stored.commit([a_round(1)])
    feed.tell(event)
    watch.version(event.version)


def test_a_commit_makes_only_what_it_concerns_be_read_again(
    stored: StoredRounds, make_reader: MakeReader, feed: HandFeed
) -> None:
    reader = make_reader()
    watch = Watch(reader)
    reader.start()
    watch.until(lambda: len(watch.heard) == 3)
    event = stored.commit([a_bet(1)])
    feed.tell(event)
    watch.version(event.version, "betting_agent")
    assert watch.heard[3:] == ["betting_agent"]


def test_many_commits_in_a_row_are_read_once(
    stored: StoredRounds, make_reader: MakeReader, feed: HandFeed
) -> None:
    reader = make_reader(coalesce_s=NEVER_S)
    watch = Watch(reader)
    reader.start()
    watch.until(lambda: len(watch.heard) == 3)
    for number in range(1, 21):
        feed.tell(stored.commit([a_round(number)]))
    total = reader.get_stats("data_collector").total
    assert isinstance(total, RoundStats)
    assert total.count == 20
    assert watch.heard[3:] == ["data_collector"]


def test_without_events_the_refresh_finds_new_rounds(
    stored: StoredRounds, make_reader: MakeReader, cache: LastRoundCache
) -> None:
    reader = make_reader(feed=None, refresh_s=0.02)
    watch = Watch(reader)
    reader.start()
    watch.version(0)
    event = stored.commit([a_round(1)])
    watch.version(event.version)
    watch.until(lambda: ids(cache) == ["1"])


def test_a_commit_is_in_the_cache_of_last_rounds_before_the_database_is_read(
    make_reader: MakeReader, feed: HandFeed, cache: LastRoundCache, stored: StoredRounds
) -> None:
    reader = make_reader(coalesce_s=NEVER_S)
    reader.start()
    reader.get_stats("data_collector")
    Watch(reader).until(lambda: reader.trouble == "")
    feed.tell(stored.commit([a_round(1), a_round(2)]))
    assert ids(cache) == ["1", "2"]


def test_resynchronize_reads_everything_again(
    stored: StoredRounds, make_reader: MakeReader, feed: HandFeed, cache: LastRoundCache
) -> None:
    reader = make_reader()
    watch = Watch(reader)
    reader.start()
    watch.until(lambda: reader.trouble == "")
    event = stored.commit([a_round(1), a_bet(1), a_sample(1)])
    cache.update("Admiral", RoundBrief(round_id="never happened", crash_centi=100, crashed_at_us=1))
    feed.tell(Resynchronize())
    for collector_type in ("data_collector", "betting_agent", "rgb_collector"):
        watch.version(event.version, collector_type)
    watch.until(lambda: ids(cache) == ["1"])


def test_no_read_transaction_stays_open(stored: StoredRounds, path: Path, make_reader: MakeReader) -> None:
    stored.commit([a_round(1)])
    reader = make_reader()
    reader.start()
    reader.get_stats("rgb_collector")
    Watch(reader).until(lambda: reader.trouble == "")
    stored.commit([a_round(2)])
    checkpointer = apsw.Connection(str(path))
    busy, _, _ = next(checkpointer.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
    checkpointer.close()
    assert busy == 0


def test_all_reading_is_done_by_one_connection_on_one_thread(
    stored: StoredRounds, make_reader: MakeReader, feed: HandFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[threading.Thread] = []
    read_on: set[threading.Thread] = set()
    open_reader, version = connection.open_reader, queries.version

    def opening(path: Path) -> apsw.Connection:
        opened.append(threading.current_thread())
        return open_reader(path)

    def reading(conn: apsw.Connection) -> int:
        read_on.add(threading.current_thread())
        return version(conn)

    monkeypatch.setattr(connection, "open_reader", opening)
    monkeypatch.setattr(queries, "version", reading)
    reader = make_reader()
    reader.start()
    for number in range(1, 4):
        feed.tell(stored.commit([a_round(number)]))
        reader.get_stats("data_collector")
        reader.get_round_stats("all")
    assert read_on == set(opened)
    assert len(opened) == 1
    assert threading.current_thread() not in read_on


def test_peek_does_not_wait_for_a_reading(
    stored: StoredRounds, make_reader: MakeReader, feed: HandFeed, cache: LastRoundCache
) -> None:
    entered, go_on = threading.Event(), threading.Event()
    slow = False

    def now() -> int:
        if slow:
            entered.set()
            go_on.wait(WAIT_S)
        return START_US

    reader = make_reader(now=now)
    reader.start()
    before = reader.get_stats("data_collector")
    Watch(reader).until(lambda: reader.trouble == "")
    slow = True
    feed.tell(stored.commit([a_round(1)]))
    assert entered.wait(WAIT_S)
    assert reader.peek("data_collector") is before
    assert ids(cache) == ["1"]
    slow = False
    go_on.set()


def test_stop_ends_a_long_query_and_tells_who_waits(
    stored: StoredRounds, make_reader: MakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = threading.Event()

    def endless(conn: apsw.Connection, *_: object) -> None:
        entered.set()
        endless_query = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        )
        conn.execute(endless_query).fetchall()

    monkeypatch.setattr(queries, "round_stats_with_total", endless)
    reader = make_reader()
    reader.start()
    told: list[BaseException] = []

    def ask() -> None:
        try:
            reader.get_stats("data_collector")
        except AviatorError as error:
            told.append(error)

    asker = threading.Thread(target=ask, daemon=True)
    asker.start()
    assert entered.wait(WAIT_S)
    reader.stop()
    asker.join(WAIT_S)
    assert len(told) == 1
    with pytest.raises(AviatorError, match="does not run"):
        reader.get_stats("data_collector")


def test_a_subscriber_cannot_make_the_reader_wait_for_itself(
    stored: StoredRounds, make_reader: MakeReader
) -> None:
    reader = make_reader()
    raised = threading.Event()

    def ask_back(collector_type: str) -> None:
        try:
            reader.get_stats(collector_type)
        except RuntimeError:
            raised.set()

    reader.subscribe(ask_back)
    reader.start()
    assert raised.wait(WAIT_S)


@pytest.fixture
def server() -> Iterator[TinyWriter]:
    made = TinyWriter("secret")
    yield made
    made.down()


@pytest.fixture
def local(server: TinyWriter) -> Iterator[EventFeed]:
    made = LocalEventFeed(server.address, "secret", first_backoff_s=0.01)
    yield made
    made.stop()


def test_reader_feed_and_writer_socket_work_together(
    stored: StoredRounds, make_reader: MakeReader, cache: LastRoundCache, server: TinyWriter, local: EventFeed
) -> None:
    reader = make_reader(feed=local)
    watch = Watch(reader)
    reader.start()
    local.start()
    server.up()
    watch.until(lambda: local.trouble == "")
    seen: Committed | None = None
    for number in range(1, 6):
        seen = stored.commit([a_round(number)])
        server.publish(seen)
        if number == 3:
            server.down()
            lost = stored.commit([a_round(100)])
            server.version = lost.version
            server.up()
            watch.version(lost.version)
            watch.until(lambda: local.trouble == "")
    assert seen is not None
    watch.version(seen.version)
    watch.until(lambda: ids(cache) == ["1", "2", "3", "4", "5", "100"])
