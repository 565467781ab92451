"""The line of choices over the analytics: whose rounds, of when, which threshold, whose midnight."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from data_layer.analytics.checks import BadQuestionError, zone
from data_layer.analytics.questions import Scope
from gui.theme import Theme
from gui.view_models.analytics import choices as words
from gui.view_models.analytics.choices import OWN_TIMES, ChoiceError, Choices
from gui.view_models.analytics.figures import threshold_text
from gui.view_models.tones import Tone
from gui.view_models.words import RANGE_WORDS
from gui.widgets.caption import Caption
from gui.widgets.entry_field import EntryField
from gui.widgets.fields import ChoiceField
from gui.widgets.flow import Flow
from gui.widgets.segments import Segments

_RANGES = (*RANGE_WORDS.items(), (OWN_TIMES, "two times"))


class ChoiceLine(QWidget):
    """Says when other choices are in force. What has no meaning is told below and changes nothing."""

    changed = Signal()

    def __init__(
        self, choices: Choices, theme: Theme, now_us: Callable[[], int], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.choices = choices
        self._now_us = now_us
        self._scopes: list[tuple[Scope, str]] = []
        self._troubles: dict[str, str] = {}
        self._warning = ""
        self.setAccessibleName("choices")
        self.flow = Flow(self)
        self._make_fields(theme)
        self.trouble = Caption(theme, self, pixels=12, tone=Tone.BAD)
        self.trouble.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.flow)
        column.addWidget(self.trouble)
        self._connect()

    def _make_fields(self, theme: Theme) -> None:
        chosen = self.choices
        thresholds = [threshold_text(each) for each in chosen.thresholds_centi]
        self.scopes = ChoiceField("Whose rounds", theme, self)
        self.ranges = Segments("Range", _RANGES, theme, self)
        self.ranges.choose(chosen.range_name)
        self.start = EntryField("First time", (), theme, self, label="from", width=112)
        self.end = EntryField("Second time", ("now",), theme, self, label="to", width=112)
        self.threshold = EntryField("Threshold", thresholds, theme, self, label="threshold", width=48)
        self.threshold.show_text(threshold_text(chosen.threshold_centi))
        self.zone = EntryField(
            "Time zone", (chosen.timezone,), theme, self, label="zone", width=118, completes=True
        )
        self.zone.show_text(chosen.timezone)
        for field in (self.start, self.end):
            field.hide()
        for part in (self.scopes, self.ranges, self.start, self.end, self.threshold, self.zone):
            self.flow.add(part)
        self.show_scopes((), ())

    def _connect(self) -> None:
        self.scopes.activated.connect(self._on_scope)
        self.ranges.chosen.connect(self.choose_range)
        self.start.entered.connect(lambda _: self._on_times())
        self.end.entered.connect(lambda _: self._on_times())
        self.threshold.entered.connect(self._on_threshold)
        self.zone.entered.connect(self._on_zone)

    # What the page says.

    def show_scopes(self, bookmakers: Sequence[str], groups: Collection[str]) -> None:
        """Offer these bookmakers and groups; the chosen one stays."""
        entries = words.scope_entries(bookmakers, groups)
        if self.choices.scope not in [scope for scope, _ in entries]:
            entries.append((self.choices.scope, words.scope_words(self.choices.scope)))
        if entries == self._scopes:
            return
        self._scopes = entries
        self.scopes.clear()
        self.scopes.addItems([text for _, text in entries])
        self.scopes.setCurrentIndex([scope for scope, _ in entries].index(self.choices.scope))
        self.flow.arrange()

    def take(self, choices: Choices) -> None:
        """Let other choices be in force than it began with, without a word to anybody."""
        self.choices = choices
        self._scopes = []
        self.show_scopes((), ())
        self.ranges.choose(choices.range_name)
        self.threshold.show_text(threshold_text(choices.threshold_centi))
        self.zone.show_text(choices.timezone)

    def show_zones(self, names: Sequence[str]) -> None:
        """Offer these time zones."""
        self.zone.show_entries(names)

    def warn(self, text: str) -> None:
        """Say what hinders all answers; empty when nothing does."""
        if text != self._warning:
            self._warning = text
            self._tell()

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        for part in (
            self.scopes, self.ranges, self.start, self.end, self.threshold, self.zone, self.trouble
        ):  # fmt: skip
            part.set_theme(theme)

    # What the operator does.

    def _on_scope(self, place: int) -> None:
        self._choose(scope=self._scopes[place][0])

    def choose_range(self, name: str) -> None:
        """Take a named range, or let two times be typed."""
        own = name == OWN_TIMES
        self.ranges.choose(name)
        for field in (self.start, self.end):
            field.setVisible(own)
        self.flow.arrange()
        if not own:
            self._accept("times")
            self._choose(range_name=name, start_us=None, end_us=None)
            return
        if not self.start.text:
            start, end = words.first_times(self.choices.timezone, self._now_us())
            self.start.show_text(start)
            self.end.show_text(end)
        self.start.setFocus()
        self._on_times()

    def _on_times(self) -> None:
        start, end = self.start.text, self.end.text
        try:
            start_us, end_us = words.parse_times(start, end, self.choices.timezone, self._now_us())
        except ChoiceError as error:
            self._refuse("times", str(error), self.start, self.end)
            return
        self._accept("times", (self.start, start), (self.end, end or "now"))
        self._choose(range_name=OWN_TIMES, start_us=start_us, end_us=end_us)

    def _on_threshold(self, text: str) -> None:
        try:
            centi = words.parse_threshold(text)
        except ChoiceError as error:
            self._refuse("threshold", str(error), self.threshold)
            return
        self._accept("threshold", (self.threshold, threshold_text(centi)))
        self._choose(threshold_centi=centi)

    def _on_zone(self, text: str) -> None:
        try:
            zone(text)
        except BadQuestionError as error:
            self._refuse("zone", str(error), self.zone)
            return
        self._accept("zone", (self.zone, text))
        self._choose(timezone=text)
        if self.choices.range_name == OWN_TIMES:
            self._on_times()

    def enter_bucket(self, text: str, field: EntryField) -> None:
        """Take a length of buckets that was typed into `field`, elsewhere on the page."""
        try:
            bucket = words.parse_bucket(text)
            if bucket.rounds is not None and not self.choices.scope.bookmaker:
                raise ChoiceError("buckets of rounds are those of one bookmaker: choose one first")
        except ChoiceError as error:
            self._refuse("bucket", str(error), field)
            return
        self._accept("bucket", (field, words.bucket_words(bucket)))
        self._choose(bucket=bucket)

    def _choose(self, **chosen: Any) -> None:
        choices = replace(self.choices, **chosen)
        if choices != self.choices:
            self.choices = choices
            self.changed.emit()

    def _refuse(self, what: str, reason: str, *fields: EntryField) -> None:
        self._troubles[what] = reason
        for field in fields:
            field.show_text(field.text, wrong=True)
        self._tell()

    def _accept(self, what: str, *fields: tuple[EntryField, str]) -> None:
        self._troubles.pop(what, None)
        for field, text in fields:
            field.show_text(text)
        self._tell()

    def _tell(self) -> None:
        told = [
            text[:1].upper() + text[1:] + "." for text in (*self._troubles.values(), self._warning) if text
        ]
        self.trouble.set_text(" ".join(told))
        self.trouble.setVisible(bool(told))
