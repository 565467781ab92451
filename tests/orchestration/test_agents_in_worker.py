"""The agents in a real worker: bets on paper, the bankroll, colours of the screen."""

import pytest

from config.specs import BettingSpec, RgbSpec, SimulatorSpec
from tests.orchestration.worker_rig import WorkerRig


def test_every_round_of_a_fast_source_has_its_bet_and_the_bankroll_adds_up(rig: WorkerRig) -> None:
    spec = BettingSpec(stake_minor=100, cashout_centi=150, bankroll_minor=1_000_000)
    rig.change(source=SimulatorSpec(seed="a", speed=0, rounds=1_000), betting=spec)
    rig.writer.start()
    rig.start()
    rig.wait_for_end()
    bets = rig.writer.bets()
    bankroll = 1_000_000
    for bet, finished in zip(bets, rig.writer.rounds(), strict=True):
        assert bet.round_id == finished.round_id
        bankroll += (150 if finished.crash_centi >= 150 else 0) - 100
        assert bet.bankroll_minor == bankroll
    placed = [bet.placed_at_us for bet in bets]
    assert placed == sorted(placed)  # the newest bet is the last one


def test_bets_are_placed_on_rounds_seen_from_their_betting_phase(rig: WorkerRig) -> None:
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: len(rig.writer.bets()) >= 5)
    rig.stop()
    rounds = {one.round_id: one for one in rig.writer.rounds()}
    for bet in rig.writer.bets():
        assert bet.placed_at_us <= (rounds[bet.round_id].started_at_us or 0)


@pytest.mark.parametrize(
    ("put_in_minor", "left_minor"), [(100_000, 5_000), (150_000, 55_000), (95_100, 100), (95_099, None)]
)
def test_the_bankroll_is_what_was_put_in_and_what_all_bets_left_of_it(
    rig: WorkerRig, put_in_minor: int, left_minor: int | None
) -> None:
    rig.writer.paper_profit_minor = -95_000
    betting = BettingSpec(stake_minor=100, bankroll_minor=put_in_minor)
    rig.change(source=SimulatorSpec(seed="a", speed=0, rounds=1), betting=betting)
    rig.writer.start()
    rig.start()
    rig.wait_for_end()
    left = [bet.bankroll_minor - bet.payout_minor + bet.stake_minor for bet in rig.writer.bets()]
    assert left == [] if left_minor is None else [left_minor]


def test_colours_of_the_virtual_screen_are_sampled(rig: WorkerRig) -> None:
    rig.change(rgb=RgbSpec(interval_s=0.02))
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: len(rig.writer.samples) >= 10)
    rig.stop()
    assert {one.region for one in rig.writer.samples} == {"multiplier", "canvas"}


def test_switched_off_agents_do_not_run(rig: WorkerRig) -> None:
    rig.change(betting=BettingSpec(enabled=False), rgb=RgbSpec(enabled=False))
    rig.writer.start()
    rig.start()
    rig.wait_until(lambda: len(rig.writer.rounds()) >= 3)
    assert [agent.name for agent in rig.live.agents] == ["session"]
    rig.stop()
    assert rig.writer.bets() == []
