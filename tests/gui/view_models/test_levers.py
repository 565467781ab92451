"""How commands are worded and whom they reach."""

from data_layer.messages import WorkerState
from gui.view_models.levers import Lever, lever_model

STATES = {
    "Admiral": WorkerState.RUNNING,
    "Mozzart": WorkerState.PAUSED,
    "BalkanBet": WorkerState.STOPPED,
    "Soccer": WorkerState.BACKING_OFF,
}


def test_without_a_selection_a_command_reaches_all_it_applies_to() -> None:
    start = lever_model(Lever.START, STATES, ())
    assert (start.label, start.names) == ("Start all", ("Mozzart", "BalkanBet", "Soccer"))
    pause = lever_model(Lever.PAUSE, STATES, ())
    assert (pause.label, pause.names) == ("Pause all", ("Admiral",))


def test_a_selection_is_counted_in_the_label() -> None:
    model = lever_model(Lever.PAUSE, STATES, ("Admiral", "Mozzart", "Soccer"))
    assert (model.label, model.names) == ("Pause 3", ("Admiral",))
    assert lever_model(Lever.STOP, STATES, ("Soccer",), name_single=True).label == "Stop Soccer"


def test_starting_what_is_only_paused_is_resuming() -> None:
    assert lever_model(Lever.START, STATES, ("Mozzart",)).label == "Resume 1"


def test_a_command_that_reaches_nobody_is_disabled() -> None:
    assert not lever_model(Lever.PAUSE, STATES, ("BalkanBet",)).enabled
    assert not lever_model(Lever.START, {}, ()).enabled


def test_only_stopping_everything_is_asked_about() -> None:
    assert lever_model(Lever.STOP, STATES, ()).confirm == "Stop all 3 bookmakers?"
    assert lever_model(Lever.STOP, STATES, tuple(STATES)).confirm
    assert not lever_model(Lever.STOP, STATES, ("Admiral", "Mozzart")).confirm
    assert not lever_model(Lever.STOP, {"Admiral": WorkerState.RUNNING}, ()).confirm
    assert not lever_model(Lever.PAUSE, STATES, ()).confirm
