"""Classes of the user's own over recorded rounds: each runs in a process of its own, and none is left."""

import contextlib
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest

from data_layer.analytics.backtest.answer import own_bets
from data_layer.strategies import own_class, own_run
from data_layer.strategies.base import StrategyError, StrategyFaultError
from data_layer.strategies.own_class import OwnClass
from data_layer.strategies.own_protocol import pack
from data_layer.strategies.own_run import OwnRun
from tests.data_layer.strategies import own_classes

BAD = 666  # the crash point at which the bad ones turn bad
WITHIN_S = 0.3  # for those that never return
PATIENCE_S = 30.0  # with all others, on a machine that is busy


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return own_classes.write(tmp_path)


@contextmanager
def running(file: Path, name: str, **settings: str) -> Iterator[OwnRun]:
    within_s = WITHIN_S if name.startswith("Loops") else PATIENCE_S
    with own_run.opened(own_class.located(file, name, settings), within_s=within_s) as run:
        yield run


def play(run: OwnRun, crashes: list[int], bankroll: int = 10_000) -> list[tuple[int, int]]:
    bets = own_bets(run, np.array(crashes), bankroll)
    assert bets is not None
    return list(zip(bets[0].tolist(), bets[1].tolist(), strict=True))


def test_it_bets_as_it_says_and_sees_every_round(file: Path) -> None:
    with running(file, "AfterLow", after="1") as run:
        assert play(run, [100, 150, 100, 300, 100, 500]) == [
            (0, 0),
            (100, 200),
            (200, 250),
            (300, 300),
            (0, 0),
            (100, 200),
        ]


def test_many_rounds_come_in_batches_that_grow_and_give_the_same(file: Path) -> None:
    crashes = np.random.default_rng(1).choice([100, 150, 250, 700], 3_000).tolist()
    with running(file, "AfterLow") as run:
        in_batches = play(run, crashes, 10**9)
        assert run.batch > own_run.FIRST_BATCH
    with running(file, "AfterLow") as run:
        run.batch = len(crashes)
        assert play(run, crashes, 10**9) == in_batches


def test_ruin_repeats_the_stake_that_could_not_be_paid(file: Path) -> None:
    with running(file, "EveryRound") as run:
        assert play(run, [100] * 100, 250) == [(100, 200)] * 100
        played = run.play([100] * 5, 150)
        assert played.ruined


@pytest.mark.parametrize(
    ("name", "words", "remark"),
    [
        ("Raises", "ValueError: no such round", "raises"),
        ("Loops", "did not return within 0.3 s", ""),
        ("LoopsUnwatched", "did not return within 0.3 s", ""),
        ("LoopsInC", "did not return within 0.3 s", "loops in C"),
        ("Nonsense", "next_bet returned 'all of it', neither None nor PaperStake(1 to ", "nonsense"),
        ("NoMoney", "next_bet returned PaperStake(stake_minor=0, cashout_centi=200), neither", ""),
        ("Fraction", "next_bet returned PaperStake(stake_minor=1.5, cashout_centi=200), neither", ""),
        ("Leaves", "SystemExit: 7", "leaves"),
        ("Forks", "PermissionError: a paper strategy must not start a process", "forks"),
        ("StartsAnother", "PermissionError: a paper strategy must not start a process", "starts another"),
        ("EndsUs", "PermissionError: a paper strategy must not send a signal to other processes", "ends us"),
        ("EndsAll", "PermissionError: a paper strategy must not send a signal", "ends all"),
        ("Reaches", "PermissionError: a paper strategy must not reach the network", "reaches"),
        ("ClosesFiles", "closed files that are not its own", ""),
        ("RaisesSpeechless", "Speechless: its text cannot be had", "speechless"),
        ("RaisesNoUtf8", "ValueError: \\udcff", "no UTF-8"),
        ("Asks", "EOFError: EOF when reading a line", "asks"),
    ],
)
def test_a_bad_one_is_stopped_and_named_with_its_line(file: Path, name: str, words: str, remark: str) -> None:
    with running(file, name) as run:
        process = psutil.Process(run.pid)
        with pytest.raises(StrategyFaultError) as caught:
            run.play([200, BAD, 200], 10_000)
    assert str(caught.value).startswith(f"mine.py:{name}: ")
    assert words in str(caught.value)
    if remark:
        assert f", line {own_classes.line_of(remark)} in " in str(caught.value)
    assert not process.is_running()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no session to end there")
def test_what_it_starts_behind_the_interpreters_back_ends_with_it(file: Path) -> None:
    with running(file, "HidesAnother") as run:
        run.play([BAD], 10_000)
        others = psutil.Process(run.pid).children(recursive=True)
        assert others
    _, alive = psutil.wait_procs(others, timeout=PATIENCE_S)
    assert not alive


def test_one_that_becomes_slow_is_given_fewer_rounds_at_once(file: Path) -> None:
    """It returns from every call: it is never told that it does not."""
    with own_run.opened(own_class.located(file, "Slower"), within_s=PATIENCE_S) as run:
        assert play(run, [200] * 120) == [(100, 200)] * 120
        assert run.batch < 64


@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_AS"), reason="only on Linux: limits of memory")
@pytest.mark.parametrize(
    ("name", "remark"), [("TakesAllMemory", "all memory"), ("TakesMemoryBitByBit", "bit by bit")]
)
def test_one_that_takes_too_much_memory_is_named(file: Path, name: str, remark: str) -> None:
    own = own_class.located(file, name)
    with (
        own_run.opened(own, within_s=20.0, memory_bytes=192 * 1024 * 1024) as run,
        pytest.raises(StrategyFaultError) as caught,
    ):
        run.play([BAD], 10_000)
    assert "MemoryError" in str(caught.value)
    assert f", line {own_classes.line_of(remark)} in settle" in str(caught.value)


def test_what_it_prints_disturbs_nothing(file: Path) -> None:
    with running(file, "Prints") as run:
        assert play(run, [100, 200, 100]) == [(100, 200)] * 3


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("AfterLo", "has no class AfterLo that is a Strategy; there is AfterLow"),
        ("NoStrategy", "has no class NoStrategy that is a Strategy; there is"),
        ("NeedsMore", "TypeError: NeedsMore.__init__() missing 1 required positional argument: 'colour'"),
    ],
)
def test_a_class_that_cannot_be_made_is_named(file: Path, name: str, words: str) -> None:
    with pytest.raises(StrategyFaultError) as caught, running(file, name):
        pass
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"class Mine(\n    pass\n", "SyntaxError: '(' was never closed, line 1"),
        (b"\nNAME = 'caf\xe9'\n", "SyntaxError: (unicode error) 'utf-8' codec can't decode byte 0xe9"),
    ],
)
def test_a_file_that_is_no_python_is_named_with_its_line(tmp_path: Path, text: bytes, words: str) -> None:
    file = tmp_path / "mine.py"
    file.write_bytes(text)
    with (
        pytest.raises(StrategyFaultError, match=rf"mine.py:Mine: {re.escape(words)}"),
        running(file, "Mine"),
    ):
        pass


def test_a_file_that_never_ends_loading_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_class, "LOAD_WITHIN_S", 0.5)
    monkeypatch.setattr(own_run, "_GRACE_S", PATIENCE_S)  # in which it has to start
    file = tmp_path / "mine.py"
    file.write_text("while True:\n    pass\n")
    with (
        pytest.raises(StrategyFaultError, match=r"did not return within 0\.5 s, line"),
        running(file, "Mine"),
    ):
        pass


def test_what_names_no_class_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StrategyError, match=r"does not name a class; as mine\.py:Mine"):
        own_class.named("mine.py")
    with pytest.raises(StrategyError, match="no such file"):
        own_class.named(f"{tmp_path / 'none.py'}:Mine")
    file = own_classes.write(tmp_path)
    own = own_class.named(f"{file}:EveryRound")
    assert own == OwnClass(file=file, class_name="EveryRound")
    assert own.describe() == "python mine.py:EveryRound"


def test_a_process_ends_when_nobody_asks_any_more(file: Path) -> None:
    with subprocess.Popen(
        own_class.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=own_class.working_directory()
    ) as process:
        assert process.stdin is not None
        process.stdin.write(pack(own_class.located(file, "EveryRound").load()))
        process.stdin.close()
        assert process.wait(timeout=PATIENCE_S) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends with its time")
def test_a_process_that_loops_dies_with_its_parent(file: Path) -> None:
    """A parent of its own starts it, has it loop for a minute, tells its pid and dies."""
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from data_layer.strategies import own_class\n"
        "from data_layer.strategies.own_run import OwnRun\n"
        "from data_layer.strategies.own_protocol import Play, pack\n"
        "run = OwnRun(own_class.located(Path(sys.argv[1]), 'Loops'), 60.0)\n"
        "run.load()\n"
        "stdin = run._process.stdin\n"
        "stdin.write(pack(Play(crashes_centi=[666], bankroll_minor=10**6, within_s=60.0)))\n"
        "stdin.flush()\n"
        "print(run.pid, flush=True)\n"
        "os._exit(0)\n"
    )
    command = [sys.executable, "-c", script, str(file)]
    told = subprocess.run(
        command,
        cwd=own_class.working_directory(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(int(told.stdout)).wait(timeout=PATIENCE_S)


def test_what_the_asking_process_uses_is_not_held_against_it(file: Path) -> None:
    """A process begins with the peak of the one that started it in the kernel's books."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from data_layer.strategies import own_class, own_run\n"
        "large = b'x' * (300 * 1024 * 1024)\n"
        "with own_run.opened(own_class.located(Path(sys.argv[1]), 'EveryRound')) as run:\n"
        "    for _ in range(4):\n"
        "        run.play([200] * 65_536, 10**9)\n"
    )
    command = [sys.executable, "-c", script, str(file)]
    subprocess.run(command, cwd=own_class.working_directory(), timeout=60, check=True)


def test_what_a_question_cannot_carry_is_refused(tmp_path: Path) -> None:
    file = own_classes.write(tmp_path)
    for settings in ({"file": "x"}, {"class": "x"}, {"changed": "1"}, {"1x": "1"}):
        with pytest.raises(StrategyError, match="cannot be the name of a setting"):
            own_class.parameters(own_class.located(file, "AfterLow", settings))
    with pytest.raises(StrategyError, match="not UTF-8"):
        own_class.parameters(own_class.located(file, "AfterLow", {"after": "\udcff"}))
    if sys.platform == "linux":
        named = file.rename(tmp_path / "m\udcff.py")
        with pytest.raises(StrategyError, match="its name is not UTF-8"):
            own_class.located(named, "AfterLow")
