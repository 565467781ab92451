"""The list of what needs the operator: problems of workers, of the writer, of the reader, worst first."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from data_layer.alerts.model import Alert, AlertKind, Severity
from data_layer.engine import BoardSnapshot, RedisStatus, WorkerView
from data_layer.messages import WorkerState
from gui.view_models import redis as redis_words
from gui.view_models.alerts import said_by_board
from gui.view_models.cards import CardModel
from gui.view_models.restarts import Restart
from gui.view_models.tones import Tone
from gui.view_models.words import age_text, clock_text

WRITER_LATE_US = 3_000_000
_SETTLING_US = 3_000_000  # of a new run, in which there may be nothing to read yet
_MANY = 4  # bookmakers with the same trouble become one entry
_NAMED = 5  # of them by name
_KEPT = "workers keep their rounds on disk meanwhile"
_DAY_US = 86_400_000_000
_LIVE_KINDS = (AlertKind.STALL, AlertKind.WORKER, AlertKind.WRITER, AlertKind.REDIS)
_RANKS = {Tone.BAD: 0, Tone.WARN: 1}


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of the list."""

    title: str  # "StarBet: no data for 41 s"
    detail: str  # "02:13:33, its rhythm is 22 s"
    tone: Tone
    bookmaker: str = ""  # whose card it is about; empty for the engine's own troubles
    since_us: int = 0


def problems(
    snapshot: BoardSnapshot,
    cards: Sequence[CardModel],
    *,
    restarts: Sequence[Restart] = (),
    alerts: Sequence[Alert] = (),
    engine_trouble: str,
    reader_trouble: str,
    redis: RedisStatus,
    now_us: int,
    monotonic_us: int,
) -> tuple[Problem, ...]:
    """Return what is wrong now, broken before doubtful, then what has just failed and runs again.

    The newest comes first within each. Of the active `alerts` the critical ones are wrong, too, muted ones
    quietly after all others, and warnings that are not muted; none of those that the board shows already.
    """
    found = _engine(snapshot, engine_trouble, reader_trouble, now_us, monotonic_us)
    told = {card.head.name for card in cards if card.alarm is Tone.BAD}
    if any(problem.tone is Tone.BAD for problem in found):
        told.add("")
    for title, detail in (
        redis_words.trouble(redis, snapshot.writer, only_way=redis_words.is_only_way(snapshot)),
        redis_words.stream_trouble(redis, snapshot.writer),
    ):
        if title:
            found.append(Problem(title, detail, Tone.WARN))
    found += _of_cards([card for card in cards if card.alarm is not None], now_us)
    for view in snapshot.workers:
        found += _of_agents(view)
    untold = [alert for alert in alerts if not said_by_board(alert, told)]
    found += _of_alerts(untold, snapshot.writer is not None and "" not in told, now_us)
    found += _of_restarts(restarts)
    found.sort(key=lambda problem: (_RANKS.get(problem.tone, len(_RANKS)), -problem.since_us))
    return tuple(found)


def _of_cards(cards: Sequence[CardModel], now_us: int) -> list[Problem]:
    """Return one entry for each card, and a single one for what many have in common: it has one cause."""
    alike: dict[tuple[Tone | None, str], list[CardModel]] = defaultdict(list)
    for card in cards:
        alike[card.alarm, card.condition.what].append(card)
    found = []
    for (tone, what), group in alike.items():
        if len(group) < _MANY or tone is None:
            found += [_of_card(card, now_us) for card in group]
            continue
        names = _some([card.head.name for card in group])
        since_us = max(card.condition.since_us for card in group)
        found.append(Problem(f"{len(group)} bookmakers: {what}", names, tone, since_us=since_us))
    return found


def _some(names: Sequence[str]) -> str:
    """Return as many names as an entry has room for, and how many more there are."""
    if len(names) <= _NAMED:
        return ", ".join(names)
    return f"{', '.join(names[: _NAMED - 1])} and {len(names) - _NAMED + 1} more"


def _of_card(card: CardModel, now_us: int) -> Problem:
    condition = card.condition
    parts = [condition.then, _since(condition.since_us, now_us)]
    if condition.alarm is Tone.BAD and condition.since_us:
        parts.append(f"{age_text(now_us - condition.since_us)} ago")
    parts.append(condition.note)
    detail = ", ".join(part for part in parts if part)
    return Problem(
        f"{card.head.name}: {condition.what}",
        detail,
        condition.alarm or Tone.WARN,
        card.head.name,
        condition.since_us,
    )


def _of_alerts(alerts: Sequence[Alert], writer_is_well: bool, now_us: int) -> list[Problem]:
    return [
        _of_alert(alert, alert.kind is AlertKind.WRITER and writer_is_well, now_us)
        for alert in alerts
        if alert.active and (alert.severity is Severity.CRITICAL or _asks(alert))
    ]


def _of_alert(alert: Alert, gone: bool, now_us: int) -> Problem:
    """Return an alert as a problem; of what is `gone` already it only waits whether it stays away."""
    tone = Tone.BAD if alert.severity is Severity.CRITICAL else Tone.WARN
    detail = "well again, and watched for a while" if gone else alert.detail
    parts = (detail, _since(alert.since_us, now_us), "muted" if alert.muted else "")
    return Problem(
        alert.title,
        ", ".join(part for part in parts if part),
        Tone.PAUSED if alert.muted else Tone.ACCENT if gone else tone,
        alert.bookmaker,
        alert.since_us,
    )


def _asks(alert: Alert) -> bool:
    """Tell whether an alert that is not critical wants the operator: not a muted one, nor a remark, nor what
    cards and the troubles above say by themselves, and sooner take back."""
    return alert.severity is Severity.WARNING and not alert.muted and alert.kind not in _LIVE_KINDS


def _of_restarts(restarts: Sequence[Restart]) -> list[Problem]:
    """Return one entry for each, and a single one for many workers that failed alike."""
    alike: dict[tuple[Tone, str], list[Restart]] = defaultdict(list)
    for restart in restarts:
        alike[restart.tone, restart.reason if restart.name else ""].append(restart)
    found = []
    for (tone, reason), group in alike.items():
        if len(group) < _MANY or not reason:
            found += [_of_restart(restart) for restart in group]
            continue
        names = _some([restart.name for restart in group])
        at_us = max(restart.at_us for restart in group)
        title = f"{len(group)} bookmakers: {reason}, run again"
        found.append(Problem(title, f"{clock_text(at_us)}, {names}", tone, since_us=at_us))
    return found


def _of_restart(restart: Restart) -> Problem:
    title = f"{restart.name or 'Writer'}: {restart.reason}, runs again"
    return Problem(title, restart.detail, restart.tone, restart.name, restart.at_us)


def _of_agents(view: WorkerView) -> list[Problem]:
    live = view.live
    if live is None or view.status.state is not WorkerState.RUNNING:
        return []
    name = view.status.bookmaker
    return [
        Problem(
            f"{name}: {agent.name} agent {agent.reason or 'does not run'}",
            f"restarted {agent.restarts} times; rounds go on" if agent.restarts else "rounds go on",
            Tone.WARN,
            name,
        )
        for agent in live.agents
        if not agent.running and agent.reason
    ]


def _engine(
    snapshot: BoardSnapshot, engine_trouble: str, reader_trouble: str, now_us: int, monotonic_us: int
) -> list[Problem]:
    found = []
    if engine_trouble:
        found.append(Problem(engine_trouble, "the engine does not run", Tone.BAD, since_us=now_us))
    instance, writer = snapshot.instance, snapshot.writer
    if instance is not None and instance.writer_state in (WorkerState.BACKING_OFF, WorkerState.FAILED):
        found.append(
            Problem(
                f"Writer: {instance.writer_reason or 'does not run'}",
                _KEPT,
                Tone.BAD,
                since_us=now_us,
            )
        )
    elif writer is not None:
        late_us = monotonic_us - writer.heartbeat_us
        if late_us > WRITER_LATE_US:
            title = f"Writer: has not answered for {age_text(late_us)}"
            found.append(Problem(title, _KEPT, Tone.BAD, since_us=now_us))
        elif writer.trouble:
            since = _since(writer.last_commit_at_us, now_us)
            detail = f"last commit {since}" if since else "nothing committed yet"
            found.append(Problem(f"Writer: {writer.trouble}", detail, Tone.BAD, since_us=now_us))
    settled = instance is not None and now_us - instance.started_at_us > _SETTLING_US
    if reader_trouble and settled:
        found.append(Problem(f"Statistics: {reader_trouble}", "the figures shown may be old", Tone.WARN))
    return found


def _since(at_us: int, now_us: int) -> str:
    if not at_us:
        return ""
    if now_us - at_us > _DAY_US:
        return f"{age_text(now_us - at_us)} ago"
    return clock_text(at_us)
