"""SessionKeeperStats as values, from the live board alone: nothing of a session is ever stored."""

from collections.abc import Sequence

from data_layer.engine import BoardSnapshot, WorkerView
from data_layer.messages import SessionState
from gui.view_models import words
from gui.view_models.agents import AGENT_COLUMNS, agent_cells, agent_state, living
from gui.view_models.figure import Figure
from gui.view_models.stats_view import StatsView
from gui.view_models.tables import Cell, Column, Row, number_cell, text_cell
from gui.view_models.tones import Tone

TITLE = "Sessions"
AGENT = "session"
EMPTY = "No bookmakers are configured."
OVERDUE_AFTER_US = 5_000_000  # a keep-alive that is late by less is only waiting for its turn

_COLUMNS = (
    Column(key="bookmaker", title="bookmaker", stretch=True),
    Column(key="age", title="session age", tip="Time since the session was opened", numeric=True),
    Column(
        key="sent",
        title="keep-alives",
        tip="Keep-alives sent since the session was opened",
        numeric=True,
        spare=1,
    ),
    Column(key="due", title="next due", tip="Time until the next keep-alive", numeric=True),
    Column(
        key="life",
        title="last sign of life",
        tip="Time since the session last answered",
        numeric=True,
        spare=2,
    ),
    *AGENT_COLUMNS,
)


def view(snapshot: BoardSnapshot, *, now_us: int, monotonic_us: int) -> StatsView:
    """Return the widget's content as of `now_us`; a worker that does not run has no open session."""
    sessions = [_session(worker, monotonic_us) for worker in snapshot.workers]
    rows = [
        _row(worker, session, now_us, monotonic_us)
        for worker, session in zip(snapshot.workers, sessions, strict=True)
    ]
    open_ones = [session for session in sessions if session is not None]
    return StatsView(
        title=TITLE,
        tag=words.origin_tag(worker.live.origin for worker in snapshot.workers if worker.live is not None),
        note="live, from memory",
        figures=_figures(open_ones, len(rows), now_us),
        columns=_COLUMNS,
        rows=tuple(rows),
        empty=EMPTY,
    )


def _session(worker: WorkerView, monotonic_us: int) -> SessionState | None:
    """Return an open session: one of a living worker whose agent runs."""
    live = living(worker, monotonic_us)
    agent = agent_state(live, AGENT)
    return live.session if live is not None and agent is not None and agent.running else None


def _figures(sessions: Sequence[SessionState], workers: int, now_us: int) -> tuple[Figure, ...]:
    overdue = sum(1 for session in sessions if _overdue(session, now_us))
    oldest = min((session.opened_at_us for session in sessions), default=None)
    return (
        Figure(label="open now", text=f"{len(sessions)} of {workers}" if workers else words.NOTHING),
        Figure(
            label="keep-alives, these sessions",
            text=words.count_text(sum(session.keep_alives_sent for session in sessions)),
        ),
        Figure(label="overdue now", text=words.count_text(overdue), tone=Tone.WARN if overdue else Tone.TEXT),
        Figure(
            label="oldest session", text=words.NOTHING if oldest is None else words.age_text(now_us - oldest)
        ),
    )


def _overdue(session: SessionState, now_us: int) -> bool:
    return now_us - session.next_keep_alive_at_us > OVERDUE_AFTER_US


def _row(worker: WorkerView, session: SessionState | None, now_us: int, monotonic_us: int) -> Row:
    status, live = worker.status, worker.live
    tag = words.origin_tag((live.origin,)) if live is not None else ""
    if session is None:
        nothing = number_cell(words.NOTHING, None)
        cells: tuple[Cell, ...] = (nothing, nothing, nothing, nothing)
    else:
        age_us = now_us - session.opened_at_us
        silent_us = now_us - session.last_sign_of_life_at_us
        cells = (
            number_cell(words.age_text(age_us), age_us),
            number_cell(words.count_text(session.keep_alives_sent), session.keep_alives_sent),
            _due_cell(session, now_us),
            number_cell(f"{words.age_text(silent_us)} ago", silent_us),
        )
    return Row(
        key=status.bookmaker,
        cells=(text_cell(status.bookmaker, tag=tag), *cells, *agent_cells(worker, AGENT, monotonic_us)),
    )


def _due_cell(session: SessionState, now_us: int) -> Cell:
    left_us = session.next_keep_alive_at_us - now_us
    if _overdue(session, now_us):
        return number_cell(f"overdue {words.age_text(-left_us)}", left_us, tone=Tone.WARN)
    return number_cell("now" if left_us <= 0 else f"in {words.age_text(left_us)}", left_us)
