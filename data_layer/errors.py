"""Faults of the environment: expected, shown to the operator in one line, with what to do.

Our own mistakes are ordinary exceptions: they crash the process that made them, are logged with a trace
and lead to a restart. They never derive from `AviatorError`.
"""


class AviatorError(Exception):
    """A fault outside the program. Its text is one readable line; `exit_code` is what a command ends with."""

    exit_code = 1


class ConfigurationError(AviatorError):
    """A setting that cannot be used. The text names its key, its place and the nearest valid value."""

    exit_code = 2


class UsageError(AviatorError):
    """A command called with words that do not fit together."""

    exit_code = 2


class NothingRunningError(AviatorError):
    """A command that needs a running instance found none on this data directory."""

    exit_code = 3


class InstanceRunningError(AviatorError):
    """Another instance owns the data directory. The text names it."""


class DataDirectoryError(AviatorError):
    """The data directory cannot be created, read or written."""


class DatabaseUnusableError(AviatorError):
    """The database is corrupt, read-only or written by a newer version. Its bytes were left as they are."""


class DatabaseBlockedError(DatabaseUnusableError):
    """The database cannot be used now: locked, read-only, or on a full disk. That may pass."""


class OlderSchemaError(DatabaseUnusableError):
    """The database is of an older version: whoever may write brings it to this one, others wait for that."""


class SourceError(AviatorError):
    """A source cannot deliver with the configuration it was given: a missing file, a hash that is none."""


class BadRowError(AviatorError):
    """One input row that cannot become a round. The text is the reason that quarantine stores and counts."""
