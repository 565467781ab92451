"""Paper strategies live: the same game as in a backtest, ruin that is said, and classes of the user's own."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.specs import BettingSpec
from data_layer.messages import AgentState, Bet, Origin, Phase, Round
from data_layer.strategies.catalogue import KINDS, Kind
from orchestration.agents import base
from orchestration.agents.base import AgentHost
from orchestration.agents.betting import Bankroll, BettingAgent
from orchestration.local_state import LocalState
from tests.data_layer.strategies import own_classes
from tests.data_layer.strategies.paper import CRASHES, Told, games

BAD = 666


def finished(number: int, crash_centi: int) -> Round:
    return Round(
        bookmaker="Admiral",
        round_id=str(number),
        crash_centi=crash_centi,
        started_at_us=700 + number,
        received_at_us=900 + number,
        origin=Origin.SIMULATOR,
    )


def agent_of(spec: BettingSpec, bankroll: Bankroll) -> BettingAgent:
    return BettingAgent(spec, bankroll, every_round=True)


def bets_on(agent: BettingAgent, crashes: Sequence[int]) -> list[Bet]:
    bets = []
    for number, crash in enumerate(crashes, 1):
        for record in agent.settle(finished(number, crash)):
            assert isinstance(record, Bet)
            bets.append(record)
    return bets


def spec_of(kind: Kind, values: dict[str, int], bankroll: int) -> BettingSpec:
    shares = {"advantage", "part", "cap"}
    named = {
        parameter.setting: values[parameter.name] / 1_000_000
        if parameter.name in shares
        else values[parameter.name]
        for parameter in kind.parameters
    }
    return BettingSpec(strategy=kind.name, bankroll_minor=bankroll, **named)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize("name", KINDS)
@settings(max_examples=40)
@given(data=st.data())
def test_live_it_is_the_same_game_as_over_recorded_rounds(data: st.DataObject, name: str) -> None:
    kind, values, bankroll = data.draw(games(name))
    crashes = data.draw(CRASHES)
    told = Told(name, bankroll, values).play(crashes)
    money = Bankroll(bankroll)
    agent = agent_of(spec_of(kind, values, bankroll), money)
    bets = bets_on(agent, crashes)
    placed = [place for place, stake in enumerate(told.stakes) if stake]
    assert [bet.round_id for bet in bets] == [str(place + 1) for place in placed]
    assert [bet.stake_minor for bet in bets] == [told.stakes[place] for place in placed]
    assert [bet.payout_minor for bet in bets] == [told.payouts[place] for place in placed]
    assert [bet.bankroll_minor for bet in bets] == [told.bankrolls[place] for place in placed]
    assert money.minor == told.bankroll
    assert {bet.strategy for bet in bets} <= {kind.describe(values)}
    assert bool(agent.note) == (told.ruined_at_round is not None)


def test_ruin_is_said_once_in_the_log_and_stays_in_the_note(caplog: pytest.LogCaptureFixture) -> None:
    agent = agent_of(BettingSpec(stake_minor=100), Bankroll(250))
    with caplog.at_level(logging.WARNING):
        assert len(bets_on(agent, [100, 100, 100, 500])) == 2
    assert agent.note == (
        "ruined on paper: 0.50 EUR left, the next stake would be 1.00 EUR; raise bankroll_minor to go on"
    )
    (line,) = [record.getMessage() for record in caplog.records]
    assert line == f"No more paper bets, flat stake=1.00 cashout=2.00x: {agent.note}"


def test_a_round_without_a_bet_moves_no_progression() -> None:
    agent = BettingAgent(BettingSpec(strategy="martingale"), Bankroll(10_000), every_round=False)

    def stake(number: int, *, seen: bool) -> list[int]:
        if seen:
            agent.observe(LocalState(phase=Phase.BETTING, round_id=str(number), observed_at_us=5))
        return [bet.stake_minor for bet in agent.settle(finished(number, 100)) if isinstance(bet, Bet)]

    assert stake(1, seen=True) == [100]
    assert stake(2, seen=False) == []
    assert stake(3, seen=True) == [200]


def test_a_round_that_is_told_again_is_played_once() -> None:
    bankroll = Bankroll(10_000)
    agent = agent_of(BettingSpec(strategy="martingale"), bankroll)
    assert len(agent.settle(finished(1, 100))) == 1
    assert agent.settle(finished(1, 100)) == ()
    assert agent.settle(finished(1, 300)) == ()
    (bet,) = agent.settle(finished(2, 100))
    assert isinstance(bet, Bet)
    assert (bet.stake_minor, bankroll.minor) == (200, 9_700)


def test_an_agent_that_starts_anew_has_its_money_and_begins_the_progression_again() -> None:
    bankroll, spec = Bankroll(10_000), BettingSpec(strategy="martingale")
    assert [bet.stake_minor for bet in bets_on(agent_of(spec, bankroll), [100, 100])] == [100, 200]
    assert bankroll.minor == 9_700
    (bet,) = bets_on(agent_of(spec, bankroll), [100])
    assert (bet.stake_minor, bet.bankroll_minor) == (100, 9_600)


def test_a_bankroll_that_becomes_known_later_is_bet_with_from_then_on() -> None:
    bankroll = Bankroll(None)
    agent = agent_of(BettingSpec(), bankroll)
    assert bets_on(agent, [100, 100]) == []
    bankroll.minor = 500
    (bet,) = agent.settle(finished(3, 100))
    assert isinstance(bet, Bet)
    assert bet.bankroll_minor == 400


# A class of the user's own.


class Life:
    """An agent in its host, with rounds that wait for the answer."""

    def __init__(self, directory: Path, name: str, bankroll: int = 10_000) -> None:
        file = own_classes.write(directory)
        self.spec = BettingSpec(strategy="python", file=file, class_name=name)
        self.bankroll = Bankroll(bankroll)
        self.agents: list[BettingAgent] = []
        self.host = AgentHost({"betting": self._make}, lambda: None)
        self.rounds = 0

    def _make(self) -> BettingAgent:
        self.agents.append(agent_of(self.spec, self.bankroll))
        return self.agents[-1]

    @property
    def state(self) -> AgentState:
        return self.host.states[0]

    def play(self, crash_centi: int) -> list[Bet]:
        """Let one round end."""
        self.rounds += 1
        records = self.host.settle(finished(self.rounds, crash_centi))
        return [record for record in records if isinstance(record, Bet)]

    async def answered(self) -> None:
        """Wait until the next bet is known."""
        await until(lambda: bool(self.agents) and self.agents[-1].knows_the_next_bet)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.002)


def children() -> list[psutil.Process]:
    return [
        process
        for process in psutil.Process().children(recursive=True)
        if "data_layer.strategies.own_child" in process.cmdline()
    ]


def test_it_bets_live_as_it_does_over_recorded_rounds(tmp_path: Path) -> None:
    crashes = [100, 150, 100, 300, 100, 150, 100, 500]

    async def run() -> list[Bet]:
        life = Life(tmp_path, "AfterLow")
        life.host.start()
        await until(lambda: bool(life.agents))
        life.play(1_000)  # the first one comes before anybody could ask
        bets = []
        for crash in crashes:
            await life.answered()
            bets += life.play(crash)
        assert life.bankroll.minor == bets[-1].bankroll_minor
        await life.host.stop()
        return bets

    bets = asyncio.run(run())
    assert [(bet.round_id, bet.stake_minor, bet.cashout_centi, bet.payout_minor) for bet in bets] == [
        ("4", 200, 250, 0),
        ("5", 300, 300, 900),
        ("8", 200, 250, 0),
        ("9", 300, 300, 900),
    ]
    assert {bet.strategy for bet in bets} == {"python mine.py:AfterLow"}
    assert children() == []


def test_a_round_that_comes_before_the_answer_has_no_bet(tmp_path: Path) -> None:
    async def run() -> None:
        life = Life(tmp_path, "EveryRound")
        life.host.start()
        await until(lambda: bool(life.agents))
        assert life.play(100) == []
        await life.answered()
        assert len(life.play(100)) == 1
        assert life.play(100) == []
        await life.answered()
        assert [bet.bankroll_minor for bet in life.play(200)] == [10_000]
        await life.host.stop()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Raises", "mine.py:Raises: ValueError: no such round, line"),
        ("Loops", "mine.py:Loops: did not return within 0.5 s, line"),
        ("LoopsUnwatched", "mine.py:LoopsUnwatched: did not return within 0.5 s"),
        ("LoopsInC", "mine.py:LoopsInC: did not return within 0.5 s, line"),
        ("Nonsense", "mine.py:Nonsense: next_bet returned 'all of it'"),
        ("Leaves", "mine.py:Leaves: SystemExit: 7, line"),
        ("ClosesFiles", "mine.py:ClosesFiles: closed files that are not its own"),
        ("EndsUs", "mine.py:EndsUs: PermissionError: a paper strategy must not send a signal"),
    ],
)
def test_a_bad_one_is_reported_with_its_line_and_tried_again(
    tmp_path: Path,
    name: str,
    reason: str,
    monkeypatch: pytest.MonkeyPatch,
    expected_errors: list[logging.LogRecord],
) -> None:
    monkeypatch.setattr(base, "RESTART_FIRST_S", 0.05)

    async def run() -> None:
        life = Life(tmp_path, name)
        life.host.start()
        await until(lambda: bool(life.agents))
        life.play(BAD)
        await until(lambda: reason in life.state.reason)
        if name != "Nonsense":
            await until(lambda: len(life.agents) > 1 and life.state.running)
            life.play(200)
            await life.answered()
            assert len(life.play(200)) == 1
        assert life.state.reason.startswith(f"mine.py:{name}: ")
        await life.host.stop()

    asyncio.run(run())
    assert expected_errors
    assert children() == []


def test_a_file_that_is_gone_is_reported(tmp_path: Path, expected_errors: list[logging.LogRecord]) -> None:
    async def run() -> None:
        life = Life(tmp_path, "EveryRound")
        (tmp_path / "mine.py").unlink()
        life.host.start()
        await until(lambda: "no such file" in life.state.reason)
        await life.host.stop()

    asyncio.run(run())
    assert expected_errors
