"""What a card shows, and that it is the same card while nothing has changed."""

from data_layer.engine import WorkerView
from data_layer.messages import Origin, Phase, RoundBrief, WorkerState
from data_layer.statistics import RoundStats
from gui.view_models.cards import CardMaker, CardModel, Countdown, Flight, data_age_text, group_words
from gui.view_models.tones import Tone
from gui.view_models.words import NOTHING
from tests.gui.fakes import MONOTONIC_US, NOW_US, SECOND_US, brief, live, status

STATS = RoundStats(
    bookmaker="Admiral",
    range="24h",
    count=3_816,
    per_hour=159.0,
    median_centi=193,
    current_below_2x=3,
    origins=(Origin.SIMULATOR,),
)


def made(
    view: WorkerView,
    recent: tuple[RoundBrief, ...] = (),
    stats: RoundStats | None = STATS,
    stats_at_us: int = NOW_US,
) -> CardModel:
    return CardMaker().make(view, recent, stats, stats_at_us, NOW_US, MONOTONIC_US)


def test_a_flight_is_coloured_by_its_size_and_drawn_up_to_what_was_observed() -> None:
    for centi, tone in ((199, Tone.LOW), (200, Tone.MID), (999, Tone.MID), (1000, Tone.HIGH)):
        card = made(WorkerView(status=status(), live=live(multiplier_centi=centi)))
        assert (card.live.value + card.live.unit, card.live.tone) == (f"{centi / 100:.2f}x", tone)
        assert card.live.figure == Flight(centi, Tone.ACCENT, crashed=False)


def test_a_crash_is_red() -> None:
    card = made(WorkerView(status=status(), live=live(phase=Phase.CRASHED, multiplier_centi=169)))
    assert (card.live.value, card.live.tone) == ("1.69", Tone.BAD)
    assert card.live.figure == Flight(169, Tone.BAD, crashed=True)


def test_a_stale_flight_is_faint_without_a_curve_and_says_its_age() -> None:
    silent = live(multiplier_centi=231, observed_at_us=NOW_US - 41 * SECOND_US)
    card = made(WorkerView(status=status(), live=silent))
    assert (card.live.value, card.live.tone, card.live.figure) == ("2.31", Tone.FAINT, None)
    assert (card.foot.age, card.foot.age_tone, card.alarm) == ("41 s", Tone.WARN, Tone.WARN)


def test_the_age_of_live_data_is_quiet_whatever_else_is_wrong() -> None:
    card = made(WorkerView(status=status(), live=live(trouble="waiting for the writer")))
    assert (card.alarm, card.foot.age_tone) == (Tone.WARN, Tone.MUTED)


def test_a_worker_that_does_not_run_shows_no_multiplier_whatever_its_slot_says() -> None:
    for state in (
        WorkerState.BACKING_OFF,
        WorkerState.FAILED,
        WorkerState.STOPPED,
        WorkerState.PAUSED,
        WorkerState.STARTING,
    ):
        card = made(WorkerView(status=status(state=state), live=live()))
        assert (card.live.value, card.live.unit, card.live.figure) == (NOTHING, "", None)


def test_a_new_process_does_not_inherit_the_multiplier_of_the_one_before() -> None:
    card = made(WorkerView(status=status(pid=1), live=live()))
    assert card.live.value == NOTHING


def test_the_betting_window_ticks_by_itself_but_never_below_zero() -> None:
    maker = CardMaker()
    view = WorkerView(
        status=status(),
        live=live(
            phase=Phase.BETTING,
            phase_started_at_us=NOW_US - SECOND_US,
            phase_ends_at_us=NOW_US + 4 * SECOND_US,
        ),
    )
    values = []
    for after_s in (0.0, 1.5, 4.5):
        at = round(after_s * SECOND_US)
        card = maker.make(view, (), None, 0, NOW_US + at, MONOTONIC_US + at // 4)
        values.append((card.live.value, card.live.figure))
    assert values == [
        ("4.0 s", Countdown(0.8)),
        ("2.5 s", Countdown(0.5)),
        ("0.0 s", Countdown(0.0)),
    ]


def test_a_flight_is_not_carried_on_beyond_what_was_observed() -> None:
    maker = CardMaker()
    view = WorkerView(status=status(), live=live(multiplier_centi=142))
    first = maker.make(view, (), STATS, NOW_US, NOW_US, MONOTONIC_US)
    later = maker.make(view, (), STATS, NOW_US, NOW_US + SECOND_US, MONOTONIC_US + SECOND_US)
    assert first.live == later.live


def test_the_last_crash_points_stand_newest_first_in_their_colours() -> None:
    rounds = tuple(brief(centi, index) for index, centi in enumerate((163, 213, 123_456)))
    card = made(WorkerView(status=status(), live=live()), rounds)
    assert card.last == (("1234.56", Tone.HIGH), ("2.13", Tone.MID), ("1.63", Tone.LOW))


def test_figures_carry_their_range_and_their_age_when_they_are_old() -> None:
    view = WorkerView(status=status(), live=live())
    assert made(view).foot.figures == (
        ("24 h", "3,816"),
        ("per hour", "159"),
        ("median", "1.93"),
        ("below 2x", "3 in a row"),
    )
    old = made(view, stats_at_us=NOW_US - 200 * SECOND_US)
    assert old.foot.figures[0][0] == "24 h, 3 min old"


def test_without_statistics_there_are_dashes_rather_than_zeros() -> None:
    card = made(WorkerView(status=status(), live=None), stats=None)
    assert {value for _, value in card.foot.figures} == {NOTHING}
    assert card.foot.age == NOTHING


def test_provenance_is_shown_and_a_mixture_says_so() -> None:
    view = WorkerView(status=status(), live=live())
    assert made(view).head.tag == "simulated"
    assert made(view).head.short_tag == "sim"
    real = WorkerView(status=status(), live=live(origin=Origin.LIVE))
    mixed = made(real)
    assert mixed.head.tag == "live, simulated"
    assert mixed.head.short_tag == "mixed"
    assert made(real, stats=None).head.tag == ""


def test_nothing_changed_gives_the_very_same_model() -> None:
    maker = CardMaker()
    view = WorkerView(status=status(), live=live())
    rounds = (brief(150),)
    first = maker.make(view, rounds, STATS, NOW_US, NOW_US, MONOTONIC_US)
    again = maker.make(view, (brief(150),), STATS, NOW_US, NOW_US + 20_000, MONOTONIC_US + 20_000)
    assert again is first
    other = maker.make(view, (brief(160),), STATS, NOW_US, NOW_US + 20_000, MONOTONIC_US + 20_000)
    assert other is not first
    assert other.live == first.live


def test_ages_are_tenths_rounded_up_and_then_whole_units() -> None:
    assert data_age_text(-5) == "0.1 s"
    assert data_age_text(100_000) == "0.1 s"
    assert data_age_text(420_000) == "0.5 s"
    assert data_age_text(950_000) == "1 s"
    assert data_age_text(6_900_000) == "6 s"
    assert data_age_text(125_000_000) == "2 min"


def test_a_card_in_words_for_a_screen_reader() -> None:
    card = made(WorkerView(status=status(), live=live()), (brief(163),))
    assert card.description == "Admiral, simulated, feed A, flying, 1.42x, last 1.63"


def test_groups_are_feeds_unless_they_have_names_of_their_own() -> None:
    assert [group_words(each) for each in ("A", "Balkan", "")] == ["feed A", "Balkan", ""]
