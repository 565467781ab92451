"""What the tests of the settings load, and the problems that loading tells."""

from collections.abc import Callable

import pytest

from config.problems import InvalidSettingsError
from config.settings import Settings

SIMULATED = '[[bookmakers]]\nname = "{}"\nsource = {{ kind = "simulator" }}\n'

Load = Callable[..., Settings]


def problems_of(load: Load, *args: object, **named: object) -> list[str]:
    with pytest.raises(InvalidSettingsError) as caught:
        load(*args, **named)
    return [str(problem) for problem in caught.value.problems]
