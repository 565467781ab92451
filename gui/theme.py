"""The two themes: colour tokens, the palette Qt's own widgets use, and the fonts."""

import sys
from dataclasses import dataclass, fields
from functools import lru_cache

from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette, QRawFont, qGray

from gui.view_models.tones import Tone


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as #rrggbb, by what they are used for."""

    name: str
    bg: str  # behind cards
    surface: str  # cards, rail, header, panes
    raised: str  # buttons, selected entries, tracks
    line: str  # 1 px borders
    text: str
    muted: str
    faint: str  # large stale text only
    accent: str  # flight, selection, progress, focus ring
    on_accent: str  # text on the accent
    ok: str
    warn: str
    bad: str
    paused: str
    low: str  # multipliers under 2x
    mid: str  # from 2x
    high: str  # from 10x

    def color(self, token: Tone | str, alpha: float = 1.0) -> QColor:
        """Return the colour of a tone or token; `alpha` from 0 (invisible) to 1."""
        return _color(getattr(self, token), alpha)

    def blend(self, token: Tone | str, ground: Tone | str, share: float) -> QColor:
        """Return `share` (0 to 1) of one token over another, opaque: cheaper to paint than alpha."""
        return _blend(getattr(self, token), getattr(self, ground), share)


@lru_cache(maxsize=256)
def _color(value: str, alpha: float) -> QColor:
    color = QColor(value)
    color.setAlphaF(alpha)
    return color


@lru_cache(maxsize=256)
def _blend(over: str, under: str, share: float) -> QColor:
    a, b = QColor(over), QColor(under)
    return QColor(
        round(a.red() * share + b.red() * (1 - share)),
        round(a.green() * share + b.green() * (1 - share)),
        round(a.blue() * share + b.blue() * (1 - share)),
    )


DARK = Theme(
    name="dark",
    bg="#0e1116",
    surface="#161b22",
    raised="#1d242d",
    line="#2b333e",
    text="#e8ebf0",
    muted="#93a0b0",
    faint="#667384",
    accent="#5b9dff",
    on_accent="#0e1116",
    ok="#3fb68b",
    warn="#e3a008",
    bad="#f0565b",
    paused="#8b95a3",
    low="#58b8ff",
    mid="#a98bff",
    high="#ff6ac1",
)

LIGHT = Theme(
    name="light",
    bg="#f4f6f9",
    surface="#ffffff",
    raised="#eef1f5",
    line="#d8dee6",
    text="#161b22",
    muted="#566273",
    faint="#8793a3",
    accent="#1f6feb",
    on_accent="#ffffff",
    ok="#1a7f5a",
    warn="#8f5f00",
    bad="#c62a2f",
    paused="#6b7685",
    low="#0b6bb5",
    mid="#6b3fd6",
    high="#b3177a",
)

SELECTED_SHARE = 0.07  # of the accent in the ground of what is selected; more would cost text its contrast

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
TOKENS = tuple(field.name for field in fields(Theme) if field.name != "name")


def palette(theme: Theme) -> QPalette:
    """Return what Fusion paints standard widgets with."""
    made = QPalette()
    role = QPalette.ColorRole
    for each, token in (
        (role.Window, "surface"),
        (role.WindowText, "text"),
        (role.Base, "surface"),
        (role.AlternateBase, "raised"),
        (role.Text, "text"),
        (role.PlaceholderText, "muted"),
        (role.Button, "raised"),
        (role.ButtonText, "text"),
        (role.BrightText, "bad"),
        (role.ToolTipBase, "raised"),
        (role.ToolTipText, "muted"),  # its border, too
        (role.Highlight, "accent"),
        (role.HighlightedText, "on_accent"),
        (role.Accent, "accent"),
        (role.Link, "accent"),
        (role.LinkVisited, "accent"),
        (role.Light, "raised"),
        (role.Midlight, "raised"),
        (role.Mid, "line"),
        (role.Dark, "line"),
        (role.Shadow, "bg"),
    ):
        made.setColor(each, theme.color(token))
    for each in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, each, theme.color("faint"))
    return made


@lru_cache(maxsize=1)
def interface_family() -> str:
    """Return Inter where it is installed, else the system's interface font."""
    if "Inter" in QFontDatabase.families():
        return "Inter"
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


@lru_cache(maxsize=64)
def font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal, *, tabular: bool = True) -> QFont:
    """Return the interface font, with figures of one width where it is `tabular`.

    Treat it as read-only: it is shared.
    """
    made = QFont(interface_family())
    made.setPixelSize(pixels)
    made.setWeight(weight)
    # Said either way: what a font leaves open, a painter takes from the widget's font.
    made.setFeature(QFont.Tag("tnum"), int(tabular))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)  # lighter, and widths that scale
    return made


@lru_cache(maxsize=1)
def _thickened_up_to() -> float:
    """Return the size in pixels up to which Qt draws light text on dark a step bolder than its weight.

    With FreeType it darkens the stems of PostScript outlines and blends them with a gamma, which takes from
    dark text and adds to light text.
    """
    face = QRawFont.fromFont(font(13))
    if sys.platform in ("darwin", "win32") or face.fontTable("CFF ").isEmpty():
        return 0.0
    application = QGuiApplication.instance()
    ratio = application.devicePixelRatio() if isinstance(application, QGuiApplication) else 1.0
    return _THICKENED_DEVICE_PIXELS / ratio


def text_font(
    pixels: int, color: QColor, weight: QFont.Weight = QFont.Weight.Normal, *, tabular: bool = True
) -> QFont:
    """Return the interface font such that small text of `color` looks as bold as `weight` says.

    It is never wider than `font` of the same size, with which texts are measured. Treat it as read-only.
    """
    return _text_font(pixels, color.rgb(), weight, tabular)


@lru_cache(maxsize=256)
def _text_font(pixels: int, rgb: int, weight: QFont.Weight, tabular: bool) -> QFont:
    if pixels <= _thickened_up_to() and qGray(rgb) > _LIGHT_GRAY:
        weight = _LIGHTER.get(weight, weight)
    return font(pixels, weight, tabular=tabular)


@lru_cache(maxsize=4)
def mono_font(pixels: int = 12) -> QFont:
    """Return the system's fixed-pitch font, for logs only. Treat it as read-only: it is shared."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    made.setPixelSize(pixels)
    return made


SEMIBOLD = QFont.Weight.DemiBold
MEDIUM = QFont.Weight.Medium
_THICKENED_DEVICE_PIXELS = 18  # larger text gains little
_LIGHT_GRAY = 128  # of 255: between the text colours of the two themes
_LIGHTER = {
    SEMIBOLD: MEDIUM,
    MEDIUM: QFont.Weight.Normal,
    QFont.Weight.Normal: QFont.Weight.Light,
}
