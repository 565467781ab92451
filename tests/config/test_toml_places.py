from typing import Any

import pytest

from config.toml_places import line_of, lines_of

TEXT = '''title = "x"
array = [
    1,  # [not a table]
    2,
]
text = """
[looks.like.a.table]
key = 3
"""
"dotted".'key' = 4  # = not this

[table]
inner = { a = 1, b = [1, 2] }

[[list]]
name = "first"
[list.sub]
deep = true

[[list]]
name = "second # not a comment"
escaped = "a \\" = [ b"
[list.sub]
deep = false
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 1),
        (("array",), 2),
        (("array", 1), 2),
        (("text",), 6),
        (("dotted", "key"), 10),
        (("table",), 12),
        (("table", "inner"), 13),
        (("table", "inner", "b", 0), 13),
        (("list", 0), 15),
        (("list", 0, "name"), 16),
        (("list", 0, "sub", "deep"), 18),
        (("list", 1), 20),
        (("list", 1, "name"), 21),
        (("list", 1, "sub"), 23),
        (("list", 1, "sub", "deep"), 24),
        (("looks",), None),
        (("key",), None),
    ],
)
def test_a_setting_is_found_on_its_line(path: tuple[Any, ...], line: int | None) -> None:
    assert line_of(lines_of(TEXT), path) == line


def test_text_that_is_no_toml_costs_nothing_but_lines() -> None:
    assert lines_of("[[\n= 3\n]]]\n'''\n\"\n[x") is not None
