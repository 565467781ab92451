"""Every value that crosses a process border, and nothing else: what each field means is said here once.

Units are in the names: `_us` are UTC microseconds since the epoch, `_centi` hundredths of a multiplier,
`_minor` minor units of a currency. `None` means that the source did not say. All structs are `array_like`:
a round costs 60 to 100 bytes as MessagePack, and fields may only ever be added at the end.
"""

import enum

import msgspec

from config.redis_target import RedisTarget


class Phase(enum.StrEnum):
    """Where a bookmaker's round is."""

    WAITING = "waiting"  # nothing seen yet, or the source is between rounds without a betting window
    BETTING = "betting"
    FLYING = "flying"
    CRASHED = "crashed"


class Origin(enum.IntEnum):
    """Where a round came from. Stored with the round, so that nothing simulated can pass for a real one."""

    LIVE = 0
    SIMULATOR = 1
    CHAIN = 2
    REPLAY = 3
    IMPORT = 4


class Flag(enum.IntFlag):
    """Remarks on a round, stored as one integer."""

    LATE = 1  # arrived after a round of the same bookmaker that crashed later
    GAP_BEFORE = 2  # rounds are known or suspected to be missing right before this one
    CORRECTED = 4  # a later message completed what this round said (never its crash point)


class WorkerState(enum.StrEnum):
    """What the supervisor says of one worker."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    BACKING_OFF = "backing off"
    FAILED = "failed"
    STOPPED = "stopped"


class _Wire(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Base of everything that is sent or stored as MessagePack: immutable and compact."""


# Records: what a worker delivers and the writer stores.


class Crossing(_Wire, frozen=True, kw_only=True):
    """A threshold that a flight reached. A jump over several thresholds reports each of them."""

    threshold_centi: int
    actual_centi: int  # the first multiplier seen at or above the threshold
    crossed_at_us: int | None = None
    players_left: int | None = None  # still in the round at that moment
    stake_left_minor: int | None = None


class Round(_Wire, tag=1, frozen=True, kw_only=True):
    """One finished round."""

    bookmaker: str
    round_id: str  # unique per bookmaker
    crash_centi: int  # at least 100
    started_at_us: int | None = None  # take-off, the end of the betting window
    crashed_at_us: int | None = None  # None only for recordings without times
    duration_ms: int | None = None  # of the flight
    players_total: int | None = None
    players_cashed_out: int | None = None
    stake_minor: int | None = None  # of all players together
    payout_minor: int | None = None
    currency: str | None = None
    hash: str | None = None
    seed: str | None = None
    verified: bool | None = None  # recomputed from its hash: equal, different, or not tried
    received_at_us: int
    flags: int = 0  # of `Flag`
    origin: Origin
    position: int = 0  # in the delivering stream, rising, 1-based; 0 where the stream has no positions
    crossings: tuple[Crossing, ...] = ()


class Rejected(_Wire, tag=2, frozen=True, kw_only=True):
    """An input that could not become a round; it ends in `quarantine`."""

    bookmaker: str
    reason: str  # one line; equal faults give equal text, so that they can be counted
    place: str  # where in the input: "row 6281", "message 12"
    raw: str  # the input as text, cut to 4,096 characters
    received_at_us: int
    position: int = 0


class Gap(_Wire, tag=3, frozen=True, kw_only=True):
    """A stretch in which rounds were or may have been missed."""

    bookmaker: str
    started_at_us: int
    ended_at_us: int | None = None
    reason: str
    missing: int | None = None  # rounds, where the ids tell
    position: int = 0


class Bet(_Wire, tag=4, frozen=True, kw_only=True):
    """A settled bet on paper. No code path places a real one."""

    bookmaker: str
    round_id: str
    strategy: str
    placed_at_us: int
    stake_minor: int
    cashout_centi: int
    payout_minor: int  # 0 when lost
    bankroll_minor: int  # after this bet
    currency: str


class RgbSample(_Wire, tag=5, frozen=True, kw_only=True):
    """Colour of one named screen region: mean and standard deviation per channel, each 0 to 255."""

    bookmaker: str
    region: str
    sampled_at_us: int
    phase: Phase
    mean_r: float
    mean_g: float
    mean_b: float
    spread_r: float
    spread_g: float
    spread_b: float


class Verified(_Wire, tag=6, frozen=True, kw_only=True):
    """The verdict on a stored round: whether its hash gives its crash point. The latest one stands."""

    bookmaker: str
    round_id: str
    verified: bool
    hash: str | None = None  # the game's, stored where the round has none


class AlertState(_Wire, tag=7, frozen=True, kw_only=True):
    """An alert as it is at a moment, from the main process. The table keeps what is told last of each."""

    bookmaker: str  # of the connection, as in every record: `alert_rows.SENDER`
    uid: str  # unique for ever
    rule: str
    kind: str
    severity: str
    title: str
    detail: str = ""
    about: tuple[str, ...] = ()  # bookmakers; empty: the engine
    consequences: tuple[str, ...] = ()
    since_us: int
    raised_at_us: int
    ended_at_us: int | None = None
    end_reason: str = ""
    count: int = 1
    muted: bool = False


Record = Round | Rejected | Gap | Bet | RgbSample | Verified | AlertState


# Frames between a worker (or a viewer) and the writer. Each is sent as a 4-byte little-endian length and
# the MessagePack of the struct.


class Hello(_Wire, tag=10, frozen=True, kw_only=True):
    """First frame of a worker's connection."""

    secret: str  # of this run; a wrong one is refused
    bookmaker: str
    stream: str  # names what positions count in: the outbox's id, or a recording's fingerprint
    pid: int


class Deliver(_Wire, tag=11, frozen=True, kw_only=True):
    """Records in order. Answered, after COMMIT, by an `Ack` of the same or a later `upto`."""

    upto: int  # number of the last record in this frame, counted per connection from 1
    records: list[Record]
    urgent: bool = False  # the sender waits for the acknowledgement, so commit without waiting for more


class Subscribe(_Wire, tag=12, frozen=True, kw_only=True):
    """First frame of a viewer's connection: from now on it receives a `Committed` after each commit.

    The writer answers at once with a `Committed` of the current version and no rounds. A viewer that reads
    the database after that answer misses nothing; one that reads it before may miss a commit in between.
    """

    secret: str


class Welcome(_Wire, tag=20, frozen=True, kw_only=True):
    """Answer to `Hello`."""

    last_position: int  # the highest committed position of the stream, 0 for a new one
    paper_profit_minor: int = 0  # of all the bookmaker's paper bets: paid out less staked


class Ack(_Wire, tag=21, frozen=True, kw_only=True):
    """All records up to `upto` are committed. The counts are of this connection so far."""

    upto: int
    committed: int  # rounds that were new
    duplicates: int  # rounds that were stored before
    quarantined: int


class Refused(_Wire, tag=22, frozen=True, kw_only=True):
    """The writer does not serve this connection and says why."""

    reason: str


class RoundBrief(_Wire, frozen=True, kw_only=True):
    """What a card shows of a finished round."""

    round_id: str
    crash_centi: int
    crashed_at_us: int | None
    duration_ms: int | None = None


class CommittedRounds(_Wire, frozen=True, kw_only=True):
    """One bookmaker's share of a commit."""

    bookmaker: str
    count: int  # new rounds in the commit
    newest: tuple[RoundBrief, ...]  # the last few of them, oldest first


class Committed(_Wire, tag=23, frozen=True, kw_only=True):
    """Sent to every viewer after a commit."""

    version: int  # rises with every commit that changed a statistic
    committed_at_us: int
    rounds: tuple[CommittedRounds, ...] = ()
    bets: int = 0
    rgb_samples: int = 0


ClientFrame = Hello | Deliver | Subscribe
ServerFrame = Welcome | Ack | Refused | Committed


# Commands and reports on the pipe between the supervisor and a child.


class Pause(_Wire, tag=30, frozen=True, kw_only=True):
    """Stop producing rounds, stay alive."""


class Resume(_Wire, tag=31, frozen=True, kw_only=True):
    """Go on after `Pause`."""


class Stop(_Wire, tag=32, frozen=True, kw_only=True):
    """Take no more input, deliver what is recorded, end. What is not acknowledged in time stays on disk."""

    drain_s: float


class UseRedis(_Wire, tag=33, frozen=True, kw_only=True):
    """Publish to this Redis from now on, or to none."""

    target: RedisTarget | None


class Ready(_Wire, tag=40, frozen=True, kw_only=True):
    """The child serves: a worker's source runs, the writer accepts connections."""


class Ending(_Wire, tag=41, frozen=True, kw_only=True):
    """Last words of a child."""

    reason: str  # for the operator: "the recording has ended", "no such file: rounds.csv"
    finished: bool = False  # a finite source came to its end
    permanent: bool = False  # the environment's fault; an immediate restart would meet it again


class LogLine(_Wire, tag=42, frozen=True, kw_only=True):
    """A log record of a child, for the log file and the window."""

    at_us: int
    level: int  # of the logging module
    logger: str
    process: str  # "Admiral", "writer", "main"
    text: str


Command = Pause | Resume | Stop | UseRedis
Report = Ready | Ending | LogLine


# Slots of the live board.


class RedisHealth(_Wire, frozen=True, kw_only=True):
    """How the writer gets on with Redis. What it publishes there is a copy: nothing is lost by a trouble."""

    connected: bool = False
    trouble: str = ""  # why it cannot publish, for the operator
    published: int = 0  # results since Redis was switched on
    version: int = 0  # of the newest results that are in Redis
    ranges_ready: int = 0  # of the metrics that are computed at the start
    ranges: int = 0  # that there are
    remark: str = ""  # what Redis holds or refuses that it should not


class AgentState(_Wire, frozen=True, kw_only=True):
    """One agent inside a worker."""

    name: str  # "betting", "rgb", "session"
    running: bool
    restarts: int = 0
    reason: str = ""  # of its last failure
    note: str = ""  # what is to be known of it while it runs: "ruined on paper: ..."


class SessionState(_Wire, frozen=True, kw_only=True):
    """What SessionKeeper knows; never stored."""

    opened_at_us: int
    keep_alives_sent: int
    next_keep_alive_at_us: int
    last_sign_of_life_at_us: int


class LiveState(_Wire, frozen=True, kw_only=True):
    """A worker's slot: the live picture of one bookmaker. Written by its worker alone."""

    bookmaker: str
    pid: int
    heartbeat_us: int  # monotonic clock
    origin: Origin = Origin.LIVE
    phase: Phase = Phase.WAITING
    round_id: str = ""
    multiplier_centi: int = 0  # while flying the current one, when crashed the crash point
    phase_started_at_us: int = 0
    phase_ends_at_us: int = 0  # end of the betting window where it is known, else 0
    observed_at_us: int = 0  # when the source last said anything
    players: int | None = None
    stake_minor: int | None = None
    currency: str | None = None
    paused: bool = False
    received: int = 0  # inputs (rounds and rejected rows) taken from the source since this process began
    outbox: int = 0  # of those and of earlier ones, not acknowledged yet
    committed: int = 0  # counts of `Ack`, since this process began
    duplicates: int = 0
    quarantined: int = 0
    connected: bool = False  # to the writer
    trouble: str = ""  # what hinders it, for the operator; empty when nothing does
    agents: tuple[AgentState, ...] = ()
    session: SessionState | None = None


class WriterHealth(_Wire, frozen=True, kw_only=True):
    """The writer's slot."""

    pid: int
    heartbeat_us: int  # monotonic clock
    version: int = 0
    commits: int = 0  # since this process began
    rows: int = 0
    commit_p50_us: int = 0  # over the last 256 commits
    commit_p99_us: int = 0
    last_commit_at_us: int = 0
    database_bytes: int = 0
    wal_bytes: int = 0
    workers: int = 0
    viewers: int = 0
    pending: int = 0  # rows read but not committed
    trouble: str = ""
    stream_trouble: str = ""  # what keeps rounds of other machines away; empty when nothing does
    redis: RedisHealth | None = None  # None: Redis is not used
    stream_remark: str = ""  # what stood among rounds of other machines and was none


class WorkerStatus(_Wire, frozen=True, kw_only=True):
    """The supervisor's slot for one worker: what `status` and the window say of it."""

    bookmaker: str
    group: str
    state: WorkerState
    reason: str  # in the operator's words: "paused by you", "worker exited (signal 9)"
    since_us: int
    restart_at_us: int = 0  # of a worker that is backing off, else 0
    restarts: int = 0
    pid: int = 0
    finished: bool = False
    machine: str = ""  # where it runs, of a worker on another machine


class InstanceInfo(_Wire, frozen=True, kw_only=True):
    """The first slot: which instance this is."""

    pid: int
    started_at_us: int
    heartbeat_us: int  # monotonic clock
    command: str  # "window", "headless"
    writer_address: str
    writer_state: WorkerState = WorkerState.STARTING
    writer_reason: str = ""
    writer_restarts: int = 0
