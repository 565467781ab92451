"""The four statistics as values: totals, a row for every bookmaker, and the age of it all."""

from dataclasses import dataclass
from typing import Any

import pytest

from data_layer.engine import WorkerView
from data_layer.messages import AgentState, Origin, Phase, RgbSample, SessionState, WorkerState
from data_layer.statistics import BettingStats, RgbStats, RoundStats, ThresholdCount
from gui.view_models import betting_stats, data_stats, rgb_stats, session_stats, words
from gui.view_models.condition import Light
from gui.view_models.stats_view import StatsView
from gui.view_models.tables import Cell
from gui.view_models.tones import Tone
from tests.gui.fakes import MONOTONIC_US, NOW_US, SECOND_US, board, live, status


@dataclass(frozen=True, kw_only=True)
class Stats:
    """A result of the reader."""

    rows: Any
    total: Any = None
    computed_at_us: int = NOW_US
    version: int = 1
    range: str = "24h"


def _rounds(bookmaker: str = "Admiral", **fields: Any) -> RoundStats:
    given: dict[str, Any] = {
        "bookmaker": bookmaker,
        "range": "24h",
        "count": 1000,
        "per_hour": 41.7,
        "sum_centi": 250_000,
        "min_centi": 100,
        "max_centi": 98_211,
        "median_centi": 193,
        "at_or_above": (
            ThresholdCount(threshold_centi=150, count=650),
            ThresholdCount(threshold_centi=200, count=480),
            ThresholdCount(threshold_centi=1000, count=99),
        ),
        "current_below_2x": 3,
        "longest_below_2x": 17,
        "newest_at_us": NOW_US - 9 * SECOND_US,
        "origins": (Origin.SIMULATOR,),
    }
    return RoundStats(**(given | fields))


def _worker(name: str = "Admiral", **fields: Any) -> WorkerView:
    agents = fields.pop(
        "agents", tuple(AgentState(name=each, running=True) for each in ("betting", "rgb", "session"))
    )
    state = fields.pop("state", WorkerState.RUNNING)
    reason = fields.pop("reason", "")
    return WorkerView(
        status=status(name, state=state, reason=reason), live=live(name, agents=agents, **fields)
    )


def _cell(view: StatsView, row: int, column: str) -> Cell:
    position = [each.key for each in view.columns].index(column)
    return view.rows[row].cells[position]


def _figures(view: StatsView) -> dict[str, str]:
    return {figure.label: figure.text for figure in view.figures}


class TestRounds:
    def test_totals_come_from_the_total_and_name_their_window(self) -> None:
        total = _rounds("", count=30_724, median_centi=197)
        view = data_stats.view(Stats(rows=[_rounds()], total=total), names=["Admiral"], now_us=NOW_US)
        assert _figures(view) == {
            "rounds, 24 h": "30,724",
            "per hour, 24 h": "42",
            "median, 24 h": "1.97x",
            "at or above 2x, 24 h": "1.6 %",
            "at or above 10x, 24 h": "0.3 %",
            "highest, 24 h": "982.11x",
        }
        assert view.span == "24 h"

    def test_a_row_tells_its_figures_and_where_its_rounds_come_from(self) -> None:
        view = data_stats.view(Stats(rows=[_rounds()], total=_rounds("")), names=["Admiral"], now_us=NOW_US)
        assert _cell(view, 0, "bookmaker").tag == "simulated"
        assert _cell(view, 0, "mean").text == "2.50x"
        assert _cell(view, 0, "from_200").text == "48.0 %"
        assert _cell(view, 0, "from_200").sort == pytest.approx(0.48)
        assert _cell(view, 0, "newest").text == "9 s ago"

    def test_configured_bookmakers_come_first_and_always_have_a_row(self) -> None:
        stats = Stats(rows=[_rounds("Alpha"), _rounds("Mozzart")], total=_rounds(""))
        view = data_stats.view(stats, names=["Mozzart", "Admiral"], now_us=NOW_US)
        assert [row.key for row in view.rows] == ["Mozzart", "Admiral", "Alpha"]
        assert _cell(view, 1, "count").text == "0"
        assert _cell(view, 1, "median").text == words.NOTHING
        assert _cell(view, 1, "from_200").sort is None

    def test_before_the_first_result_the_reason_is_said(self) -> None:
        view = data_stats.view(None, names=["Admiral"], now_us=NOW_US, trouble="there is no database yet")
        assert (view.note, view.note_tone) == ("there is no database yet", Tone.BAD)
        assert view.rows == ()
        assert view.empty

    def test_fresh_figures_say_quietly_when_they_were_read(self) -> None:
        view = data_stats.view(Stats(rows=[]), names=[], now_us=NOW_US + 20 * SECOND_US)
        assert view.note == f"updated {words.clock_text(NOW_US)}"
        assert view.note_tone is Tone.MUTED

    def test_old_figures_say_their_age_and_draw_back(self) -> None:
        stats = Stats(rows=[_rounds()], total=_rounds(""))
        view = data_stats.view(stats, names=[], now_us=NOW_US + 200 * SECOND_US, trouble="database is locked")
        assert view.note == "figures are 3 min old: database is locked"
        assert view.note_tone is Tone.WARN
        assert {figure.tone for figure in view.figures} == {Tone.FAINT}
        assert _cell(view, 0, "count").tone is Tone.MUTED

    def test_trouble_is_said_as_soon_as_it_is_there(self) -> None:
        view = data_stats.view(Stats(rows=[]), names=[], now_us=NOW_US, trouble="database is locked")
        assert view.note.startswith("database is locked; figures of ")
        assert view.note_tone is Tone.WARN


def _bets(bookmaker: str = "Admiral", **fields: Any) -> BettingStats:
    given: dict[str, Any] = {
        "bookmaker": bookmaker,
        "bets": 10,
        "won": 4,
        "staked_minor": 1000,
        "paid_out_minor": 800,
        "bankroll_minor": 99_800,
        "currency": "EUR",
        "newest_at_us": NOW_US - 5 * SECOND_US,
    }
    return BettingStats(**(given | fields))


def _bets_view(stats: Stats | None, *workers: WorkerView) -> StatsView:
    named = {worker.status.bookmaker: worker for worker in workers}
    return betting_stats.view(stats, workers=named, now_us=NOW_US, monotonic_us=MONOTONIC_US)


class TestBets:
    def test_everything_about_them_says_paper(self) -> None:
        view = _bets_view(Stats(rows=[_bets()], range="all"), _worker())
        assert view.tag == "paper, simulated"
        assert _cell(view, 0, "bookmaker").tag == "paper, simulated"
        assert "paper" in view.title.casefold()

    def test_bets_of_a_bookmaker_that_is_no_longer_configured_still_say_paper(self) -> None:
        view = _bets_view(Stats(rows=[_bets("Gone")], range="all"))
        assert _cell(view, 0, "bookmaker").tag == "paper"
        assert _cell(view, 0, "agent").text == "not configured"

    def test_a_loss_is_told_as_one(self) -> None:
        view = _bets_view(Stats(rows=[_bets()], range="all"), _worker())
        assert _cell(view, 0, "result").text == "\N{MINUS SIGN}2.00 EUR"
        assert _cell(view, 0, "return").text == "80.0 %"
        assert _figures(view)["paper result, all time"] == "\N{MINUS SIGN}2.00 EUR"

    def test_what_the_edge_alone_takes_stands_beside_the_result(self) -> None:
        stats = Stats(rows=[_bets(), _bets("Mozzart")], range="all")
        workers = {name: _worker(name) for name in ("Admiral", "Mozzart")}
        returns = {"Admiral": 0.97}
        view = betting_stats.view(
            stats, workers=workers, now_us=NOW_US, monotonic_us=MONOTONIC_US, returns=returns
        )
        assert _cell(view, 0, "expected").text == "\N{MINUS SIGN}0.30 EUR"
        assert _cell(view, 1, "expected").text == words.NOTHING
        assert _figures(view)["expected from the edge, all time"] == words.NOTHING
        returns["Mozzart"] = 0.95
        view = betting_stats.view(
            stats, workers=workers, now_us=NOW_US, monotonic_us=MONOTONIC_US, returns=returns
        )
        assert _figures(view)["expected from the edge, all time"] == "\N{MINUS SIGN}0.80 EUR"

    def test_rate_fall_and_losing_run_are_shown_with_the_strategy(self) -> None:
        row = _bets(per_hour_minor=-12.6, drawdown_minor=700, longest_losing=9, strategy="flat stake=1.00")
        view = _bets_view(Stats(rows=[row], range="all"), _worker())
        texts = [_cell(view, 0, key).text for key in ("per_hour", "drawdown", "losing", "strategy")]
        assert texts == ["\N{MINUS SIGN}0.13 EUR", "7.00 EUR", "9", "flat stake=1.00"]

    def test_money_of_different_currencies_is_never_one_sum(self) -> None:
        rows = [_bets(), _bets("Mozzart", currency="RSD", staked_minor=5000)]
        view = _bets_view(Stats(rows=rows, range="all"))
        assert _figures(view)["staked on paper, all time"] == "10.00 EUR and 50.00 RSD"

    def test_without_any_bet_a_sentence_says_so(self) -> None:
        view = _bets_view(Stats(rows=[], range="all"), _worker())
        assert view.hint.startswith("No paper bets yet: ")
        assert _cell(view, 0, "bets").text == "0"
        assert _cell(view, 0, "result").text == words.NOTHING

    def test_while_the_database_cannot_be_read_agents_are_shown_and_numbers_are_not_made_up(self) -> None:
        view = _bets_view(None, _worker())
        assert view.figures == ()
        assert _cell(view, 0, "bets").text == words.NOTHING
        assert _cell(view, 0, "agent").text == "running"
        assert view.hint == ""


def _sample(region: str, **fields: Any) -> RgbSample:
    given: dict[str, Any] = {
        "bookmaker": "Admiral",
        "region": region,
        "sampled_at_us": NOW_US - 12 * SECOND_US,
        "phase": Phase.FLYING,
        "mean_r": 10.4,
        "mean_g": 200.0,
        "mean_b": 255.4,
        "spread_r": 1.0,
        "spread_g": 2.0,
        "spread_b": 3.0,
    }
    return RgbSample(**(given | fields))


class TestColours:
    def test_each_region_has_a_row_with_its_newest_colour(self) -> None:
        rows = [
            RgbStats(bookmaker="Admiral", samples=5, newest=_sample(name))
            for name in ("canvas", "multiplier")
        ]
        view = rgb_stats.view(
            Stats(rows=rows, range="all"),
            workers={"Admiral": _worker()},
            now_us=NOW_US,
            monotonic_us=MONOTONIC_US,
        )
        assert [_cell(view, row, "region").text for row in range(2)] == ["canvas", "multiplier"]
        assert _cell(view, 0, "colour").swatch == (10, 200, 255)
        assert _cell(view, 0, "colour").text == "#0ac8ff"
        assert len({row.key for row in view.rows}) == 2
        assert _figures(view)["samples, all time"] == "10"

    def test_without_samples_a_sentence_says_so_and_the_bookmaker_has_a_row(self) -> None:
        view = rgb_stats.view(
            Stats(rows=[], range="all"),
            workers={"Admiral": _worker()},
            now_us=NOW_US,
            monotonic_us=MONOTONIC_US,
        )
        assert view.hint.startswith("No colour samples yet: ")
        assert _cell(view, 0, "colour").swatch is None


def _session(**fields: Any) -> SessionState:
    given: dict[str, Any] = {
        "opened_at_us": NOW_US - 3_600 * SECOND_US,
        "keep_alives_sent": 60,
        "next_keep_alive_at_us": NOW_US + 30 * SECOND_US,
        "last_sign_of_life_at_us": NOW_US - 2 * SECOND_US,
    }
    return SessionState(**(given | fields))


def _sessions(*workers: WorkerView) -> StatsView:
    return session_stats.view(board(*workers), now_us=NOW_US, monotonic_us=MONOTONIC_US)


class TestSessions:
    def test_an_open_session_tells_age_and_next_keep_alive(self) -> None:
        view = _sessions(_worker(session=_session()))
        assert _cell(view, 0, "age").text == "1 h"
        assert _cell(view, 0, "due").text == "in 30 s"
        assert _figures(view)["open now"] == "1 of 1"

    def test_a_keep_alive_that_is_late_stands_out(self) -> None:
        view = _sessions(_worker(session=_session(next_keep_alive_at_us=NOW_US - 60 * SECOND_US)))
        assert _cell(view, 0, "due").text == "overdue 1 min"
        assert _cell(view, 0, "due").tone is Tone.WARN
        assert _figures(view)["overdue now"] == "1"

    @pytest.mark.parametrize(
        "worker",
        [
            _worker(session=_session(), state=WorkerState.STOPPED),
            _worker(session=_session(), heartbeat_us=MONOTONIC_US - 60 * SECOND_US),
            _worker(session=_session(), pid=77),
            _worker(session=_session(), agents=(AgentState(name="session", running=False, reason="closed"),)),
            WorkerView(status=status("Admiral"), live=None),
        ],
        ids=["stopped", "silent", "another process", "agent failed", "nothing said yet"],
    )
    def test_no_session_of_a_worker_that_does_not_live_is_shown_as_open(self, worker: WorkerView) -> None:
        view = _sessions(worker)
        assert _figures(view)["open now"] == "0 of 1"
        assert _cell(view, 0, "age").text == words.NOTHING


class TestAgents:
    def test_a_failed_agent_gives_its_reason(self) -> None:
        agents = (AgentState(name="session", running=False, restarts=2, reason="cannot reach the site"),)
        view = _sessions(_worker(agents=agents))
        assert _cell(view, 0, "agent").text == "failed: cannot reach the site"
        assert _cell(view, 0, "agent").light is Light.BAD
        assert _cell(view, 0, "restarts").sort == 2

    def test_an_agent_that_runs_again_keeps_its_last_failure_in_the_tip(self) -> None:
        agents = (AgentState(name="session", running=True, restarts=1, reason="cannot reach the site"),)
        cell = _cell(_sessions(_worker(agents=agents)), 0, "agent")
        assert (cell.text, cell.light) == ("running", Light.LIVE)
        assert cell.tip == "last failure: cannot reach the site"

    def test_an_agent_that_is_not_there_is_switched_off(self) -> None:
        assert _cell(_sessions(_worker(agents=())), 0, "agent").text == "switched off"

    def test_agents_of_a_paused_worker_say_who_paused_it(self) -> None:
        view = _sessions(_worker(state=WorkerState.PAUSED, reason="paused by you"))
        assert _cell(view, 0, "agent").text == "paused by you"
