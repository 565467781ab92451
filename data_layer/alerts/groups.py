"""One alert and what it stands for: several bookmakers with one trouble are one alert that lists them."""

import collections
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from data_layer.alerts.conditions import Condition
from data_layer.alerts.episodes import Episode
from data_layer.alerts.model import Alert, AlertKind, Mute, Severity

MOST_CONSEQUENCES = 20  # lines that one alert lists
_LISTED = 8  # names that the detail of an alert lists


@dataclass(slots=True)
class Group:
    """An alert in the making: what it says is computed whenever it is asked."""

    uid: str
    rule: str
    kind: AlertKind
    severity: Severity
    raised_at_us: int
    members: dict[str, Episode] = field(default_factory=dict)  # by subject, those that are not well again
    said: dict[str, Condition] = field(default_factory=dict)  # by subject, of all that joined
    consequences: dict[tuple[str, str], None] = field(default_factory=dict)  # bookmaker and what, in order
    count: int = 0
    told: bool = False  # it was delivered to the outside
    ended_at_us: int | None = None
    end_reason: str = ""

    @property
    def since_us(self) -> int:
        """When the trouble of its first member began."""
        return min(condition.since_us for condition in self.said.values())

    @property
    def bookmakers(self) -> tuple[str, ...]:
        """All whom it is about, in the order they joined."""
        return tuple(dict.fromkeys(one.bookmaker for one in self.said.values() if one.bookmaker))

    def join(self, episode: Episode) -> None:
        """Take in an episode that has become active."""
        condition = episode.condition
        self.members[condition.subject] = episode
        self.said[condition.subject] = condition
        if condition.momentary or not self.count:
            self.count += condition.count

    def carry_on(self, episode: Episode, *, came_back: bool) -> None:
        """Take note of a member's last condition. Words stay unless they tell of something else."""
        condition = episode.condition
        known = self.said[condition.subject]
        if condition.momentary or known.what != condition.what:
            self.said[condition.subject] = condition
        if condition.momentary or came_back:
            self.count += condition.count

    def leave(self, subject: str) -> None:
        """Take note that a member is well again, with the last that was known of it."""
        episode = self.members.pop(subject, None)
        if episode is not None:
            self.said[subject] = episode.condition

    def end(self, reason: str, now_us: int) -> None:
        """End the alert, whoever is still in it."""
        for subject in list(self.members):
            self.leave(subject)
        self.ended_at_us, self.end_reason = now_us, reason

    def muted(self, mutes: Sequence[Mute]) -> bool:
        """Tell whether everything that the alert is about is silenced by one of `mutes`."""
        names = self.bookmakers or ("",)
        return all(any(mute.covers(self.rule, name) for mute in mutes) for name in names)

    def alert(self, *, muted: bool) -> Alert:
        """Return the alert as it is now."""
        bookmakers = self.bookmakers
        title, detail = _title(list(self.said.values()), bookmakers)
        ill = {episode.condition.bookmaker for episode in self.members.values()}
        ended = self.ended_at_us is not None
        return Alert(
            uid=self.uid,
            rule=self.rule,
            kind=self.kind,
            severity=self.severity,
            title=_plain(title),
            detail=_plain(detail),
            bookmakers=bookmakers,
            recovered=() if ended else tuple(name for name in bookmakers if name not in ill),
            consequences=tuple(map(_plain, _summed_up(self.consequences))),
            since_us=self.since_us,
            raised_at_us=self.raised_at_us,
            ended_at_us=self.ended_at_us,
            end_reason=self.end_reason,
            count=self.count,
            muted=muted,
        )


def _plain(text: str) -> str:
    """Return `text` as UTF-8 takes it: reasons come from sites, which send halves of surrogate pairs too."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _title(said: Sequence[Condition], bookmakers: Sequence[str]) -> tuple[str, str]:
    """Return title and detail for what one, several or no bookmakers have in common."""
    if len(bookmakers) > 1:
        troubles = collections.Counter(one.what for one in said)
        [(what, _)] = troubles.most_common(1)
        if len(troubles) > 1:
            what = f"{what}, and other troubles"
        names, comma = list(bookmakers), ", "
        if len(troubles) > 1 or any(one.words for one in said):  # then each has something of its own to say
            names, comma = [f"{name}: {_joined(said, name)}" for name in bookmakers], "; "
        listed = comma.join(names[:_LISTED])
        more = len(names) - _LISTED
        return f"{len(names)} bookmakers: {what}", f"{listed} and {more} more" if more > 0 else listed
    words = "; ".join(dict.fromkeys(one.words or one.what for one in said))
    detail = "; ".join(dict.fromkeys(one.detail for one in said if one.detail))
    return f"{bookmakers[0]}: {words}" if bookmakers else words, detail


def _joined(said: Sequence[Condition], name: str) -> str:
    return ", ".join(dict.fromkeys(one.words or one.what for one in said if one.bookmaker == name))


def _summed_up(consequences: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return one line for each kind of consequence: "Admiral: ...", "12 bookmakers: ..."."""
    alike: dict[str, list[str]] = {}
    for name, what in consequences:
        alike.setdefault(what, []).append(name)
    lines = [
        f"{names[0] if len(names) == 1 else f'{len(names)} bookmakers'}: {what}"
        for what, names in alike.items()
    ]
    return tuple(lines[:MOST_CONSEQUENCES])
