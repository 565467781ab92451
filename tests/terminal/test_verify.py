"""`verify` on games that are at hand: what it says, and how it ends."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_layer.analytics.fairness.schemes import SCHEMES
from data_layer.analytics.fairness.seeded_games import AVIATOR
from data_layer.errors import UsageError
from terminal import verify
from terminal.options import CommonOptions
from terminal.verify_words import Words, stated_centi
from tests.data_layer.stored_rounds import StoredRounds, a_round

HASH = "4488d92d89d0ed7fbb2ea23b219d569f63207e32fc44b957858838835c1719f1"
TEN = ["1.46", "5.56", "4.71", "41.46", "1.88", "9.20", "1.16", "1.55", "14.10", "1.09"]
SEEDS: dict[str, Any] = {"server_seed": "s", "client_seed": ("a", "b", "c")}

Show = Callable[..., tuple[int, str]]


@pytest.fixture
def show(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Show:
    """Run the command on words; return its exit code and what it printed."""

    def run(**words: Any) -> tuple[int, str]:
        code = verify.show(CommonOptions(data_dir=str(tmp_path / "data")), Words(**words))
        found = capsys.readouterr()
        assert found.err == ""
        assert not (tmp_path / "data").exists()
        return code, found.out

    return run


def objects(show: Show, **words: Any) -> tuple[int, dict[str, Any]]:
    code, text = show(**words, as_json=True)
    return code, json.loads(text)


def test_every_published_vector_is_right(show: Show, shared_data: Path) -> None:
    schemes = json.loads((shared_data / "fairness_vectors.json").read_text())["schemes"]
    shown = 0
    for name in SCHEMES:
        for vector in schemes[name].get("vectors", []):
            games = [str(result) for result in vector.get("results", [vector.get("result")])]
            code, found = objects(show, scheme=name, hash=vector["hash"], crash=games[0], games=len(games))
            assert (code, found["verified"]) == (0, True)
            points = [game["crash_point"] for game in found["games"]]
            assert points == [int(float(game) * 100 + 1e-9) / 100 for game in games]
            shown += 1
    (duel,) = schemes["duel"]["vectors"]
    words = {name: duel[name] for name in ("seed", "drand", "commitment")}
    code, text = show(scheme="duel", crash=str(duel["result"]), **words)
    assert (code, shown) == (0, 5)
    assert "commitment   right" in text
    assert "verified     yes" in text


def test_a_wrong_crash_point_is_no_and_exit_code_1(show: Show) -> None:
    assert show(scheme="bustabit", hash=HASH, crash="1.46x")[0] == 0
    code, text = show(scheme="bustabit", hash=HASH, crash="1.47")
    assert code == 1
    assert "crash point  1.46x\nstated       1.47x\nverified     no\n" in text
    assert objects(show, scheme="bustabit", hash=HASH, crash="1.47")[1]["verified"] is False


def test_games_are_listed_back_with_their_numbers(show: Show) -> None:
    code, text = show(scheme="bustabit", hash=HASH, games=10, game=100)
    assert code == 0
    lines = [line.split() for line in text.splitlines()[2:]]
    assert [line[:2] for line in lines] == [[str(100 - i), f"{crash}x"] for i, crash in enumerate(TEN)]
    assert lines[0][2] == HASH


def test_a_walk_tells_how_many_games_lie_between(show: Show) -> None:
    older = SCHEMES["bc.game"].chain.back(HASH, 250)
    code, text = show(scheme="bc.game", hash=HASH, to=older)
    assert (code, text) == (0, "reached      250 games back; 249 games lie between the two\n")
    code, found = objects(show, scheme="bc.game", hash=HASH.upper(), to=older, at_most=249)
    assert code == 1
    assert (found["reached"], found["steps"], found["games_between"]) == (False, None, None)
    code, text = show(scheme="bc.game", hash=HASH, to=older, at_most=249)
    assert text.startswith("not reached  within 249 games back")
    assert show(scheme="bc.game", hash=HASH, to=HASH)[0] == 0


def test_a_walk_needs_no_salt(show: Show) -> None:
    chain = SCHEMES["ethercrash"].chain
    assert show(scheme="ethercrash", hash=HASH, to=chain.back(HASH, 3))[0] == 0


def test_a_wrong_commitment_of_duel_is_exit_code_1(show: Show) -> None:
    words = {"scheme": "duel", "seed": "ab" * 32, "drand": "cd" * 48}
    code, found = objects(show, **words, commitment="0" * 64)
    assert (code, found["commitment"], found["verified"]) == (1, False, False)
    code, found = objects(show, **words, commitment=found["computed_commitment"])
    assert (code, found["commitment"], found["verified"]) == (0, True, None)
    assert "--drand is not given" in show(scheme="duel", seed="ab" * 32)[1]


@pytest.mark.parametrize("as_json", [False, True])
def test_a_multiplier_of_aviator_is_unverified_however_right_its_hash(show: Show, as_json: bool) -> None:
    hash_ = AVIATOR.commitment("s", ["a", "b", "c"])
    code, text = show(scheme="aviator", hash=hash_, crash="2.00", as_json=as_json, **SEEDS)
    assert code == 0
    assert "unverified: its mapping is not public" in text
    assert '"verified": null' in text if as_json else "verified     yes" not in text
    code, text = show(scheme="aviator", hash="0" * 128, crash="2.00", as_json=as_json, **SEEDS)
    assert code == 1
    assert "unverified: its mapping is not public" in text


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ({}, "verify needs --scheme S"),
        ({"scheme": "bustabitt", "hash": HASH}, "did you mean bustabit?"),
        ({"scheme": "bustabit"}, "--scheme bustabit needs --hash H"),
        ({"scheme": "bustabit", "hash": ""}, "--hash: a game's hash has 64 hexadecimal digits; '' has not"),
        ({"scheme": "bustabit", "hash": HASH[:-1]}, "has 64 hexadecimal digits"),
        ({"scheme": "bustabit", "hash": HASH, "to": "x"}, "--to: a game's hash has 64"),
        ({"scheme": "bustabit", "hash": HASH, "crash": "0.99"}, "is at least 1.00"),
        ({"scheme": "bustabit", "hash": HASH, "crash": "nan"}, "--crash nan: is no multiplier"),
        ({"scheme": "bustabit", "hash": HASH, "crash": "9e999999"}, "is at least 1.00"),
        ({"scheme": "bustabit", "hash": HASH, "crash": "one"}, "--crash one: is no multiplier"),
        ({"scheme": "bustabit", "hash": HASH, "crash": "1.464"}, "lies between hundredths; nearest: 1.46"),
        ({"scheme": "bustabit", "hash": HASH, "games": 5, "game": 4}, "there are only 4 up to game 4"),
        ({"scheme": "bustabit", "hash": HASH, "at_most": 5}, "--at-most goes with --to"),
        ({"scheme": "bustabit", "hash": HASH, "seed": "ab"}, "--seed does not go with --scheme bustabit"),
        ({"scheme": "ethercrash", "hash": HASH}, "no published salt"),
        ({"scheme": "duel"}, "--scheme duel needs --seed"),
        ({"scheme": "duel", "seed": "xyz"}, "'xyz' is not"),
        ({"scheme": "duel", "seed": "ab", "drand": "q"}, "a drand randomness is written in hexadecimal"),
        ({"scheme": "duel", "seed": "ab", "commitment": "q"}, "--commitment: a game's hash has 64"),
        ({"scheme": "aviator"}, "--scheme aviator needs --server-seed"),
        ({"scheme": "aviator", "server_seed": "s", "client_seed": ("a",)}, "3 client seeds; 1 were given"),
        ({"scheme": "aviator", "hash": HASH, **SEEDS}, "an Aviator hash has 128 hexadecimal digits"),
        ({"bookmaker": "A", "crash": "2"}, "--crash does not go with --bookmaker"),
        ({"bookmaker": "A", "scheme": "bustabit", "hash": HASH}, "--hash H and --game N go together"),
        ({"bookmaker": "A", "scheme": "bustabit", "game": 1}, "--hash H and --game N go together"),
        ({"bookmaker": "A", "scheme": "duel", "hash": HASH, "game": 1}, "--scheme duel has no chain"),
        ({"bookmaker": "A", "scheme": "duel", "commitment": HASH}, "--scheme duel has no chain"),
        ({"bookmaker": "A", "scheme": "bustabit", "range": "2h"}, "--range 2h: is none of 1h"),
        ({"bookmaker": "A", "scheme": "bustabit", "range": "1h", "all": True}, "contradict each other"),
        ({"bookmaker": "A", "scheme": "ethercrash"}, "no published salt"),
        ({"bookmaker": "A"}, "no scheme is configured; give --scheme"),
        ({"bookmaker": "A", "scheme": "bustabit"}, "no rounds are recorded in"),
    ],
)
def test_words_that_make_no_sense_are_refused_with_exit_code_2(
    show: Show, words: dict[str, Any], fault: str
) -> None:
    with pytest.raises(UsageError) as caught:
        show(**words)
    assert fault in str(caught.value)
    assert caught.value.exit_code == 2


@settings(max_examples=100)
@given(st.text(max_size=20))
def test_any_crash_point_is_a_number_of_hundredths_or_refused(text: str) -> None:
    try:
        assert stated_centi(text) >= 100
    except UsageError as error:
        assert str(error).startswith("--crash ")  # noqa: PT017  # both ends are right


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ({"scheme": "bustabit", "hash": HASH, "salt": ""}, "--salt: is empty"),
        ({"scheme": "bustabit", "hash": HASH, "salt": "\udcff"}, "--salt: has bytes that are no text"),
        (
            {"scheme": "aviator", **SEEDS, "server_seed": "\udcff"},
            "--server-seed: has bytes that are no text",
        ),
        ({"scheme": "aviator", **SEEDS, "client_seed": ("a", "", "c")}, "--client-seed: is empty"),
        ({"bookmaker": "Admiral", "scheme": "bustabit", "salt": ""}, "--salt: is empty"),
    ],
)
def test_seeds_and_salts_that_are_no_text_are_refused(show: Show, words: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        show(**words)


def test_where_most_rounds_differ_the_start_is_doubted(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    scheme = SCHEMES["bustabit-v2"]
    games = [scheme.crash_centi(hash_) for hash_ in scheme.chain.block(HASH, 20)]
    stored = StoredRounds(tmp_path / "aviator.db")
    stored.commit([a_round(number, crash_centi=centi) for number, centi in enumerate(games, start=1)])
    stored.close()
    words: dict[str, Any] = {"bookmaker": "Admiral", "scheme": "bustabit-v2", "hash": HASH}
    options = CommonOptions(data_dir=str(tmp_path))
    assert verify.show(options, Words(**words, game=21)) == 1
    assert "is --hash that of game 21, the scheme bustabit-v2" in capsys.readouterr().out
    assert verify.show(options, Words(**words, game=20)) == 0
    text = capsys.readouterr().out
    assert "20 of 20 rounds verified" in text
    assert "more are wrong" not in text
