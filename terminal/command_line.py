"""The words of the command line: which command they name, and what is to be done.

typer only reads the words: a command's function returns what is to be done, and that is done outside of
typer, which has its own ways with interruptions and broken pipes. A command loads nothing it does not use.
"""

from collections.abc import Sequence

import typer

from data_layer.errors import UsageError
from terminal.commands import data, questions, running
from terminal.commands.words import COMMON
from terminal.options import CommonOptions
from terminal.parts import Parts


def run(words: Sequence[str], options: CommonOptions, parts: Parts) -> int:
    """Run the command that `words` name and return its exit code.

    Raises `UsageError` for words that do not fit, and whatever the command raises.
    """
    command = typer.main.get_command(_app(options, parts))
    try:
        action = command.main(list(words), prog_name="main.py", standalone_mode=False)
    except typer.TyperException as error:
        fault = " ".join(error.format_message().split())
        raise UsageError(f"{fault.rstrip('.')}; main.py --help shows what there is") from None
    return action() if callable(action) else 0


def _app(options: CommonOptions, parts: Parts) -> typer.Typer:
    app = typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="Watch crash games at many bookmakers. Without a command: the window.",
        epilog=COMMON,
    )
    running.add_runs(app, options, parts)
    running.add_views(app, options, parts)
    questions.add_stats(app, options)
    running.add_checks(app, options, parts)
    data.add_recordings(app, options)
    data.add_copies(app, options)
    questions.add_verify(app, options)
    questions.add_backtest(app, options)
    return app
