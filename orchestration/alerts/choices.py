"""What the operator chose in the window: rules that differ from the configuration, and mutes.

They stand in a small file of the data directory, are stronger than the configuration and can be reset. Any
thread may ask and change; the file is written by whoever calls `save`.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from config.alert_checks import check_bookmakers, check_rule
from config.alert_specs import Rule
from config.problems import RefusedValueError, shown
from data_layer.alerts.model import Mute
from utils import clock
from utils.replacing import replacing

FILE_NAME = "alerts.json"
UNUSABLE = ".unusable"  # ends the name that a file of no use gets before it is written anew
LONGEST_MUTE_US = 367 * 86_400_000_000

_log = logging.getLogger(__name__)


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """The content of the file."""

    rules: tuple[Rule, ...] = ()
    mutes: tuple[Mute, ...] = ()


class AlertChoices:
    """The rules in force and the mutes."""

    def __init__(
        self,
        path: Path,
        configured: Sequence[Rule],
        *,
        bookmakers: Sequence[str],
        thresholds_centi: Sequence[int],
        now: Callable[[], int] = clock.now_us,
    ) -> None:
        """Nothing is read before `load`. `bookmakers` and `thresholds_centi` are what rules may name."""
        self._path = path
        self._configured = tuple(configured)
        self._bookmakers = tuple(bookmakers)
        self._thresholds_centi = tuple(thresholds_centi)
        self._now = now
        self._lock = threading.Lock()
        self._own: dict[str, Rule] = {}
        self._mutes: dict[tuple[str, str], Mute] = {}
        self._rules: tuple[Rule, ...] = self._configured
        self._unsaved = False
        self._spoiled = False  # what stands in the file is none of ours
        self.trouble = ""  # why the choices are not kept; empty when they are

    def load(self) -> None:
        """Read what was chosen in earlier runs. A file that is none of ours, or a rule of no use, is left."""
        try:
            held = msgspec.json.decode(self._path.read_bytes(), type=_File)
        except FileNotFoundError:
            return
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            _log.warning("%s cannot be used, the rules are those of the configuration: %s", self._path, error)
            self.trouble = f"what was chosen earlier cannot be used, the rules are those configured: {error}"
            self._spoiled = True
            return
        with self._lock:
            for rule in held.rules:
                try:
                    self._check(rule)
                except RefusedValueError as error:
                    _log.warning("the rule %s chosen earlier is left out: %s", shown(rule.name), error)
                else:
                    self._own.setdefault(rule.name, rule)  # what was chosen meanwhile is newer
            kept = {(mute.rule, mute.bookmaker): mute for mute in self._usable(held.mutes)}
            self._mutes = kept | self._mutes
            self._combine()

    def rules(self) -> tuple[Rule, ...]:
        """Return the rules in force, in the order of the configuration, then those that were added."""
        return self._rules

    def configured(self) -> tuple[Rule, ...]:
        """Return the rules of the configuration."""
        return self._configured

    def change(self, rule: Rule) -> None:
        """Use `rule` from now on. Raises `RefusedValueError` for one that makes no sense."""
        self._check(rule)
        with self._lock:
            self._own[rule.name] = rule
            if rule in self._configured:
                del self._own[rule.name]
            self._combine()
            self._unsaved = True

    def reset(self, name: str) -> None:
        """Use the rule of the configuration again."""
        with self._lock:
            self._unsaved |= self._own.pop(name, None) is not None
            self._combine()

    def mutes(self) -> tuple[Mute, ...]:
        """Return the mutes that have not ended, the one that ends first first."""
        now_us = self._now()
        with self._lock:
            found = [mute for mute in self._mutes.values() if mute.until_us > now_us]
        return tuple(sorted(found, key=lambda mute: (mute.until_us, mute.rule, mute.bookmaker)))

    def mute(self, *, until_us: int, rule: str = "", bookmaker: str = "") -> None:
        """Add or replace a mute. Raises `RefusedValueError`."""
        now_us = self._now()
        if until_us <= now_us:
            raise RefusedValueError("the end of a mute lies in the future", at=("until_us",))
        mute = Mute(until_us=until_us, rule=rule, bookmaker=bookmaker)
        self._check_mute(mute)
        with self._lock:
            self._mutes = {key: mute for key, mute in self._mutes.items() if mute.until_us > now_us}
            self._mutes[rule, bookmaker] = mute
            self._unsaved = True

    def unmute(self, *, rule: str = "", bookmaker: str = "") -> None:
        """End exactly this mute, if it is there."""
        with self._lock:
            self._unsaved |= self._mutes.pop((rule, bookmaker), None) is not None

    def save(self) -> None:
        """Write what has changed, if anything has. Trouble with the disk is kept and tried again."""
        with self._lock:
            if not self._unsaved:
                return
            self._unsaved = False
            content = _File(rules=tuple(self._own.values()), mutes=tuple(self._mutes.values()))
        try:
            if self._spoiled:
                with contextlib.suppress(FileNotFoundError):
                    os.replace(self._path, self._path.with_name(self._path.name + UNUSABLE))
                self._spoiled = False
            with replacing(self._path) as partial:
                partial.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=2))
        except OSError as error:
            if not self.trouble:
                _log.warning("what was chosen about alerts cannot be kept: %s", error)
            self.trouble = f"what was chosen about alerts cannot be kept: {error.strerror or error}"
            self._unsaved = True
        else:
            self.trouble = ""

    def _check(self, rule: Rule) -> None:
        check_rule(rule, self._thresholds_centi)
        check_bookmakers(rule, self._bookmakers)

    def _usable(self, mutes: Sequence[Mute]) -> Iterator[Mute]:
        for mute in mutes:
            try:
                self._check_mute(mute)
            except RefusedValueError as error:
                _log.warning("a mute chosen earlier is left out: %s", error)
            else:
                yield mute

    def _check_mute(self, mute: Mute) -> None:
        if not mute.rule and not mute.bookmaker:
            raise RefusedValueError("a mute is of a rule, of a bookmaker, or of both", at=("rule",))
        if mute.until_us > self._now() + LONGEST_MUTE_US:
            raise RefusedValueError("a mute lasts a year at most", at=("until_us",))

    def _combine(self) -> None:
        names = {rule.name for rule in self._configured}
        added = (rule for name, rule in self._own.items() if name not in names)
        self._rules = (*(self._own.get(rule.name, rule) for rule in self._configured), *added)
