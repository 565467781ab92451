"""Tips show what comes from outside as it is written."""

from PySide6.QtGui import QTextDocument

from gui.widgets.tips import tip


def written(text: str) -> str:
    document = QTextDocument()
    document.setHtml(tip(text))
    return document.toPlainText()


def test_what_looks_like_html_stays_text() -> None:
    for text in ("<b>Bold & Co</b>", "a < b && c", "&lt;html&gt;", "got <html>\n  <body>"):
        assert written(text) == text


def test_short_words_stay_as_they_are() -> None:
    assert tip("Admiral  simulated\nflying") == "Admiral  simulated\nflying"


def test_a_long_line_is_wrapped_and_a_very_long_one_cut(qapp: object) -> None:
    assert tip("word " * 100).startswith("<p")
    assert written("word " * 100).split() == ["word"] * 100
    assert len(written("x" * 1_000_000)) == 2_001
