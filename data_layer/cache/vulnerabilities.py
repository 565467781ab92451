"""Which releases of Redis have known vulnerabilities that somebody who can connect may use.

From the release notes of Redis, its security advisories and the CVE records, as of September 2026. Listed is
what concerns a server that only talks to clients; modules, clusters and Sentinel are left out. A distribution
may have repaired an older release without changing its number: that cannot be seen from here.

What is not certain: of CVE-2026-81934 the record names the repaired releases from 8.2 on and leaves older
lines open, so they are not judged. That 6.2.22 repairs CVE-2026-25243 follows from its date, no note of it
was at hand. The advisory of CVE-2026-23631 speaks of all versions with Lua, the maintainers say that 6.2 does
not have it (redis/redis 15231): theirs counts. Those of July and February 2026 have no number of Redis' own.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Version = tuple[int, int, int]

_NUMBER = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Vulnerability:
    """One fault, or several of the same releases that were repaired together."""

    names: tuple[str, ...]
    what: str
    fixed: Mapping[tuple[int, int], int]  # line of releases -> its first repaired patch release
    since: Version = field(default=(0, 0, 0))

    def concerns(self, version: Version) -> bool:
        """Tell whether `version` has it. An unlisted line older than a listed one was never repaired."""
        if version < self.since:
            return False
        line = version[:2]
        first_fixed = self.fixed.get(line)
        if first_fixed is not None:
            return version[2] < first_fixed
        return line < max(self.fixed)


VULNERABILITIES = (
    Vulnerability(
        names=("CVE-2026-81934",),
        what="anybody may run code on the server without a password, over TLS",
        since=(8, 2, 0),
        fixed={(8, 2): 9, (8, 4): 6, (8, 6): 6, (8, 8): 2, (8, 10): 1},
    ),
    Vulnerability(
        names=("stream groups, July 2026",),
        what="clients may run code on the server (RESTORE of a stream with consumer groups)",
        since=(5, 0, 0),
        fixed={(6, 2): 23, (7, 2): 15, (7, 4): 10, (8, 2): 8, (8, 4): 5, (8, 6): 5, (8, 8): 1},
    ),
    Vulnerability(
        names=("CVE-2026-25243",),
        what="clients may run code on the server (RESTORE)",
        fixed={(6, 2): 22, (7, 2): 14, (7, 4): 9, (8, 2): 6, (8, 4): 3, (8, 6): 3},
    ),
    Vulnerability(
        names=("CVE-2026-23479",),
        what="clients may run code on the server (freed memory of one that was evicted)",
        since=(7, 2, 0),
        fixed={(7, 2): 14, (7, 4): 9, (8, 2): 6, (8, 4): 3, (8, 6): 3},
    ),
    Vulnerability(
        names=("CVE-2026-23631",),
        what="clients of a writable replica may run code on it (Lua)",
        since=(7, 0, 0),
        fixed={(7, 2): 14, (7, 4): 9, (8, 2): 6, (8, 4): 3, (8, 6): 3},
    ),
    Vulnerability(
        names=("error replies, February 2026",),
        what="clients may forge answers to others of the same connection (Lua)",
        since=(7, 2, 0),
        fixed={(7, 2): 13, (7, 4): 8, (8, 0): 6, (8, 2): 5, (8, 4): 2, (8, 6): 1},
    ),
    Vulnerability(
        names=("CVE-2025-62507",),
        what="clients may run code on the server (XACKDEL)",
        since=(8, 2, 0),
        fixed={(8, 2): 3},
    ),
    Vulnerability(
        names=("CVE-2025-49844", "CVE-2025-46817", "CVE-2025-46818", "CVE-2025-46819"),
        what="clients may run code on the server (Lua)",
        fixed={(6, 2): 20, (7, 2): 11, (7, 4): 6, (8, 0): 4, (8, 2): 2},
    ),
    Vulnerability(
        names=("CVE-2025-32023", "CVE-2025-48367"),
        what="clients may write beyond a buffer (HyperLogLog); anybody may hold up new connections",
        fixed={(6, 2): 19, (7, 2): 10, (7, 4): 5, (8, 0): 3},
    ),
    Vulnerability(
        names=("CVE-2025-21605",),
        what="anybody may fill the memory without a password",
        since=(2, 6, 0),
        fixed={(6, 2): 18, (7, 2): 8, (7, 4): 3},
    ),
    Vulnerability(
        names=("CVE-2024-46981",),
        what="clients may run code on the server (Lua)",
        fixed={(6, 2): 17, (7, 2): 7, (7, 4): 2},
    ),
    Vulnerability(
        names=("CVE-2024-31449", "CVE-2024-31228"),
        what="clients may overflow the stack (Lua, long patterns)",
        fixed={(6, 2): 16, (7, 2): 6, (7, 4): 1},
    ),
    Vulnerability(
        names=("CVE-2023-41056",),
        what="clients may overflow a buffer",
        since=(7, 0, 9),
        fixed={(7, 0): 15, (7, 2): 4},
    ),
    Vulnerability(
        names=("CVE-2022-24834",),
        what="clients may overflow a buffer (Lua)",
        since=(2, 6, 0),
        fixed={(6, 0): 20, (6, 2): 13, (7, 0): 12},
    ),
)


def parse(text: str) -> Version | None:
    """Return the numbers of "7.0.15", None where there are none. Missing ones count as 0."""
    match = _NUMBER.match(text)
    if match is None:
        return None
    major, minor, patch = (int(number or 0) for number in match.groups())
    return major, minor, patch


def known(version: str) -> tuple[Vulnerability, ...]:
    """Return what is known against a release of Redis, the newest first; nothing for what is no number."""
    numbers = parse(version)
    if numbers is None:
        return ()
    return tuple(one for one in VULNERABILITIES if one.concerns(numbers))
