"""Classes as users write them, good and bad, in a file of their own."""

from pathlib import Path

SOURCE = '''\
import faulthandler
import multiprocessing
import os
import socket
import subprocess
import time

from data_layer.strategies.base import PaperStake, Strategy


class AfterLow(Strategy):
    """Bets twice the stake after every low round, nothing otherwise."""

    def __init__(self, after="2"):
        self.after = int(after)
        self.low = 0

    def next_bet(self, bankroll_minor):
        return PaperStake(100 * self.low, 150 + 50 * self.low) if self.low >= self.after else None

    def settle(self, won, crash_centi):
        self.low = self.low + 1 if crash_centi < 200 else 0


class EveryRound(Strategy):
    def next_bet(self, bankroll_minor):
        return (100, 200)


class Raises(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            raise ValueError("no such round")  # raises


class Loops(EveryRound):
    def settle(self, won, crash_centi):
        while crash_centi == 666:
            pass  # loops


class LoopsUnwatched(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            faulthandler.cancel_dump_traceback_later()
        while crash_centi == 666:
            pass


class LoopsInC(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            9 ** (9**10)  # loops in C


class Nonsense(Strategy):
    def next_bet(self, bankroll_minor):  # nonsense
        return "all of it"


class NoMoney(Strategy):
    def next_bet(self, bankroll_minor):
        return PaperStake(0, 200)


class Fraction(Strategy):
    def next_bet(self, bankroll_minor):
        return PaperStake(1.5, 200)


class TakesAllMemory(EveryRound):
    def settle(self, won, crash_centi):
        kept = []
        while crash_centi == 666:
            kept.append(bytearray(10_000_000))  # all memory


class TakesMemoryBitByBit(EveryRound):
    def settle(self, won, crash_centi):
        kept = []
        while crash_centi == 666: kept.append([crash_centi])  # bit by bit


class Leaves(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            os._exit(7)  # leaves


class Forks(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            os.fork()  # forks


class StartsAnother(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            subprocess.Popen(["sleep", "600"])  # starts another


class HidesAnother(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            spawn = multiprocessing.get_context("spawn")
            spawn.Process(target=time.sleep, args=(600,)).start()


class EndsUs(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            os.kill(os.getppid(), 15)  # ends us


class EndsAll(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            os.killpg(0, 15)  # ends all


class Reaches(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            socket.create_connection(("127.0.0.1", 9))  # reaches


class ClosesFiles(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            os.closerange(0, 1000)


class Speechless(Exception):
    def __str__(self):
        raise ValueError("no words")


class RaisesSpeechless(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            raise Speechless  # speechless


class RaisesNoUtf8(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            raise ValueError("\\udcff")  # no UTF-8


class Slower(EveryRound):
    """The later, the slower; a round takes 40 ms in the end."""

    rounds = 0

    def settle(self, won, crash_centi):
        self.rounds += 1
        time.sleep(0.04 if self.rounds > 60 else 0)


class Asks(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            raise SystemExit(input())  # asks


class Prints(EveryRound):
    def next_bet(self, bankroll_minor):
        print("to standard output", bankroll_minor)
        os.write(1, b"and past Python")
        return PaperStake(100, 200)


class NeedsMore(EveryRound):
    def __init__(self, colour):
        self.colour = colour


class NoStrategy:
    pass
'''


def line_of(remark: str) -> int:
    """Return the line that ends with a remark."""
    lines = SOURCE.splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.endswith(f"# {remark}"))


def write(directory: Path) -> Path:
    """Write them to a file; return it."""
    file = directory / "mine.py"
    file.write_text(SOURCE, encoding="utf-8")
    return file
