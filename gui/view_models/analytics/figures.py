"""Shares, intervals, probabilities and evidence as the operator reads them."""

import math

from data_layer.analytics.questions import Interval
from gui.view_models.tones import Tone
from gui.view_models.words import NOTHING

SMALL = 30  # rounds; fewer tell next to nothing of a share, whose interval is then 34 points wide

_MINUS, _TO = "\N{MINUS SIGN}", " to "
_LEAST_SHOWN_P = 0.001


def threshold_text(centi: int) -> str:
    """Return 150 as "1.5x", 200 as "2x" and 10000 as "100x"."""
    return f"{centi / 100:,.2f}".rstrip("0").rstrip(".") + "x"


def share_text(share: float | None) -> str:
    """Return a share in percent with as many digits as help: "48.5 %", "0.97 %", "0.012 %"."""
    if share is None:
        return NOTHING
    return f"{_percent(share)} %"


def share_interval_text(interval: Interval | None) -> str:
    """Return "47.3 to 50.1 %"."""
    if interval is None:
        return NOTHING
    digits = _digits(interval.high)
    return f"{_percent(interval.low, digits)}{_TO}{_percent(interval.high, digits)} %"


def signed_points(points: float | None) -> str:
    """Return a difference of percentages: "+1.2", minus signs as such."""
    if points is None:
        return NOTHING
    return _signed(f"{points:+.2f}")


def points_interval_text(interval: Interval | None) -> str:
    """Return "-0.4 to +2.8" of percentage points."""
    if interval is None:
        return NOTHING
    return f"{_signed(f'{interval.low:+.2f}')}{_TO}{_signed(f'{interval.high:+.2f}')}"


def signed_interval_text(interval: Interval | None) -> str:
    """Return an interval of shares that may be negative, as that of an edge: "-0.9 to 6.5 %"."""
    if interval is None:
        return NOTHING
    return f"{_signed(f'{100 * interval.low:.1f}')}{_TO}{_signed(f'{100 * interval.high:.1f}')} %"


def signed_share_text(share: float | None) -> str:
    """Return a share that may be negative: "2.8 %"."""
    return NOTHING if share is None else f"{_signed(f'{100 * share:.1f}')} %"


def p_text(p_value: float | None) -> str:
    """Return a p-value: "0.31", "0.004", "< 0.001"."""
    if p_value is None:
        return NOTHING
    if p_value < _LEAST_SHOWN_P:
        return "< 0.001"
    return f"{p_value:.2f}" if p_value >= 0.1 else f"{p_value:.3f}"


def p_tone(p_value: float | None) -> Tone:
    """Return the tone of a p-value: quiet unless it would be rare by chance."""
    if p_value is None:
        return Tone.MUTED
    return Tone.WARN if p_value < 0.01 else Tone.TEXT


def chance_text(probability: float | None) -> str:
    """Return how likely something is: "74 %", "1.2 %", "1 in 3,400"."""
    if probability is None:
        return NOTHING
    if probability <= 0:
        return "below 1 in a million million"
    if probability < 0.001:
        one_in = 1 / probability
        if one_in >= 1e12:
            return "below 1 in a million million"
        return f"1 in {_rounded(one_in):,}"
    if probability > 0.999:
        return "above 99.9 %"
    few_digits = 0.1 <= probability < 0.99  # "100 %" would be a certainty
    return f"{100 * probability:.0f} %" if few_digits else f"{100 * probability:.1f} %"


def evidence(log_e: float | None) -> str:
    """Return an e-value in words, from its natural logarithm.

    The steps are those of Jeffreys (Theory of Probability, 3rd ed. 1961, appendix B): 1, 10^(1/2), 10,
    10^(3/2) and 100, which Vovk and Wang (E-values, Annals of Statistics 49, 2021) use for e-values.
    """
    if log_e is None:
        return NOTHING
    tens = log_e / math.log(10)
    for limit, words in ((0.0, "none"), (0.5, "hardly any"), (1.0, "some"), (1.5, "strong")):
        if tens <= limit:
            return words
    return "very strong" if tens <= 2 else "decisive"


def e_text(log_e: float | None) -> str:
    """Return an e-value from its natural logarithm: "0.31", "4.2", "130", "10^8"."""
    if log_e is None:
        return NOTHING
    if log_e > math.log(1e6):
        return f"10^{log_e / math.log(10):.0f}"
    value = math.exp(log_e)
    if value < 0.01:
        return "below 0.01"
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _digits(share: float) -> int:
    """Return how many decimals of a percentage help."""
    percent = 100 * abs(share)
    if percent >= 2 or percent == 0:
        return 1
    return min(4, 2 - math.floor(math.log10(percent)) - 1) if percent < 1 else 2


def _percent(share: float, digits: int | None = None) -> str:
    return f"{100 * share:.{_digits(share) if digits is None else digits}f}"


def _signed(text: str) -> str:
    """Return a number with a minus sign of its own, and without any sign where it is shown as zero."""
    return text.lstrip("+-") if not text.strip("+-0.") else text.replace("-", _MINUS)


def _rounded(value: float) -> int:
    """Return a number to two figures, as a rarity needs no more."""
    step = 10.0 ** max(0, math.floor(math.log10(value)) - 1)
    return round(round(value / step) * step)
