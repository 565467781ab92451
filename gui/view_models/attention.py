"""The list of what needs the operator: problems of workers, of the writer, of the reader, worst first."""

from collections.abc import Sequence
from dataclasses import dataclass

from data_layer.engine import BoardSnapshot, RedisStatus, WorkerView
from data_layer.messages import WorkerState
from gui.view_models import redis as redis_words
from gui.view_models.cards import CardModel
from gui.view_models.tones import Tone
from gui.view_models.words import age_text, clock_text

WRITER_LATE_US = 3_000_000
_DAY_US = 86_400_000_000


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
    engine_trouble: str,
    reader_trouble: str,
    redis: RedisStatus,
    now_us: int,
    monotonic_us: int,
) -> tuple[Problem, ...]:
    """Return everything that is wrong now: broken before doubtful, newest first within each."""
    found = _engine(snapshot, engine_trouble, reader_trouble, now_us, monotonic_us)
    title, detail = redis_words.trouble(redis, snapshot.writer)
    if title:
        found.append(Problem(title, detail, Tone.WARN))
    found += [_of_card(card, now_us) for card in cards if card.alarm is not None]
    for view in snapshot.workers:
        found += _of_agents(view)
    found.sort(key=lambda problem: (problem.tone is not Tone.BAD, -problem.since_us))
    return tuple(found)


def _of_card(card: CardModel, now_us: int) -> Problem:
    condition = card.condition
    parts = [
        _since(condition.since_us, now_us),
        condition.note,
        condition.then,
    ]
    if condition.alarm is Tone.BAD and condition.since_us:
        parts.insert(1, f"{age_text(now_us - condition.since_us)} ago")
    detail = ", ".join(part for part in parts if part)
    return Problem(
        f"{card.head.name}: {condition.what}",
        detail,
        condition.alarm or Tone.WARN,
        card.head.name,
        condition.since_us,
    )


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
                f"restarts {instance.writer_restarts}; workers keep their rounds on disk meanwhile",
                Tone.BAD,
                since_us=now_us,
            )
        )
    elif writer is not None:
        late_us = monotonic_us - writer.heartbeat_us
        if late_us > WRITER_LATE_US:
            title = f"Writer: has not answered for {age_text(late_us)}"
            found.append(
                Problem(title, "workers keep their rounds on disk meanwhile", Tone.BAD, since_us=now_us)
            )
        elif writer.trouble:
            since = _since(writer.last_commit_at_us, now_us)
            detail = f"last commit {since}" if since else "nothing committed yet"
            found.append(Problem(f"Writer: {writer.trouble}", detail, Tone.BAD, since_us=now_us))
    if reader_trouble:
        found.append(Problem(f"Statistics: {reader_trouble}", "the figures shown may be old", Tone.WARN))
    return found


def _since(at_us: int, now_us: int) -> str:
    if not at_us:
        return ""
    if now_us - at_us > _DAY_US:
        return f"{age_text(now_us - at_us)} ago"
    return clock_text(at_us)
