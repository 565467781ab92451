"""Pictures of the window with sample data: `python -m gui.screenshots OUT.png --bookmakers 50 --theme light`.

Needs no display and no engine. The same command always gives the same picture on the same machine.
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

_PATIENCE = 1_000  # looks, 20 ms apart, until a page has all that it asked for


def render(
    out: Path,
    *,
    bookmakers: int = 8,
    theme: str = "dark",
    size: tuple[int, int] = (1366, 768),
    page: str = "wall",
    wall_size: str = "auto",
    troubles: bool = True,
    names: Sequence[str] = (),
) -> None:
    """Write a picture of the window. An application must not exist yet, or be this process's own."""
    from PySide6.QtWidgets import QApplication

    from gui.app import make_application
    from gui.main_window import MainWindow
    from gui.sample.window import make_sample
    from gui.theme import THEMES
    from gui.view_models.wall import WallSize

    application = QApplication.instance() or make_application(["aviator"])
    with tempfile.TemporaryDirectory() as data_dir:
        sample = make_sample(bookmakers, Path(data_dir), troubles=troubles, bookmakers=list(names) or None)
        window = MainWindow(sample.dependencies)
        window.set_theme(THEMES[theme])
        window.resize(*size)
        window.set_wall_size(WallSize(wall_size))
        window.open_page(_pages().index(page.lower()))
        window.show()
        application.processEvents()
        sample.logs.emit_samples()
        for _ in range(12):
            window.sample()
            application.processEvents()
            application.thread().msleep(20)  # the log is handed over at its own pace
        for _ in range(_PATIENCE):
            if not window.stack.page.is_settling():
                break
            application.processEvents()
            application.thread().msleep(20)
        for _ in range(5):  # heights that follow from widths need a few rounds
            application.processEvents()
        picture = window.grab()
        window.close()
        window.deleteLater()
        if not picture.save(str(out)):
            raise OSError(f"{out} cannot be written")


def _size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{2,5})x(\d{2,5})", text.lower())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size: give pixels as 1366x768")
    return int(found[1]), int(found[2])


def _pages() -> list[str]:
    from gui.pages.registry import PAGES

    return [entry.title.lower() for entry in PAGES]


def main(arguments: Sequence[str] | None = None) -> int:
    """Render what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m gui.screenshots", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--bookmakers", type=int, default=8)
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--size", type=_size, default="1366x768", metavar="WIDTHxHEIGHT")
    parser.add_argument("--page", type=str.lower, choices=_pages(), default="wall")
    parser.add_argument("--cards", default="auto", choices=("auto", "full", "compact", "table"))
    given = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        render(
            given.out,
            bookmakers=given.bookmakers,
            theme=given.theme,
            size=given.size,
            page=given.page,
            wall_size=given.cards,
        )
    except OSError as error:
        parser.exit(1, f"{parser.prog}: {error}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
