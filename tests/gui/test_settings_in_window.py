"""What is chosen on the settings page takes effect in the window, and the other way round."""

from pytestqt.qtbot import QtBot

from gui import window_memory
from gui.main_window import MainWindow
from gui.pages.registry import PAGES
from gui.pages.settings import SettingsPage
from gui.sample.window import Sample
from gui.view_models.wall import WallSize


def test_choices_on_the_settings_page_are_the_windows_and_are_remembered(
    qtbot: QtBot, sample: Sample
) -> None:
    window = MainWindow(sample.dependencies)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    window.open_page([page.title for page in PAGES].index("Settings"))
    page = window.stack.page
    assert isinstance(page, SettingsPage)
    assert (page.themes.key, page.sizes.key) == ("dark", "auto")
    page.themes.click("light")
    page.sizes.click("compact")
    assert window.theme.name == "light"
    assert window.wall.wanted_size is WallSize.COMPACT
    window.toggle_theme()
    window.next_wall_size()
    assert (page.themes.key, page.sizes.key) == ("dark", "table")
    window.close()
    remembered = window_memory.load(sample.dependencies.data_dir)
    assert (remembered.theme, remembered.wall_size) == ("dark", WallSize.ROW)
