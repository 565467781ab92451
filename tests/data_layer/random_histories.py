"""Histories with all that goes wrong: duplicates, late rounds, wrong order, ties, rounds without times."""

from hypothesis import strategies as st

from data_layer.database.writer import BatchDatabaseWriter
from data_layer.messages import Origin, Round

T0 = 1_750_000_000_000_000
HOUR_US = 3_600_000_000
NAMES = ("Admiral", "Mozzart")

crashes = st.one_of(
    st.integers(100, 320),
    st.integers(100, 20_000),
    st.sampled_from([100, 150, 200, 9_999, 10_000, 10_001, 2**32 + 5, 10**11]),
)
times = st.one_of(
    st.integers(0, 40).map(lambda step: T0 + step * 20_000_000),  # ties and neighbours
    st.integers(0, 90 * 24).map(lambda hours: T0 + hours * HOUR_US),
    st.integers(0, 4 * 10**9),  # around the epoch
    st.integers(T0, T0 + 100 * 24 * HOUR_US),
)
rounds = st.builds(
    lambda bookmaker, number, crash, at_us, origin: Round(
        bookmaker=bookmaker,
        round_id=str(number),
        crash_centi=crash,
        crashed_at_us=at_us,
        received_at_us=T0,
        origin=origin,
    ),
    st.sampled_from(NAMES),
    st.integers(0, 60),
    crashes,
    st.one_of(st.none(), times),
    st.sampled_from(Origin),
)
histories = st.lists(st.lists(rounds, max_size=25), min_size=1, max_size=5)


def write(writer: BatchDatabaseWriter, batch: list[Round]) -> None:
    """Commit a batch in one transaction."""
    for bookmaker in sorted({record.bookmaker for record in batch}):
        own = [record for record in batch if record.bookmaker == bookmaker]
        writer.add(bookmaker, bookmaker, "stream", own)
    writer.flush()
