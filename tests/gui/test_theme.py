"""Contrast as WCAG 2.1 asks for it (1.4.3): 4.5 to 1 for text, 3 to 1 for large text."""

import pytest
from PySide6.QtGui import QColor, QFont

from gui import theme as module
from gui.theme import DARK, LIGHT, MEDIUM, SELECTED_SHARE, SEMIBOLD, TOKENS, Theme, font, text_font
from gui.view_models.tones import Tone

SMALL_TEXT = ("text", "muted", "accent", "ok", "warn", "bad", "paused", "low", "mid", "high")
GROUNDS = ("surface", "bg", "raised")


def _luminance(color: QColor) -> float:
    """Relative luminance, as WCAG 2.1 defines it."""
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (color.redF(), color.greenF(), color.blueF())
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: QColor, other: QColor) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_text_reaches_aa_on_every_ground_it_stands_on(theme: Theme) -> None:
    stands_on = {token: ("surface",) for token in SMALL_TEXT} | dict.fromkeys(("text", "muted"), GROUNDS)
    for token, grounds in stands_on.items():
        for ground in grounds:
            assert contrast(theme.color(token), theme.color(ground)) >= 4.5, (token, ground)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_faint_is_enough_for_large_text_only(theme: Theme) -> None:
    assert 3.0 <= contrast(theme.color("faint"), theme.color("surface")) < 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_text_on_a_selected_card_and_on_the_accent_reaches_aa(theme: Theme) -> None:
    selected = theme.blend("accent", "surface", SELECTED_SHARE)
    for token in set(SMALL_TEXT) - {"accent", "paused"}:  # these two are never text on a card
        assert contrast(theme.color(token), selected) >= 4.5, token
    assert contrast(theme.color("on_accent"), theme.color("accent")) >= 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_smaller_x_beside_a_multiplier_stays_readable(theme: Theme) -> None:
    for token in ("low", "mid", "high", "bad"):
        assert contrast(theme.blend(token, "surface", 0.8), theme.color("surface")) >= 3.0, token


def test_every_tone_is_a_token() -> None:
    assert {tone.value for tone in Tone} <= set(TOKENS)
    for theme in (DARK, LIGHT):
        assert all(QColor(getattr(theme, token)).isValid() for token in TOKENS)


def test_figures_are_of_one_width(qapp: object) -> None:
    from PySide6.QtGui import QFontMetricsF

    measures = QFontMetricsF(font(13))
    assert len({round(measures.horizontalAdvance(digit * 4), 2) for digit in "0123456789"}) == 1


def test_small_light_text_is_never_bolder_nor_wider_than_it_was_measured(qapp: object) -> None:
    from PySide6.QtGui import QFontMetricsF

    for pixels in (10, 13):
        plain, light = font(pixels, SEMIBOLD), text_font(pixels, DARK.color("muted"), SEMIBOLD)
        assert light.weight() <= plain.weight()
        for words in ("betting, 3.1 s left", "12,345.67x"):
            widths = [QFontMetricsF(each).horizontalAdvance(words) for each in (light, plain)]
            assert widths[0] <= widths[1]


@pytest.mark.parametrize(("up_to", "weight"), [(18.0, MEDIUM), (0.0, SEMIBOLD)])
def test_small_light_text_is_a_step_lighter_where_it_would_be_thickened(
    qapp: object, monkeypatch: pytest.MonkeyPatch, up_to: float, weight: QFont.Weight
) -> None:
    monkeypatch.setattr(module, "_thickened_up_to", lambda: up_to)
    monkeypatch.setattr(module, "_text_font", module._text_font.__wrapped__)  # not from the cache
    assert text_font(13, DARK.color("text"), SEMIBOLD).weight() == weight


def test_dark_text_and_large_text_are_as_bold_as_they_say(qapp: object) -> None:
    assert text_font(13, LIGHT.color("text"), SEMIBOLD) == font(13, SEMIBOLD)
    assert text_font(34, DARK.color("text"), SEMIBOLD) == font(34, SEMIBOLD)
