"""Tips that show words as they are: what looks like HTML stays text, and what is long is wrapped and cut."""

_ONE_LINE = 100  # characters that need no wrapping
_MOST = 2_000


def tip(text: str) -> str:
    """Return `text`, which may come from outside, such that Qt shows it as it is written."""
    if len(text) > _MOST:
        text = text[:_MOST].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
    if len(text) <= _ONE_LINE and not {"<", "&"} & set(text):
        return text
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<p style="white-space:pre-wrap">{escaped}</p>'
