"""How a bookmaker is judged, and above all when it is not live."""

import pytest

from data_layer.engine import WorkerView
from data_layer.messages import Phase, WorkerState
from gui.view_models.condition import Condition, Light, judge, rhythm_us
from gui.view_models.tones import Tone
from tests.gui.fakes import MONOTONIC_US, NOW_US, PID, SECOND_US, brief, live, status


def judged(view: WorkerView, rhythm_s: float | None = 22) -> Condition:
    rhythm = None if rhythm_s is None else round(rhythm_s * SECOND_US)
    return judge(view, rhythm, NOW_US, MONOTONIC_US)


def test_a_flying_bookmaker_is_live_and_quiet() -> None:
    condition = judged(WorkerView(status=status(), live=live()))
    assert (condition.light, condition.words, condition.alarm, condition.live) == (
        Light.LIVE,
        "flying",
        None,
        True,
    )


def test_the_betting_window_counts_down_in_tenths() -> None:
    betting = live(phase=Phase.BETTING, phase_ends_at_us=NOW_US + 3_140_000)
    assert judged(WorkerView(status=status(), live=betting)).words == "betting, 3.1 s left"


def test_a_flight_that_nothing_was_heard_of_for_two_seconds_is_not_live() -> None:
    silent = live(observed_at_us=NOW_US - 2_500_000)
    condition = judged(WorkerView(status=status(), live=silent))
    assert not condition.live
    assert condition.alarm is Tone.WARN
    assert condition.words == "no data for 2 s"


def test_silence_is_measured_against_the_rhythm_of_the_bookmaker() -> None:
    silent = live(phase=Phase.CRASHED, observed_at_us=NOW_US - 41 * SECOND_US)
    slow = judged(WorkerView(status=status(), live=silent), rhythm_s=30)
    assert slow.alarm is None
    usual = judged(WorkerView(status=status(), live=silent), rhythm_s=22)
    assert usual.words == "no data for 41 s"
    assert usual.brief == "no data 41 s"
    assert usual.note == "its rhythm is 22 s"
    assert usual.since_us == NOW_US - 41 * SECOND_US


def test_a_take_off_that_never_came_is_noticed() -> None:
    missed = live(
        phase=Phase.BETTING,
        phase_ends_at_us=NOW_US - 4 * SECOND_US,
        observed_at_us=NOW_US - 9 * SECOND_US,
    )
    assert not judged(WorkerView(status=status(), live=missed)).live


def test_a_worker_that_does_not_beat_is_not_live_however_fresh_its_words() -> None:
    hung = live(heartbeat_us=MONOTONIC_US - 4 * SECOND_US)
    condition = judged(WorkerView(status=status(), live=hung))
    assert not condition.live
    assert condition.words == "worker has not answered for 4 s"


def test_the_slot_of_an_earlier_process_is_not_live() -> None:
    condition = judged(WorkerView(status=status(pid=PID + 1, since_us=NOW_US), live=live()))
    assert not condition.live
    assert condition.words == "starting"


def test_a_process_that_never_speaks_is_reported_after_a_while() -> None:
    condition = judged(WorkerView(status=status(since_us=NOW_US - 20 * SECOND_US), live=None))
    assert condition.words == "no sign of life for 20 s"


@pytest.mark.parametrize(
    ("state", "light"),
    [
        (WorkerState.STARTING, Light.BUSY),
        (WorkerState.PAUSED, Light.PAUSED),
        (WorkerState.STOPPED, Light.OFF),
        (WorkerState.BACKING_OFF, Light.BAD),
        (WorkerState.FAILED, Light.BAD),
    ],
)
def test_only_a_running_worker_is_live(state: WorkerState, light: Light) -> None:
    condition = judged(WorkerView(status=status(state=state, reason="because"), live=live()))
    assert not condition.live
    assert condition.light is light
    assert condition.words == "because"


def test_backing_off_says_when_it_tries_again() -> None:
    off = status(
        state=WorkerState.BACKING_OFF,
        reason="worker exited (signal 9)",
        restart_at_us=NOW_US + 3_200_000,
        restarts=2,
    )
    condition = judged(WorkerView(status=off, live=None))
    assert condition.words == "worker exited (signal 9), restart in 4 s"
    assert condition.brief == "restart in 4 s"
    assert condition.note == "restarted twice"


def test_a_paused_worker_is_quiet_however_old_its_data() -> None:
    old = live(observed_at_us=NOW_US - 3_600 * SECOND_US, paused=True)
    paused = status(state=WorkerState.PAUSED, reason="paused by you")
    condition = judged(WorkerView(status=paused, live=old))
    assert (condition.words, condition.alarm) == ("paused by you", None)


def test_trouble_is_shown_beside_a_live_multiplier_but_not_while_settling() -> None:
    troubled = live(trouble="the outbox cannot be written")
    condition = judged(WorkerView(status=status(), live=troubled))
    assert (condition.words, condition.live, condition.alarm) == (
        "the outbox cannot be written",
        True,
        Tone.WARN,
    )
    fresh = judged(WorkerView(status=status(since_us=NOW_US), live=troubled))
    assert fresh.alarm is None


def test_every_light_has_its_own_colour_or_shape_and_no_two_are_the_same() -> None:
    assert len({light.tone for light in Light}) == len(list(Light))


def test_the_rhythm_is_the_median_gap_and_unknown_for_few_or_untimed_rounds() -> None:
    times = [0, 20, 42, 62, 200]
    rounds = [brief(150, index, NOW_US + at * SECOND_US) for index, at in enumerate(times)]
    assert rhythm_us(rounds) == 22 * SECOND_US
    assert rhythm_us(rounds[:2]) is None
    assert rhythm_us([brief(150, index, None) for index in range(9)]) is None
