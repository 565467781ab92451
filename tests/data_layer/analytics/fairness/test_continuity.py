"""A break in a chain is told from missing rounds, late rounds and rounds told twice."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.fairness.continuity import ChainWatch, Link, Place
from data_layer.analytics.fairness.hash_chain import HexChain

CHAIN = HexChain()
GAMES = CHAIN.block("ab" * 32, 400)  # the hash of game n stands at n


@pytest.fixture
def watch() -> ChainWatch:
    return ChainWatch(CHAIN)


def see(watch: ChainWatch, *games: int, prefix: str = "") -> list[Place]:
    return [watch.place(GAMES[game], f"{prefix}{game}") for game in games]


def test_rounds_that_follow_each_other_hang_together(watch: ChainWatch) -> None:
    assert see(watch, *range(10, 20)) == [Place(Link.FIRST)] + [Place(Link.NEXT)] * 9


def test_missing_rounds_are_counted_by_the_chain_whatever_the_ids(watch: ChainWatch) -> None:
    see(watch, 10)
    assert watch.place(GAMES[14], "a name") == Place(Link.AFTER_MISSING, 3)
    assert watch.place(GAMES[15], "11") == Place(Link.NEXT)


def test_a_round_told_again_or_late_changes_nothing(watch: ChainWatch) -> None:
    assert [place.link for place in see(watch, 10, 12, 12, 11, 13)] == [
        Link.FIRST,
        Link.AFTER_MISSING,
        Link.EARLIER,
        Link.EARLIER,
        Link.NEXT,
    ]


def test_the_next_round_by_its_id_must_hang_on_the_one_before(watch: ChainWatch) -> None:
    see(watch, 10)
    assert watch.place("cd" * 32, "11") == Place(Link.BROKEN)
    assert watch.place("ef" * 32, "12") == Place(Link.BROKEN)


def test_one_hash_for_two_rounds_is_a_break(watch: ChainWatch) -> None:
    see(watch, 10)
    assert watch.place(GAMES[10], "11") == Place(Link.BROKEN)


def test_a_break_with_rounds_missing_is_a_gap(watch: ChainWatch) -> None:
    see(watch, 10)
    assert watch.place("cd" * 32, "12") == Place(Link.AFTER_MISSING)
    watch.gap()
    assert watch.place("ef" * 32, "13").link is Link.LOOSE


def test_rounds_without_a_hash_are_not_missing(watch: ChainWatch) -> None:
    see(watch, 10)
    watch.hashless()
    watch.hashless()
    assert see(watch, 13) == [Place(Link.NEXT)]
    watch.hashless()
    assert see(watch, 17) == [Place(Link.AFTER_MISSING, 2)]


def test_a_chain_that_stays_broken_is_one_gap_where_ids_tell_nothing(watch: ChainWatch) -> None:
    see(watch, 10)
    links = [watch.place(f"{number:064x}", f"{number}x") for number in range(3)]
    assert links == [Place(Link.AFTER_MISSING), Place(Link.LOOSE), Place(Link.LOOSE)]
    assert see(watch, 20, 21)[1] == Place(Link.NEXT)


@settings(max_examples=100)
@given(st.lists(st.integers(1, 90), min_size=1, max_size=30), st.sampled_from(["", "round-", "a1b2-"]))
def test_whatever_is_missing_is_counted(steps: list[int], prefix: str) -> None:
    watch, game = ChainWatch(CHAIN), 0
    see(watch, game, prefix=prefix)
    for step in steps:
        game += step
        if game >= len(GAMES):
            break
        expected = Place(Link.NEXT) if step == 1 else Place(Link.AFTER_MISSING, step - 1)
        assert see(watch, game, prefix=prefix) == [expected]
