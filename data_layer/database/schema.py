"""The tables of `aviator.db` and the only way they change: forward, one version at a time, all or nothing.

Times are UTC microseconds (`_us`), multipliers hundredths (`_centi`), money minor units (`_minor`). The
constraints of the tables are part of the validation: the writer lets SQLite test ranges, at a third of what
Python takes.
"""

from collections.abc import Sequence

import apsw

from data_layer.errors import DatabaseUnusableError

APPLICATION_ID = 0x41564941  # "AVIA" in the file's header: this is a database of ours
FOREIGN = "it is a database of another program; choose another data directory"
MAX_CRASH_CENTI = 100_000_000_000  # a thousand million times; the sum of 92 million of them fits an integer
MAX_TIME_US = 253_402_300_799_999_999  # the end of the year 9999
MAX_ID_CHARACTERS = 200
MAX_TEXT_CHARACTERS = 1_000
MAX_RAW_CHARACTERS = 4_096

_TIME = f"BETWEEN 0 AND {MAX_TIME_US}"

_VERSION_1 = f"""
CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL,          -- rises with every commit that changed a statistic
    thresholds TEXT NOT NULL           -- those the rollups count, a JSON list of hundredths
) STRICT;
INSERT INTO state (id, version, thresholds) VALUES (1, 0, '[]');

CREATE TABLE rounds (
    id INTEGER PRIMARY KEY,            -- the order in which rounds were stored
    bookmaker TEXT NOT NULL,
    round_id TEXT NOT NULL CHECK (length(round_id) BETWEEN 1 AND {MAX_ID_CHARACTERS}),
    crash_centi INTEGER NOT NULL CHECK (crash_centi BETWEEN 100 AND {MAX_CRASH_CENTI}),
    started_at_us INTEGER CHECK (started_at_us {_TIME}),
    crashed_at_us INTEGER CHECK (crashed_at_us {_TIME}),
    duration_ms INTEGER CHECK (duration_ms >= 0),
    players_total INTEGER CHECK (players_total >= 0),
    players_cashed_out INTEGER CHECK (players_cashed_out >= 0),
    stake_minor INTEGER CHECK (stake_minor >= 0),
    payout_minor INTEGER CHECK (payout_minor >= 0),
    currency TEXT CHECK (length(currency) BETWEEN 1 AND 16),
    hash TEXT CHECK (length(hash) <= {MAX_TEXT_CHARACTERS}),
    seed TEXT CHECK (length(seed) <= {MAX_TEXT_CHARACTERS}),
    verified INTEGER CHECK (verified IN (0, 1)),
    received_at_us INTEGER NOT NULL CHECK (received_at_us {_TIME}),
    flags INTEGER NOT NULL CHECK (flags >= 0),
    origin INTEGER NOT NULL CHECK (origin BETWEEN 0 AND 4),
    UNIQUE (bookmaker, round_id),
    CHECK (crashed_at_us >= started_at_us)
) STRICT;
-- Covers what the newest rounds and the streaks read, so that neither touches the table.
CREATE INDEX rounds_by_time ON rounds (bookmaker, crashed_at_us, id, crash_centi, duration_ms, round_id);

CREATE TABLE threshold_crossings (
    bookmaker TEXT NOT NULL,
    round_id TEXT NOT NULL,
    threshold_centi INTEGER NOT NULL,
    actual_centi INTEGER NOT NULL,
    crossed_at_us INTEGER,
    players_left INTEGER,
    stake_left_minor INTEGER,
    PRIMARY KEY (bookmaker, round_id, threshold_centi)
) STRICT, WITHOUT ROWID;

CREATE TABLE bets (
    id INTEGER PRIMARY KEY,
    bookmaker TEXT NOT NULL,
    round_id TEXT NOT NULL,
    strategy TEXT NOT NULL,
    placed_at_us INTEGER NOT NULL,
    stake_minor INTEGER NOT NULL,
    cashout_centi INTEGER NOT NULL,
    payout_minor INTEGER NOT NULL,
    bankroll_minor INTEGER NOT NULL,
    currency TEXT NOT NULL,
    UNIQUE (bookmaker, round_id, strategy)
) STRICT;

CREATE TABLE rgb_samples (
    id INTEGER PRIMARY KEY,
    bookmaker TEXT NOT NULL,
    region TEXT NOT NULL,
    sampled_at_us INTEGER NOT NULL,
    phase TEXT NOT NULL,
    mean_r REAL NOT NULL,
    mean_g REAL NOT NULL,
    mean_b REAL NOT NULL,
    spread_r REAL NOT NULL,
    spread_g REAL NOT NULL,
    spread_b REAL NOT NULL,
    UNIQUE (bookmaker, region, sampled_at_us)
) STRICT;

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    bookmaker TEXT NOT NULL,
    stream TEXT NOT NULL,
    reason TEXT NOT NULL,
    place TEXT NOT NULL,
    raw TEXT NOT NULL,
    received_at_us INTEGER NOT NULL
) STRICT;
CREATE INDEX quarantine_by_reason ON quarantine (bookmaker, reason, id, place);

CREATE TABLE gaps (
    id INTEGER PRIMARY KEY,
    bookmaker TEXT NOT NULL,
    started_at_us INTEGER NOT NULL,
    ended_at_us INTEGER,
    reason TEXT NOT NULL,
    missing INTEGER,
    UNIQUE (bookmaker, started_at_us)
) STRICT;

CREATE TABLE alerts (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    bookmaker TEXT NOT NULL,
    severity TEXT NOT NULL,
    text TEXT NOT NULL,
    raised_at_us INTEGER NOT NULL,
    ended_at_us INTEGER
) STRICT;

CREATE TABLE deliveries (
    bookmaker TEXT NOT NULL,
    stream TEXT NOT NULL,
    last_position INTEGER NOT NULL,    -- everything up to it is stored
    PRIMARY KEY (bookmaker, stream)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_lifetime (
    bookmaker TEXT PRIMARY KEY,
    count INTEGER NOT NULL DEFAULT 0,
    timed INTEGER NOT NULL DEFAULT 0,  -- rounds of `count` that have a time
    sum_centi INTEGER NOT NULL DEFAULT 0,
    min_centi INTEGER,
    max_centi INTEGER,
    at_or_above TEXT NOT NULL DEFAULT '[]',  -- JSON: counts in the order of state.thresholds
    first_at_us INTEGER,
    newest_at_us INTEGER,
    origins INTEGER NOT NULL DEFAULT 0,      -- one bit per messages.Origin
    duplicates INTEGER NOT NULL DEFAULT 0,
    quarantined INTEGER NOT NULL DEFAULT 0,
    distribution BLOB                        -- see distribution.py
) STRICT;

-- The rows of days and hours are large, so they are found and summed up through small indexes.
CREATE TABLE rollup_day (
    bookmaker TEXT NOT NULL,
    day_us INTEGER NOT NULL,           -- when the day begins
    count INTEGER NOT NULL,
    sum_centi INTEGER NOT NULL,
    min_centi INTEGER NOT NULL,
    max_centi INTEGER NOT NULL,
    at_or_above TEXT NOT NULL,
    running BLOB NOT NULL,             -- distribution of all timed rounds up to the end of this day
    UNIQUE (bookmaker, day_us)
) STRICT;
CREATE INDEX rollup_day_sums ON rollup_day (bookmaker, day_us, sum_centi, min_centi, max_centi);

CREATE TABLE rollup_hour (
    bookmaker TEXT NOT NULL,
    hour_us INTEGER NOT NULL,          -- when the hour begins
    count INTEGER NOT NULL,
    sum_centi INTEGER NOT NULL,
    min_centi INTEGER NOT NULL,
    max_centi INTEGER NOT NULL,
    at_or_above TEXT NOT NULL,
    crashes BLOB NOT NULL,             -- every round of the hour, exact: see hours.py
    before BLOB,                       -- distribution of the day up to this hour, in some hours only
    UNIQUE (bookmaker, hour_us)
) STRICT;
CREATE INDEX rollup_hour_sums ON rollup_hour (bookmaker, hour_us, sum_centi, min_centi, max_centi);
CREATE INDEX rollup_hour_marks ON rollup_hour (bookmaker, hour_us) WHERE before IS NOT NULL;

-- The index above answers for any minute; a table would cost a fifth of what storing a round costs.
CREATE VIEW rollup_minute AS
SELECT minute.*,
       (SELECT json_group_array((SELECT count(*) FROM json_each(minute.crashes) AS crash
                                 WHERE crash.value >= threshold.value))
        FROM json_each(state.thresholds) AS threshold) AS at_or_above
FROM (SELECT bookmaker,
             crashed_at_us / 60000000 * 60000000 AS minute_us,
             count(*) AS count,
             sum(crash_centi) AS sum_centi,
             min(crash_centi) AS min_centi,
             max(crash_centi) AS max_centi,
             json_group_array(crash_centi) AS crashes
      FROM rounds
      WHERE crashed_at_us IS NOT NULL
      GROUP BY bookmaker, minute_us) AS minute
CROSS JOIN state;

CREATE TABLE streaks (
    bookmaker TEXT NOT NULL,
    threshold_centi INTEGER NOT NULL,
    current INTEGER NOT NULL,          -- rounds below the threshold since the last one that was not
    longest INTEGER NOT NULL,
    ended TEXT NOT NULL,               -- JSON: length of an ended run -> how many
    UNIQUE (bookmaker, threshold_centi)
) STRICT;

CREATE TABLE rollup_bets (
    bookmaker TEXT PRIMARY KEY,
    bets INTEGER NOT NULL,
    won INTEGER NOT NULL,
    staked_minor INTEGER NOT NULL,
    paid_out_minor INTEGER NOT NULL,
    bankroll_minor INTEGER NOT NULL,   -- after the newest bet
    currency TEXT NOT NULL,
    newest_at_us INTEGER NOT NULL
) STRICT;

CREATE TABLE rollup_rgb (
    bookmaker TEXT NOT NULL,
    region TEXT NOT NULL,
    samples INTEGER NOT NULL,
    newest_id INTEGER NOT NULL,        -- of the newest in rgb_samples
    newest_at_us INTEGER NOT NULL,
    PRIMARY KEY (bookmaker, region)
) STRICT, WITHOUT ROWID;

CREATE VIEW round_log AS
SELECT id,
       bookmaker,
       round_id,
       strftime('%Y-%m-%d %H:%M:%S', started_at_us / 1000000, 'unixepoch')
           || printf('.%06d', started_at_us % 1000000) AS started_at,
       strftime('%Y-%m-%d %H:%M:%S', crashed_at_us / 1000000, 'unixepoch')
           || printf('.%06d', crashed_at_us % 1000000) AS crashed_at,
       crash_centi / 100.0 AS crash_point,
       duration_ms / 1000.0 AS duration_s,
       players_total,
       players_cashed_out,
       stake_minor,
       payout_minor,
       currency,
       CASE origin WHEN 0 THEN 'live' WHEN 1 THEN 'simulator' WHEN 2 THEN 'chain'
                   WHEN 3 THEN 'replay' WHEN 4 THEN 'import' END AS origin,
       CASE verified WHEN 1 THEN 'yes' WHEN 0 THEN 'no' ELSE 'unknown' END AS verified,
       hash,
       seed,
       strftime('%Y-%m-%d %H:%M:%S', received_at_us / 1000000, 'unixepoch')
           || printf('.%06d', received_at_us % 1000000) AS received_at,
       (flags & 1) <> 0 AS late,
       (flags & 2) <> 0 AS gap_before,
       (flags & 4) <> 0 AS corrected
FROM rounds;
"""

_VERSION_2 = """
-- Counts of rounds.verified. A database of ten million rounds is counted once, in some seconds.
ALTER TABLE rollup_lifetime ADD COLUMN verified_yes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup_lifetime ADD COLUMN verified_no INTEGER NOT NULL DEFAULT 0;
UPDATE rollup_lifetime SET verified_yes = counted.yes, verified_no = counted.no
FROM (SELECT bookmaker AS name, sum(verified = 1) AS yes, sum(verified = 0) AS no
      FROM rounds NOT INDEXED WHERE verified IS NOT NULL GROUP BY bookmaker) AS counted
WHERE bookmaker = counted.name;
CREATE INDEX rounds_failed ON rounds (bookmaker, id) WHERE verified = 0;

-- How paper bets went, in the order in which they were stored.
ALTER TABLE rollup_bets ADD COLUMN strategy TEXT NOT NULL DEFAULT '';          -- of the newest bet
ALTER TABLE rollup_bets ADD COLUMN first_at_us INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rollup_bets ADD COLUMN peak_minor INTEGER NOT NULL DEFAULT 0;      -- highest bankroll
ALTER TABLE rollup_bets ADD COLUMN drawdown_minor INTEGER NOT NULL DEFAULT 0;  -- deepest fall from a peak
ALTER TABLE rollup_bets ADD COLUMN losing INTEGER NOT NULL DEFAULT 0;          -- lost since the last won one
ALTER TABLE rollup_bets ADD COLUMN longest_losing INTEGER NOT NULL DEFAULT 0;
UPDATE rollup_bets
SET first_at_us = found.first_at_us, peak_minor = found.peak, drawdown_minor = found.drawdown
FROM (SELECT bookmaker AS name, min(placed_at_us) AS first_at_us, max(peak) AS peak,
             max(peak - bankroll_minor) AS drawdown
      FROM (SELECT bookmaker, placed_at_us, bankroll_minor,
                   max(first_value(bankroll_minor - payout_minor + stake_minor) OVER up_to_it,
                       max(bankroll_minor) OVER up_to_it) AS peak
            FROM bets WINDOW up_to_it AS (PARTITION BY bookmaker ORDER BY id))
      GROUP BY bookmaker) AS found
WHERE bookmaker = found.name;
UPDATE rollup_bets SET losing = found.newest, longest_losing = found.longest
FROM (SELECT bookmaker AS name, max(lost) AS longest, max(iif(won_before = won, lost, 0)) AS newest
      FROM (SELECT bookmaker, won_before, sum(payout_minor = 0) AS lost,
                   max(won_before) OVER (PARTITION BY bookmaker) AS won
            FROM (SELECT bookmaker, payout_minor,
                         sum(payout_minor > 0) OVER (PARTITION BY bookmaker ORDER BY id) AS won_before
                  FROM bets)
            GROUP BY bookmaker, won_before)
      GROUP BY bookmaker) AS found
WHERE bookmaker = found.name;
UPDATE rollup_bets SET strategy = coalesce(
    (SELECT strategy FROM bets WHERE bets.bookmaker = rollup_bets.bookmaker
     ORDER BY placed_at_us DESC, id DESC LIMIT 1), '');

-- `bookmaker` is whom an alert is about where that is one, else empty; `text` is its title.
ALTER TABLE alerts ADD COLUMN uid TEXT;                                 -- NULL in rows of version 1 only
ALTER TABLE alerts ADD COLUMN rule TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN detail TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN bookmakers TEXT NOT NULL DEFAULT '[]';    -- JSON: all whom it is about
ALTER TABLE alerts ADD COLUMN consequences TEXT NOT NULL DEFAULT '[]';  -- JSON: lines
ALTER TABLE alerts ADD COLUMN since_us INTEGER;                         -- when the trouble began
ALTER TABLE alerts ADD COLUMN end_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN count INTEGER NOT NULL DEFAULT 1;
ALTER TABLE alerts ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;
UPDATE alerts SET bookmakers = json_array(bookmaker) WHERE bookmaker <> '';
CREATE UNIQUE INDEX alerts_by_uid ON alerts (uid);
CREATE INDEX alerts_by_time ON alerts (raised_at_us);
CREATE INDEX alerts_open ON alerts (id) WHERE ended_at_us IS NULL;
"""

MIGRATIONS: tuple[str, ...] = (_VERSION_1, _VERSION_2)
SCHEMA_VERSION = len(MIGRATIONS)


def migrate(connection: apsw.Connection, migrations: Sequence[str] = MIGRATIONS) -> None:
    """Bring the database to the newest version, in one transaction: either all of it or nothing is done.

    Raises `DatabaseUnusableError` for a file that a newer version wrote or that is not ours at all.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        found = int(connection.pragma("user_version"))
        if found > len(migrations):
            raise DatabaseUnusableError(future_schema(found, len(migrations)))
        if found == 0 and connection.execute("SELECT count(*) FROM sqlite_schema").get:
            raise DatabaseUnusableError(FOREIGN)
        if found < len(migrations):
            for migration in migrations[found:]:
                connection.execute(migration)
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", len(migrations))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def future_schema(found: int, known: int = SCHEMA_VERSION) -> str:
    """Return what to say of a database that a newer version of the program wrote."""
    return (
        f"it has schema version {found}, this program knows up to {known}; "
        "use the newer program, or another data directory"
    )
