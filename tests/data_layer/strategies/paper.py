"""Strategies as people would tell them, to hold the built-in ones against; and rounds to bet on."""

from hypothesis import strategies as st

from data_layer.strategies.catalogue import KINDS, Kind

# Many low crash points, some high ones: runs of either kind.
_CRASH = st.sampled_from([100, 101, 149, 150, 151, 199, 200, 250, 300, 1_000])
CRASHES = st.integers(0, 120).flatmap(lambda count: st.lists(_CRASH, min_size=count, max_size=count))


_VALUES = {
    "stake": st.integers(1, 300),
    "cashout": st.sampled_from([101, 150, 199, 200, 201, 300]),
    "limit": st.integers(300, 3_000),
    "factor": st.integers(101, 400),
    "wins": st.integers(1, 5),
    "unit": st.integers(1, 200),
    "advantage": st.integers(-20_000, 500_000),
    "part": st.integers(1, 1_000_000),
    "cap": st.integers(1, 1_000_000),
}


@st.composite
def games(draw: st.DrawFn, name: str) -> tuple[Kind, dict[str, int], int]:
    """Draw a strategy's parameters and a bankroll, that is often too small."""
    kind = KINDS[name]
    values = {parameter.name: draw(_VALUES[parameter.name]) for parameter in kind.parameters}
    return kind, values, draw(st.sampled_from([0, 300, 2_000, 10_000, 50_000]))


def texts_of(kind: Kind, values: dict[str, int]) -> dict[str, str]:
    """Return parameters as a question has them."""
    return {parameter.name: parameter.show(values[parameter.name]) for parameter in kind.parameters}


class Told:
    """One player's game, round by round, written down without cleverness."""

    def __init__(self, name: str, bankroll: int, values: dict[str, int]) -> None:
        self.name = name
        self.bankroll = bankroll
        self.values = values
        self.history: list[bool] = []  # of the bets, oldest first
        self.stakes: list[int] = []
        self.payouts: list[int] = []
        self.bankrolls: list[int] = []
        self.ruined_at_round: int | None = None

    def stake(self) -> int:
        """Return the next stake, from the whole history of won and lost bets."""
        return {
            "flat": lambda: self.values["stake"],
            "martingale": lambda: self._grown(_in_a_row(self.history, won=False)),
            "anti-martingale": lambda: self._grown(_in_a_row(self.history, won=True) % self.values["wins"]),
            "dalembert": self._dalembert,
            "fibonacci": self._fibonacci,
            "kelly": self._kelly,
        }[self.name]()

    def _grown(self, times: int) -> int:
        stake = self.values["stake"]
        for _ in range(times):
            stake = min(-(-stake * self.values["factor"] // 100), self.values["limit"])
        return stake

    def _dalembert(self) -> int:
        first, unit = self.values["stake"], self.values["unit"]
        highest = (self.values["limit"] - first) // unit
        step = 0
        for won in self.history:
            step = max(0, step - 1) if won else min(highest, step + 1)
        return first + step * unit

    def _fibonacci(self) -> int:
        first, limit = self.values["stake"], self.values["limit"]
        numbers = [1, 1]
        while numbers[-1] * first < limit:
            numbers.append(numbers[-1] + numbers[-2])
        stakes = [min(limit, number * first) for number in numbers]
        highest = stakes.index(limit) if limit in stakes else len(stakes) - 1
        place = 0
        for won in self.history:
            place = max(0, place - 2) if won else min(highest, place + 1)
        return stakes[place]

    def _kelly(self) -> int:
        values = self.values
        share = values["advantage"] * 100 // (values["cashout"] - 100) * values["part"] // 10**6
        share = min(share, values["cap"])
        return 0 if share <= 0 else min(max(self.bankroll * share // 10**6, values["stake"]), values["limit"])

    def play(self, crashes: list[int]) -> "Told":
        """Bet on every round until the money does not suffice."""
        for number, crash in enumerate(crashes, 1):
            stake = self.stake()
            if stake > self.bankroll:
                self.ruined_at_round = number
                break
            won = crash >= self.values["cashout"]
            paid = stake * self.values["cashout"] // 100 if won else 0
            self.bankroll += paid - stake
            if stake:
                self.history.append(won)
            self.stakes.append(stake)
            self.payouts.append(paid)
            self.bankrolls.append(self.bankroll)
        return self


def _in_a_row(history: list[bool], *, won: bool) -> int:
    row = 0
    for outcome in reversed(history):
        if outcome is not won:
            break
        row += 1
    return row
