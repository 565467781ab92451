"""`backtest`, from its words to what is printed, over a real database."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data_layer.errors import AviatorError
from terminal import command_line
from terminal.options import CommonOptions
from terminal.parts import Parts
from tests.data_layer.stored_rounds import START_US, StoredRounds, a_round
from tests.data_layer.strategies import own_classes
from utils import clock

_TOML = """
[[bookmakers]]
name = "Admiral"
source = { kind = "simulator", scheme = "bustabit", seed = "x" }
betting = { bankroll_minor = 50000, currency = "RSD" }
"""
_ROUNDS = 400
_STEP_US = 20_000_000

Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    stored = StoredRounds(tmp_path / "aviator.db")
    stored.commit([a_round(number, crash_centi=250 if number % 3 else 120) for number in range(_ROUNDS)])
    stored.close()
    monkeypatch.setattr(clock, "now_us", lambda: START_US + _ROUNDS * _STEP_US)
    file = tmp_path / "aviator.toml"
    file.write_text(_TOML, encoding="utf-8")
    options = CommonOptions(config=str(file), data_dir=str(tmp_path))

    def unused(*_: Any) -> Any:
        raise AssertionError("a backtest needs no engine")

    parts = Parts(run_headless=unused, run_worker=unused, run_view=unused, read_board=unused)

    def run_words(*words: str) -> str:
        assert command_line.run(["backtest", *words], options, parts) == 0
        return capsys.readouterr().out

    return run_words


def result(run: Run, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("--bookmaker", "Admiral", *words, "--json"))["backtest"]
    return found


def test_flat_bets_on_every_round_with_the_money_of_the_bookmaker(run: Run) -> None:
    found = result(run)
    assert found["strategy"] == "flat stake=1.00 cashout=2.00x"
    assert (found["bets"], found["won"], found["currency"]) == (400, 266, "RSD")
    assert (found["bankroll_minor"], found["final_minor"]) == (50_000, 50_000 + 266 * 100 - 134 * 100)
    assert found["expected_loss_minor"] == pytest.approx(400.0)
    assert len(found["curve"]) == 400


def test_the_expected_loss_stands_beside_the_result(run: Run) -> None:
    lines = [" ".join(line.split()) for line in run("--bookmaker", "Admiral").splitlines()]
    assert "on these rounds by the edge alone" in lines
    assert "result +132.00 RSD \N{MINUS SIGN}4.00 RSD" in lines
    assert "paid back of what was staked 133.0 % 99.0 %" in lines
    assert "On paper only: nothing was placed. No strategy changes the edge." in lines


def test_parameters_bankroll_and_range_are_taken(run: Run) -> None:
    found = result(
        run,
        "--strategy", "martingale", "--stake", "2", "--cashout", "1.5x", "--set", "limit=50",
        "--bankroll", "1,234.50", "--range", "1h",
    )  # fmt: skip
    assert found["strategy"] == "martingale stake=2.00 cashout=1.50x factor=2.00x limit=50.00"
    assert found["bankroll_minor"] == 123_450
    assert found["sample"]["rounds"] == 180


def test_a_class_of_ones_own_is_run(run: Run, tmp_path: Path) -> None:
    file = own_classes.write(tmp_path)
    found = result(run, "--file", f"{file}:AfterLow", "--set", "after=1")
    assert found["strategy"] == "python mine.py:AfterLow after=1"
    assert found["bets"] == 134 - (400 % 3 == 1)
    assert found["ruin_probability"] is None


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--bookmaker", "Admirl"], "did you mean Admiral?"),
        (["--bookmaker", "Admiral", "--strategy", "martingal"], 'nearest valid: "martingale"'),
        (["--bookmaker", "Admiral", "--stake", "0"], "stake: 0 is below 0.01"),
        (["--bookmaker", "Admiral", "--set", "limit"], "--set limit: is not name=value"),
        (["--bookmaker", "Admiral", "--set", "limit=5"], "limit: is no parameter here"),
        (["--bookmaker", "Admiral", "--bankroll", "-1"], "--bankroll: -1 is below 0.01"),
        (["--bookmaker", "Admiral", "--strategy", "python"], "needs --file mine.py:Mine"),
        (["--bookmaker", "Admiral", "--file", "none.py:Mine"], "no such file"),
        (["--bookmaker", "Admiral", "--strategy", "flat", "--file", "a.py:B"], "is for --strategy python"),
        (["--bookmaker", "Admiral", "--range", "2h"], "2h"),
        (["--bookmaker", "Admiral", "--range", "1h", "--from", "2025-01-01"], "give one of them"),
    ],
)
def test_words_that_make_no_sense_are_one_line_of_usage(run: Run, words: list[str], fault: str) -> None:
    with pytest.raises(AviatorError) as caught:
        run(*words)
    assert fault in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_class_that_raises_is_named_with_its_line(run: Run, tmp_path: Path) -> None:
    file = own_classes.write(tmp_path)
    with pytest.raises(AviatorError) as caught:
        run("--bookmaker", "Admiral", "--file", f"{file}:Nonsense")
    assert "mine.py:Nonsense: next_bet returned 'all of it'" in str(caught.value)
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--stake", ""), "stake: '' is no number"),
        (("--cashout", ""), "cashout: '' is no number"),
        (("--strategy", ""), "nearest valid"),
        (("--file", ""), "does not name a class"),
        (("--stake", "2", "--set", "stake=3"), "given twice"),
    ],
)
def test_empty_words_and_words_given_twice_are_refused(run: Run, words: tuple[str, ...], fault: str) -> None:
    with pytest.raises(AviatorError, match=fault):
        run("--bookmaker", "Admiral", *words)
