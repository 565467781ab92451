"""Classes as users write them, good and bad, in a file of their own."""

from pathlib import Path

SOURCE = '''\
import os

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
        while crash_centi == 666:
            kept.append([crash_centi])  # bit by bit


class Leaves(EveryRound):
    def settle(self, won, crash_centi):
        if crash_centi == 666:
            os._exit(7)


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
