"""The agents, one by one, and the host that keeps them apart from the rounds."""

import asyncio
import logging
from collections.abc import Sequence

import pytest

from config.specs import BettingSpec, BookmakerSpec, RgbRegion, RgbSpec, SessionSpec, SimulatorSpec
from data_layer.messages import AgentState, Bet, Origin, Phase, Record, RgbSample, Round
from orchestration.agents import base
from orchestration.agents.base import Agent, AgentHost
from orchestration.agents.betting import Bankroll, BettingAgent
from orchestration.agents.crew import crew
from orchestration.agents.rgb import RGBCollector, mean_and_spread
from orchestration.agents.session import SessionKeeper
from orchestration.agents.virtual_screen import (
    BLUE,
    HEIGHT,
    MAGENTA,
    NEAR_BLACK,
    RED,
    VIOLET,
    WHITE,
    WIDTH,
    VirtualScreen,
)
from orchestration.local_state import LocalState

CORNER = RgbRegion(name="corner", x=0, y=0, width=16, height=8)
CENTRE = RgbRegion(name="centre", x=60, y=50, width=136, height=28)


def finished(round_id: str, crash_centi: int) -> Round:
    return Round(
        bookmaker="Admiral",
        round_id=round_id,
        crash_centi=crash_centi,
        started_at_us=700,
        received_at_us=900,
        origin=Origin.SIMULATOR,
    )


class TestBetting:
    spec = BettingSpec(stake_minor=100, cashout_centi=150)
    state = LocalState(phase=Phase.BETTING, round_id="1", observed_at_us=500)

    def agent(self, bankroll: Bankroll, *, every_round: bool = False) -> BettingAgent:
        return BettingAgent(self.spec, bankroll, every_round=every_round, now=lambda: 1_000)

    def test_a_round_that_reaches_the_cash_out_pays_and_any_other_costs_the_stake(self) -> None:
        bankroll = Bankroll(1_000)
        agent = self.agent(bankroll)
        agent.observe(self.state)
        (won,) = agent.settle(finished("1", 150))
        assert isinstance(won, Bet)
        assert (won.payout_minor, won.bankroll_minor, won.placed_at_us) == (150, 1_050, 500)
        agent.observe(LocalState(phase=Phase.BETTING, round_id="2", observed_at_us=800))
        (lost,) = agent.settle(finished("2", 149))
        assert isinstance(lost, Bet)
        assert (lost.payout_minor, lost.bankroll_minor, bankroll.minor) == (0, 950, 950)

    def test_no_bet_on_a_round_that_was_joined_in_flight(self) -> None:
        agent = self.agent(Bankroll(1_000))
        agent.observe(LocalState(phase=Phase.FLYING, round_id="1", observed_at_us=500))
        assert agent.settle(finished("1", 300)) == ()

    @pytest.mark.parametrize(("ends_at_us", "bets"), [(501, 1), (500, 1), (499, 0), (0, 1)])
    def test_no_bet_on_a_round_whose_betting_phase_was_over_when_it_was_told(
        self, ends_at_us: int, bets: int
    ) -> None:
        agent = self.agent(Bankroll(1_000))
        agent.observe(
            LocalState(phase=Phase.BETTING, round_id="1", observed_at_us=500, phase_ends_at_us=ends_at_us)
        )
        assert len(agent.settle(finished("1", 300))) == bets

    def test_no_bet_on_another_round_than_the_one_seen(self) -> None:
        agent = self.agent(Bankroll(1_000))
        agent.observe(self.state)
        assert agent.settle(finished("2", 300)) == ()
        assert agent.settle(finished("1", 300)) == ()

    def test_no_bet_on_a_round_that_was_called_off(self) -> None:
        agent = self.agent(Bankroll(1_000))
        agent.observe(self.state)
        agent.observe(LocalState(phase=Phase.WAITING))
        assert agent.settle(finished("1", 300)) == ()

    def test_where_no_betting_phase_is_played_every_round_is_bet_on(self) -> None:
        (bet,) = self.agent(Bankroll(1_000), every_round=True).settle(finished("1", 300))
        assert isinstance(bet, Bet)
        assert bet.placed_at_us == 700

    @pytest.mark.parametrize(("speed", "bets"), [(1.0, 0), (4_000.0, 1), (0.0, 1)])
    def test_faster_than_life_no_round_goes_without_a_bet_because_its_phase_was_told_late(
        self, speed: float, bets: int
    ) -> None:
        spec = BookmakerSpec(name="Admiral", source=SimulatorSpec(speed=speed), betting=self.spec)
        agent = crew(spec, LocalState(), Bankroll(1_000), lambda _: None)["betting"]()
        assert isinstance(agent, BettingAgent)
        agent.observe(LocalState(phase=Phase.BETTING, round_id="1", observed_at_us=500, phase_ends_at_us=499))
        assert len(agent.settle(finished("1", 300))) == bets

    @pytest.mark.parametrize("minor", [None, 0, 99])
    def test_no_bet_without_the_money_or_without_knowing_it(self, minor: int | None) -> None:
        bankroll = Bankroll(minor)
        assert self.agent(bankroll, every_round=True).settle(finished("1", 300)) == ()
        assert bankroll.minor == minor


class TestSession:
    def test_keep_alives_are_counted_and_planned(self) -> None:
        at_us = 1_000_000
        state = LocalState()
        keeper = SessionKeeper(SessionSpec(keep_alive_s=60), state, now=lambda: at_us)
        assert keeper.session.opened_at_us == keeper.session.last_sign_of_life_at_us == at_us
        assert keeper.session.next_keep_alive_at_us == at_us + 60_000_000
        at_us += 60_000_000
        keeper.keep_alive()
        assert keeper.session.keep_alives_sent == 1
        assert keeper.session.next_keep_alive_at_us == at_us + 60_000_000
        state.observed_at_us = at_us + 5
        assert keeper.session.last_sign_of_life_at_us == at_us + 5

    def test_a_suspended_machine_sends_one_keep_alive_for_all_it_missed(self) -> None:
        at_us = 1_000_000
        keeper = SessionKeeper(SessionSpec(keep_alive_s=60), LocalState(), now=lambda: at_us)
        at_us += 3_600_000_000
        keeper.keep_alive()
        assert keeper.session.keep_alives_sent == 1
        assert keeper.session.next_keep_alive_at_us == at_us + 60_000_000

    def test_a_clock_that_was_set_back_delays_no_keep_alive_by_more_than_its_interval(self) -> None:
        at_us = 10_000_000_000
        keeper = SessionKeeper(SessionSpec(keep_alive_s=60), LocalState(), now=lambda: at_us)
        assert keeper.wait_s() == 60
        at_us -= 3_600_000_000
        assert keeper.wait_s() == 60
        at_us += 60_000_000
        assert keeper.wait_s() == 0
        assert keeper.session.next_keep_alive_at_us == at_us

    def test_it_sends_by_the_clock(self) -> None:
        async def run() -> None:
            keeper = SessionKeeper(SessionSpec(keep_alive_s=0.01), LocalState())
            task = asyncio.create_task(keeper.run())
            async with asyncio.timeout(10):
                while keeper.session.keep_alives_sent < 3:
                    await asyncio.sleep(0)
            task.cancel()

        asyncio.run(run())


def means(state: LocalState, region: RgbRegion) -> tuple[float, float, float]:
    channels = zip(*VirtualScreen(state).pixels(region), strict=True)
    red, green, blue = (mean_and_spread(channel)[0] for channel in channels)
    return red, green, blue


class TestVirtualScreen:
    @pytest.mark.parametrize(
        ("phase", "centi", "ground"),
        [
            (Phase.WAITING, 0, NEAR_BLACK),
            (Phase.BETTING, 0, NEAR_BLACK),
            (Phase.FLYING, 199, BLUE),
            (Phase.FLYING, 200, VIOLET),
            (Phase.FLYING, 999, VIOLET),
            (Phase.FLYING, 1_000, MAGENTA),
            (Phase.CRASHED, 1_000, NEAR_BLACK),
        ],
    )
    def test_the_ground_tells_phase_and_height(
        self, phase: Phase, centi: int, ground: tuple[int, int, int]
    ) -> None:
        seen = means(LocalState(phase=phase, multiplier_centi=centi), CORNER)
        assert seen == pytest.approx(ground, abs=1.5)

    def test_digits_are_white_in_flight_and_red_after_the_crash(self) -> None:
        flying = list(VirtualScreen(LocalState(phase=Phase.FLYING, multiplier_centi=170)).pixels(CENTRE))
        crashed = list(VirtualScreen(LocalState(phase=Phase.CRASHED, multiplier_centi=169)).pixels(CENTRE))
        betting = list(VirtualScreen(LocalState(phase=Phase.BETTING)).pixels(CENTRE))
        assert _share(flying, WHITE) > 0.15
        assert _share(crashed, RED) > 0.15
        assert _share(betting, NEAR_BLACK) == 1.0

    def test_the_same_moment_gives_the_same_pixels_and_another_one_others(self) -> None:
        state = LocalState(phase=Phase.FLYING, multiplier_centi=170, round_id="1")
        screen = VirtualScreen(state)
        first = list(screen.pixels(CENTRE))
        assert list(screen.pixels(CENTRE)) == first
        state.multiplier_centi = 171
        assert list(screen.pixels(CORNER)) != first

    def test_what_lies_outside_the_screen_is_left_out(self) -> None:
        screen = VirtualScreen(LocalState())
        edge = RgbRegion(name="edge", x=WIDTH - 4, y=HEIGHT - 2, width=50, height=50)
        assert len(list(screen.pixels(edge))) == 8
        assert list(screen.pixels(RgbRegion(name="out", x=WIDTH, y=0, width=5, height=5))) == []


def _share(pixels: Sequence[tuple[int, int, int]], colour: tuple[int, int, int]) -> float:
    near = [pixel for pixel in pixels if all(abs(a - b) <= 3 for a, b in zip(pixel, colour, strict=True))]
    return len(near) / len(pixels)


class TestRgb:
    def test_mean_and_spread(self) -> None:
        assert mean_and_spread([7]) == (7.0, 0.0)
        assert mean_and_spread([0, 255]) == (127.5, 127.5)

    def test_each_region_on_the_screen_gives_a_sample(self) -> None:
        state = LocalState(phase=Phase.FLYING, multiplier_centi=150, observed_at_us=1)
        outside = RgbRegion(name="outside", x=9_999, y=0, width=5, height=5)
        collector = RGBCollector(
            RgbSpec(regions=(CORNER, outside, CENTRE)),
            "Admiral",
            state,
            VirtualScreen(state),
            lambda _: None,
            now=lambda: 77,
        )
        corner, centre = collector.sample()
        assert (corner.region, centre.region) == ("corner", "centre")
        assert (corner.bookmaker, corner.sampled_at_us, corner.phase) == ("Admiral", 77, Phase.FLYING)
        assert centre.spread_r > corner.spread_r

    def test_it_samples_at_its_interval_once_the_source_has_shown_something(self) -> None:
        state = LocalState()
        samples: list[RgbSample] = []

        async def run() -> None:
            collector = RGBCollector(
                RgbSpec(interval_s=0.01, regions=(CORNER,)),
                "Admiral",
                state,
                VirtualScreen(state),
                samples.extend,
            )
            task = asyncio.create_task(collector.run())
            await asyncio.sleep(0.03)
            assert samples == []
            state.observed_at_us = 1
            async with asyncio.timeout(10):
                while len(samples) < 2:
                    await asyncio.sleep(0)
            task.cancel()

        asyncio.run(run())


class Good(Agent):
    """Settles every round."""

    async def run(self) -> None:
        await asyncio.Event().wait()

    def settle(self, finished: Round) -> Sequence[Record]:
        return (finished,)


class FailsInRun(Good):
    async def run(self) -> None:
        raise OSError("no screen")


class FailsInSettle(Good):
    def settle(self, finished: Round) -> Sequence[Record]:
        raise ValueError("cannot count")


class FailsInObserve(Good):
    def observe(self, state: LocalState) -> None:
        raise ValueError("cannot see")


class EndsByItself(Good):
    async def run(self) -> None:
        return


@pytest.mark.parametrize("faulty", [FailsInRun, FailsInSettle, FailsInObserve, EndsByItself])
def test_an_agent_that_fails_is_reported_and_restarted_alone(
    faulty: type[Agent],
    monkeypatch: pytest.MonkeyPatch,
    expected_errors: list[logging.LogRecord],
) -> None:
    monkeypatch.setattr(base, "RESTART_FIRST_S", 0.01)
    changes: list[None] = []

    async def run() -> tuple[AgentState, ...]:
        host = AgentHost({"faulty": faulty, "good": Good}, lambda: changes.append(None))
        host.start()
        settled = 0
        async with asyncio.timeout(10):
            while host.states[0].restarts < 2 or not settled:
                await asyncio.sleep(0)
                host.observe(LocalState())
                settled += len(host.settle(finished("1", 200)))
        states = host.states
        await host.stop()
        assert not any(state.running for state in host.states)
        return states

    faulty_state, good_state = asyncio.run(run())
    assert faulty_state.restarts == 2
    assert faulty_state.reason
    assert good_state == AgentState(name="good", running=True)
    assert changes
    assert expected_errors


def test_a_session_is_shown_while_its_agent_runs() -> None:
    async def run() -> None:
        host = AgentHost({"session": lambda: SessionKeeper(SessionSpec(), LocalState())}, lambda: None)
        host.start()
        async with asyncio.timeout(10):
            while host.session is None:
                await asyncio.sleep(0)
        await host.stop()

    asyncio.run(run())
