"""Finding by a few letters."""

from gui.view_models.search import Entry, find

ENTRIES = [
    Entry(key=str(index), title=title, kind="command")
    for index, title in enumerate(("Admiral", "Šampion", "Pause Admiral", "Keys and commands", "Data"))
]


def titles(text: str) -> list[str]:
    return [entry.title for entry in find(ENTRIES, text)]


def test_an_empty_line_lists_everything_in_its_order() -> None:
    assert titles("") == [entry.title for entry in ENTRIES]


def test_a_beginning_comes_before_a_word_within() -> None:
    assert titles("adm") == ["Admiral", "Pause Admiral"]
    assert titles("com") == ["Keys and commands"]


def test_every_word_has_to_be_found() -> None:
    assert titles("pau adm") == ["Pause Admiral"]
    assert titles("pau zzz") == []


def test_accents_and_capitals_do_not_matter() -> None:
    assert titles("SAMP") == ["Šampion"]


def test_initials_are_found_last() -> None:
    assert titles("kac") == ["Keys and commands"]


def test_the_number_of_results_is_limited() -> None:
    assert len(find(ENTRIES, "", limit=2)) == 2
