"""Tips that show words as they are: what looks like HTML stays text, and what is long is wrapped and cut."""

from html import escape

_ONE_LINE = 100  # characters that need no wrapping
_MOST = 2_000


def tip(text: str) -> str:
    """Return `text`, which may come from outside, such that Qt shows it as it is written."""
    if len(text) > _MOST:
        text = text[:_MOST].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
    if len(text) <= _ONE_LINE and not {"<", "&"} & set(text):
        return text
    return f'<p style="white-space:pre-wrap">{escape(text)}</p>'
