"""A card paints what has changed and nothing else."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from data_layer.engine import WorkerView
from data_layer.messages import Phase, WorkerState
from gui.sample.window import make_sample
from gui.theme import DARK, LIGHT, SEMIBOLD, Theme
from gui.view_models.cards import CardMaker, CardModel
from gui.view_models.overview import Overview
from gui.view_models.wall import CardSize
from gui.widgets import card_compact
from gui.widgets.card import Card
from gui.widgets.card_full import changed_parts
from gui.widgets.card_row import row_columns, value_size
from gui.widgets.painting import NORMAL, elided_before, text_width
from tests.gui.fakes import MONOTONIC_US, NOW_US, SECOND_US, brief, live, status

SIZES = {CardSize.FULL: (319, 180), CardSize.COMPACT: (191, 59), CardSize.ROW: (700, 26)}


def model(**fields: object) -> CardModel:
    view = WorkerView(status=status(), live=live("Admiral", **fields))
    return CardMaker().make(view, (brief(163), brief(1086, 2)), None, 0, NOW_US, MONOTONIC_US)


def shown(qtbot: QtBot, model: CardModel, size: CardSize, theme: Theme = DARK) -> Card:
    card = Card(model, theme)
    qtbot.addWidget(card)
    card.resize(*SIZES[size])
    card.set_size(size)
    return card


def picture(card: Card) -> QImage:
    return card.grab().toImage()


@pytest.mark.parametrize("size", list(CardSize))
def test_painting_only_the_changed_parts_gives_the_same_picture_as_painting_all(
    qtbot: QtBot, tmp_path: Path, size: CardSize
) -> None:
    sample = make_sample(8, tmp_path)
    clock = sample.dependencies
    overview = Overview(sample.reader, sample.engine)
    cards: list[Card] = []
    advance = sample.engine.now_us.__self__.advance  # type: ignore[attr-defined]  # the sample clock's
    for _ in range(25):
        models = overview.update(sample.engine.snapshot(), clock.now_us(), clock.monotonic_us())
        if not cards:
            cards = [shown(qtbot, each, size) for each in models]
            for card in cards:
                card.show()
        for card, each in zip(cards, models, strict=True):
            card.show_model(each)
        qtbot.wait(1)  # lets the pending paints happen
        advance(1.3)
    for card in cards:
        partly = card.screen().grabWindow(card.winId()).toImage()
        if partly.isNull():
            pytest.skip("this platform cannot read back what is on the screen")
        whole = picture(card).convertToFormat(partly.format())
        assert partly == whole


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("size", list(CardSize))
def test_every_state_can_be_painted(qtbot: QtBot, size: CardSize, theme: Theme) -> None:
    pictures = set()
    for state in WorkerState:
        view = WorkerView(status=status("Ставка 博彩", state=state, reason="why"), live=live())
        card = shown(qtbot, CardMaker().make(view, (), None, 0, NOW_US, MONOTONIC_US), size, theme)
        card.set_selected(True)
        image = picture(card)
        pictures.add(bytes(image.constBits()))
    assert len(pictures) >= 5


def test_only_the_part_that_changed_is_painted_again() -> None:
    before = model()
    flown = changed_parts(before, model(multiplier_centi=150), 319, 180)
    assert [(part.top(), part.height()) for part in flown] == [(50, 57)]
    assert changed_parts(before, before, 319, 180) == []
    silent = model(observed_at_us=NOW_US - 60 * SECOND_US)
    assert [part.height() for part in changed_parts(before, silent, 319, 180)] == [180]


def test_a_card_without_a_foot_shows_the_age_beside_the_crash_points(qtbot: QtBot) -> None:
    before, later = model(observed_at_us=NOW_US), model(observed_at_us=NOW_US - SECOND_US // 2)
    assert [(part.top(), part.bottom()) for part in changed_parts(before, later, 319, 180)] == [(131, 177)]
    assert [(part.top(), part.bottom()) for part in changed_parts(before, later, 319, 140)] == [(107, 130)]
    pictures = []
    for each in (before, later):
        card = shown(qtbot, each, CardSize.FULL)
        card.resize(319, 124)
        pictures.append(picture(card))
    assert pictures[0] != pictures[1]


def test_an_equal_model_is_not_painted_again(qtbot: QtBot) -> None:
    for size in CardSize:
        card = shown(qtbot, model(), size)
        assert not card.show_model(model())
        assert card.show_model(model(multiplier_centi=143))


def test_huge_and_tiny_values_fit(qtbot: QtBot) -> None:
    for centi in (1, 100, 99_999, 999_999, 123_456_789_00):
        for size in CardSize:
            assert not picture(shown(qtbot, model(multiplier_centi=centi), size)).isNull()
    assert model(multiplier_centi=123_456_789).live.value == "1,234,567"


@pytest.mark.parametrize("width", [240, 330, 700])
def test_a_row_of_any_width_tells_a_paused_bookmaker_from_a_stopped_one(qtbot: QtBot, width: int) -> None:
    pictures = []
    for reason in ("paused by you", "stopped by you"):
        view = WorkerView(status=status(state=WorkerState.PAUSED, reason=reason), live=live())
        card = shown(qtbot, CardMaker().make(view, (), None, 0, NOW_US, MONOTONIC_US), CardSize.ROW)
        card.resize(width, 21)
        pictures.append(picture(card))
    assert pictures[0] != pictures[1]


def test_a_compact_card_with_room_shows_the_reason_and_the_crash_points(qtbot: QtBot) -> None:
    def changes(height: int) -> list[bool]:
        pictures = []
        for recent in ((), (brief(163),)):
            for phase in (Phase.FLYING, Phase.CRASHED):
                view = WorkerView(status=status(), live=live(phase=phase, multiplier_centi=0))
                card = CardMaker().make(view, recent, None, 0, NOW_US, MONOTONIC_US)
                widget = shown(qtbot, card, CardSize.COMPACT)
                widget.resize(191, height)
                pictures.append(picture(widget))
        first, other_phase, other_points, _ = pictures
        return [first != other_phase, first != other_points]

    assert changes(59) == [False, True]
    assert changes(84) == [True, True]


@pytest.mark.usefixtures("inter")
def test_the_end_of_a_reason_stays_readable() -> None:
    text = "/data/recordings/rounds.csv: a binary file, restart in 48 s"
    cut = elided_before(text, "restart in 48 s", 11, NORMAL, 220)
    assert cut.endswith("…, restart in 48 s")
    assert text_width(cut, 11) <= 220
    assert elided_before("short", "restart in 48 s", 11, NORMAL, 220) == "short"
    assert elided_before(text, "", 11, NORMAL, 100).endswith("…")


def test_a_betting_window_without_an_end_has_no_countdown() -> None:
    assert model(phase=Phase.BETTING, phase_ends_at_us=0).live.figure is None


def test_a_focus_that_only_comes_back_gets_no_ring(qtbot: QtBot) -> None:
    card = shown(qtbot, model(), CardSize.FULL)
    plain = picture(card)

    def focused(reason: Qt.FocusReason) -> QImage:
        card.focusInEvent(QFocusEvent(QFocusEvent.Type.FocusIn, reason))
        return picture(card)

    assert focused(Qt.FocusReason.MouseFocusReason) == plain
    assert focused(Qt.FocusReason.ActiveWindowFocusReason) == plain
    ringed = focused(Qt.FocusReason.TabFocusReason)
    assert ringed != plain
    card.focusOutEvent(QFocusEvent(QFocusEvent.Type.FocusOut, Qt.FocusReason.PopupFocusReason))
    assert focused(Qt.FocusReason.PopupFocusReason) == ringed


def test_a_right_click_keeps_the_selection_it_is_part_of(qtbot: QtBot) -> None:
    card = shown(qtbot, model(), CardSize.FULL)
    clicks: list[str] = []
    card.clicked.connect(lambda name, *_: clicks.append(name))
    card.set_selected(True)
    QTest.mouseClick(card, Qt.MouseButton.RightButton)
    assert clicks == []
    card.set_selected(False)
    QTest.mouseClick(card, Qt.MouseButton.RightButton)
    assert clicks == ["Admiral"]


def test_a_card_says_its_name_and_state_to_a_screen_reader(qtbot: QtBot) -> None:
    card = shown(qtbot, model(), CardSize.FULL)
    assert card.accessibleName() == "Admiral"
    assert "flying" in card.accessibleDescription()
    card.show_model(model(observed_at_us=NOW_US - 60 * SECOND_US))
    assert "no data" in card.accessibleDescription()


@pytest.mark.usefixtures("inter")
def test_a_multiplier_is_never_cut_in_a_narrow_row() -> None:
    (column,) = (column for column in row_columns(250) if column.key == "value")
    sizes = []
    for text in ("1.42x", "1,310.74x", "19,420.03x", "100,000.00x"):
        sizes.append(value_size(text, column.width))
        assert text_width(text, sizes[-1], SEMIBOLD) <= column.width
    assert sizes[0] == 13
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.usefixtures("inter")
def test_a_long_name_gets_smaller_figures_beside_it_in_a_compact_card() -> None:
    sizes = [card_compact.value_size(name, 191) for name in ("Admiral", "Bookmaker 31", "W" * 40)]
    assert sizes[0] == 19
    assert sizes[0] > sizes[1] >= sizes[2] == 15
    assert card_compact.value_size("Bookmaker 11", 191) == sizes[1]
    room = 191 - 10 - 26 - 8 - text_width("10.39x", sizes[1], SEMIBOLD)
    assert text_width("Bookmaker 31", 13, SEMIBOLD) <= room
