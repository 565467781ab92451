"""All alerts of one run: what the rules found, step by step, becomes alerts that are raised, change and end.

Nothing here reads a clock, a file or a socket: the caller gives the time and what was found, and delivers
what comes back. For one thread.
"""

import enum
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from data_layer.alerts.conditions import Condition
from data_layer.alerts.episodes import Episode, Stage
from data_layer.alerts.groups import Group
from data_layer.alerts.model import KINDS, Alert, AlertKind, Mute, Rule

OVER = "over"
QUIET_US = 15_000_000  # between two changes of an alert that are of words or counts alone
_FOUND_IN_LOOKS = (AlertKind.DRIFT, AlertKind.INTEGRITY)  # all at once, whenever they began
_CAUSES = (AlertKind.WRITER, AlertKind.REDIS)  # kinds whose troubles explain others
_SECOND_US = 1_000_000

Findings = Mapping[str, Sequence[Condition] | None]
"""By name of the rule; None, or no entry, where nothing is known at the moment."""

_Causes = Mapping[AlertKind, Sequence[Group]]


class What(enum.Enum):
    """What happened to an alert."""

    RAISED = "raised"  # also when the mute of one that is active has ended
    CHANGED = "changed"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One step in the life of an alert. Window and history take all of them."""

    what: What
    alert: Alert
    tell: bool  # it also goes to the log, to Redis and to the webhook: it is not muted


class AlertBook:
    """Keeps the alerts between steps."""

    def __init__(self, run: str, *, group_s: float = 10.0) -> None:
        """`run` begins every uid. Troubles of one rule that began within `group_s` seconds are one alert."""
        self._run = run
        self._group_us = round(group_s * _SECOND_US)
        self._numbers = itertools.count(1)
        self._episodes: dict[str, dict[str, Episode]] = {}  # by rule and subject
        self._groups: list[Group] = []  # that have not ended
        self._shown: dict[str, tuple[Alert, int]] = {}  # by uid: as it was last told, and when (monotonic)

    def active(self) -> tuple[Alert, ...]:
        """Return the alerts that have not ended: the worst first, of those the newest."""
        found = [alert for alert, _ in self._shown.values()]
        found.sort(key=lambda one: (-one.severity.rank, -one.raised_at_us, one.uid))
        return tuple(found)

    def step(
        self,
        rules: Sequence[Rule],
        findings: Findings,
        mutes: Iterable[Mute],
        *,
        now_us: int,
        monotonic_us: int,
    ) -> list[Change]:
        """Take what `rules` found at one moment; return what has changed by that, in order.

        `now_us` is the wall clock, for what people read and for the ends of mutes; `monotonic_us` never jumps
        and is what hold-on and hold-off are measured with.
        """
        in_force = {rule.name: rule for rule in rules if rule.enabled}
        self._drop_ruleless(in_force, now_us)
        causes = self._causes(in_force.values(), findings)
        for rule in in_force.values():
            found = findings.get(rule.name)
            if found is not None:
                self._take(rule, found, causes, now_us, monotonic_us)
        return self._changes([mute for mute in mutes if mute.until_us > now_us], now_us, monotonic_us)

    def end_all(self, reason: str, *, now_us: int) -> list[Change]:
        """End every alert, as when the run ends."""
        for group in self._groups:
            group.end(reason, now_us)
        self._episodes.clear()
        return self._changes((), now_us, 0)

    def _causes(self, rules: Iterable[Rule], findings: Findings) -> _Causes:
        """Return the kinds that explain others at the moment, with their alerts where there are any yet."""
        found: dict[AlertKind, list[Group]] = {}
        for rule in rules:
            if rule.kind in _CAUSES:
                groups = [group for group in self._groups if group.rule == rule.name]
                if groups or findings.get(rule.name):
                    found.setdefault(rule.kind, []).extend(groups)
        return found

    def _take(
        self,
        rule: Rule,
        conditions: Sequence[Condition],
        causes: _Causes,
        now_us: int,
        monotonic_us: int,
    ) -> None:
        episodes = self._episodes.setdefault(rule.name, {})
        seen = _folded(conditions)
        raised = []
        for subject, condition in seen.items():
            episode = episodes.get(subject)
            if episode is None:
                episode = episodes[subject] = Episode(rule.name, condition, since_us=monotonic_us)
            if not episode.open and condition.cause is not None and condition.cause in causes:
                episode.remember(condition)
                episode.defer(monotonic_us)
                for cause in causes[condition.cause]:
                    cause.consequences.setdefault((condition.bookmaker, condition.what))
            elif self._see(rule, episode, condition, monotonic_us):
                raised.append(episode)
        for subject in [subject for subject in episodes if subject not in seen]:
            if self._miss(rule, subject, episodes[subject], monotonic_us):
                del episodes[subject]
        self._raise(rule, raised, causes, now_us, monotonic_us)

    def _see(self, rule: Rule, episode: Episode, condition: Condition, monotonic_us: int) -> bool:
        """Carry a condition into its episode and alert; tell whether an alert is to be raised."""
        was = episode.stage
        if episode.see(rule, condition, monotonic_us):
            return True
        for group in self._groups_of(rule, condition.subject):
            group.carry_on(episode, came_back=was is Stage.CLEARING)
        return False

    def _miss(self, rule: Rule, subject: str, episode: Episode, monotonic_us: int) -> bool:
        """Take note that a condition is gone; tell whether its episode can be forgotten."""
        if episode.miss(rule, monotonic_us):
            for group in self._groups_of(rule, subject):
                group.leave(subject)
        return episode.forgettable(rule, monotonic_us)

    def _groups_of(self, rule: Rule, subject: str) -> list[Group]:
        return [group for group in self._groups if group.rule == rule.name and subject in group.members]

    def _raise(
        self, rule: Rule, raised: list[Episode], causes: _Causes, now_us: int, monotonic_us: int
    ) -> None:
        raised.sort(key=lambda episode: episode.condition.since_us)
        for episode in raised:
            if self._groups_of(rule, episode.condition.subject):
                continue  # brought along by the one before
            group = self._group_for(rule, episode.condition)
            if group is not None:
                group.join(episode)
                continue
            uid = f"{self._run}-{next(self._numbers)}"
            group = Group(uid, rule.name, rule.kind, rule.severity, now_us)
            self._groups.append(group)
            group.join(episode)
            self._bring_along(rule, group, causes, monotonic_us)

    def _group_for(self, rule: Rule, condition: Condition) -> Group | None:
        """Return the alert of a trouble that began as this one did."""
        if not condition.bookmaker or not KINDS[rule.kind].by_bookmaker:
            return None
        for group in self._groups:
            if group.rule == rule.name and group.members and self._akin(rule, group, condition):
                return group
        return None

    def _akin(self, rule: Rule, group: Group, condition: Condition) -> bool:
        """Tell whether a trouble seems to be the one of an alert: it began as that did.

        What is found in one look begins with the look, so then it has to be the same, or of the same one.
        """
        if abs(condition.since_us - group.since_us) > self._group_us:
            return False
        if rule.kind not in _FOUND_IN_LOOKS or group.bookmakers == (condition.bookmaker,):
            return True
        return {one.what for one in group.said.values()} == {condition.what}

    def _bring_along(self, rule: Rule, group: Group, causes: _Causes, monotonic_us: int) -> None:
        """Take in those who are about to follow, so that the first word tells of all."""
        for episode in self._episodes[rule.name].values():
            condition = episode.condition
            near = self._akin(rule, group, condition)
            explained = condition.cause is not None and condition.cause in causes
            if episode.stage is Stage.PENDING and near and condition.bookmaker and not explained:
                episode.activate(rule, monotonic_us)
                group.join(episode)

    def _drop_ruleless(self, in_force: Mapping[str, Rule], now_us: int) -> None:
        """End what stands for rules that were switched off or removed, or are about something else now."""
        for group in self._groups:
            rule = in_force.get(group.rule)
            if rule is None:
                group.end("its rule was switched off", now_us)
            elif rule.kind is not group.kind or not any(map(rule.concerns, group.bookmakers or ("",))):
                self._episodes.pop(rule.name, None)
                group.end("its rule was changed", now_us)
        for name in [name for name in self._episodes if name not in in_force]:
            del self._episodes[name]

    def _changes(self, mutes: Sequence[Mute], now_us: int, monotonic_us: int) -> list[Change]:
        changes = []
        for group in self._groups:
            if not group.members and group.ended_at_us is None:
                group.end(OVER, now_us)
            change = self._change(group, mutes, monotonic_us)
            if change is not None:
                changes.append(change)
        self._groups = [group for group in self._groups if group.ended_at_us is None]
        return changes

    def _change(self, group: Group, mutes: Sequence[Mute], monotonic_us: int) -> Change | None:
        """Return what is new of one alert, None where nothing is that would be worth a word now."""
        shown, shown_us = self._shown.get(group.uid, (None, 0))
        if group.ended_at_us is not None:
            self._shown.pop(group.uid, None)
            return Change(what=What.ENDED, alert=group.alert(muted=not group.told), tell=group.told)
        muted = group.muted(mutes)
        alert = group.alert(muted=muted)
        if alert == shown:
            return None
        first_word = not group.told and not muted
        if shown is not None and not first_word and monotonic_us - shown_us < QUIET_US:
            alike = msgspec.structs.replace(
                alert, title=shown.title, detail=shown.detail, count=shown.count, severity=shown.severity
            )
            if alike == shown:
                return None
        self._shown[group.uid] = (alert, monotonic_us)
        group.told |= first_word
        if shown is None or first_word:
            return Change(what=What.RAISED, alert=alert, tell=first_word)
        return Change(what=What.CHANGED, alert=alert, tell=group.told and not muted)


def _folded(conditions: Sequence[Condition]) -> dict[str, Condition]:
    """Return the last condition of each subject; several moments of one are one that counts them."""
    found: dict[str, Condition] = {}
    for condition in conditions:
        before = found.get(condition.subject)
        if before is not None:
            condition = replace(condition, count=before.count + condition.count)
        found[condition.subject] = condition
    return found
