"""The panels of the analytics page, each of which shows one answer or a part of it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.errands import Errands
from gui.theme import Theme
from gui.view_models.analytics.change import ChangeView
from gui.view_models.analytics.choices import BUCKETS
from gui.view_models.analytics.distribution import DistributionView
from gui.view_models.analytics.drift import DriftView
from gui.view_models.analytics.integrity import IntegrityView
from gui.view_models.analytics.intervals import IntervalsView
from gui.view_models.analytics.streaks import StreaksView
from gui.view_models.tones import Tone
from gui.widgets.analytics.answer_panel import AnswerPanel, visible_if
from gui.widgets.analytics.bar_chart import BarChart
from gui.widgets.analytics.heat_map import HeatMap
from gui.widgets.analytics.survival_plot import SurvivalPlot
from gui.widgets.caption import Caption
from gui.widgets.entry_field import EntryField
from gui.widgets.facts import Facts
from gui.widgets.figures import FigureStrip
from gui.widgets.finding_list import FindingList


class DistributionPanel(AnswerPanel):
    """Figures, the survival curve beside the table of thresholds, and what needs a sentence."""

    title = "Distribution"

    def __init__(self, theme: Theme, errands: Errands, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._errands = errands

    def build(self) -> None:
        """Make the content."""
        self.figures = FigureStrip(self._theme, self.content)
        self.plot = SurvivalPlot("survival curve", self._theme, self._errands, self.content)
        self.shares = self.table("thresholds")
        self.facts = Facts(self._theme, self.content)
        self.keep(self.figures, self.plot, self.facts)
        self.column.addWidget(self.figures)
        self.add_pair((self.plot, 10), (self.shares, 11))
        self.column.addWidget(self.facts)

    @property
    def is_drawn(self) -> bool:
        """Whether the curve of the answer can be seen, or there is none."""
        return not self._built or self.plot.ready or not self.plot.wanted

    def show_content(self, view: DistributionView) -> None:
        """Show an answer that was made ready."""
        self.figures.show_figures(view.figures)
        self.plot.show_curve(view.curve, "share of rounds that reach a multiplier, both axes logarithmic")
        self.shares.show_table(view.columns, view.rows)
        self.facts.show_facts(view.facts)
        visible_if(self.facts, view.facts)


class ChangePanel(AnswerPanel):
    """The shares now against those of the span before."""

    title = "Change against the span before"

    def build(self) -> None:
        """Make the content."""
        self.sentence = Caption(self._theme, self.content, pixels=12)
        self.shares = self.table("change of shares")
        self.keep(self.sentence)
        self.column.addWidget(self.sentence)
        self.column.addWidget(self.shares)

    def show_content(self, view: ChangeView) -> None:
        """Show an answer that was made ready."""
        self.sentence.set_text(view.sentence)
        self.shares.show_table(view.columns, view.rows)
        visible_if(self.shares, view.rows)


class StreaksPanel(AnswerPanel):
    """How many in a row were below a threshold, how likely that is, and why no round is due."""

    title = "Streaks"

    def build(self) -> None:
        """Make the content."""
        theme, content = self._theme, self.content
        self.figures = FigureStrip(theme, content)
        self.lengths = BarChart("lengths of runs", theme, content)
        self.conditional_title = Caption(theme, content)
        self.conditional = self.table("share after so many below", 10)
        self.sentence = Caption(theme, content, pixels=12, tone=Tone.TEXT)
        self.runs_title = Caption(theme, content)
        self.runs_title.set_text("newest runs")
        self.runs = self.table("newest runs", 8)
        self.facts = Facts(theme, content)
        captions = (self.conditional_title, self.sentence, self.runs_title)
        self.keep(self.figures, self.lengths, self.facts, *captions)
        self.column.addWidget(self.figures)
        self.add_pair(
            (self.captioned(self.lengths, self.runs_title, self.runs), 1),
            (self.captioned(self.conditional_title, self.conditional, self.sentence), 1),
        )
        self.column.addWidget(self.facts)

    def show_content(self, view: StreaksView) -> None:
        """Show an answer that was made ready."""
        self.figures.show_figures(view.figures)
        self.lengths.show_bars(view.lengths, view.lengths_title)
        self.conditional_title.set_text(view.conditional_title)
        self.conditional.show_table(view.conditional_columns, view.conditional)
        self.sentence.set_text(view.sentence)
        self.runs.show_table(view.run_columns, view.runs, "There was no run.")
        self.facts.show_facts(view.facts)
        visible_if(self.facts, view.facts)


class IntervalsPanel(AnswerPanel):
    """Buckets of a length of choice, and the hours of the week."""

    title = "Intervals"

    bucket_entered = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.length = EntryField("Length of a bucket", BUCKETS, theme, self, label="buckets of", width=72)
        self.length.entered.connect(self.bucket_entered)
        self.tools.addWidget(self.length)
        self.keep(self.length)

    def build(self) -> None:
        """Make the content."""
        self.buckets = BarChart("buckets", self._theme, self.content, height=210)
        self.heat = HeatMap("hours of the week", self._theme, self.content)
        self.facts = Facts(self._theme, self.content)
        self.keep(self.buckets, self.heat, self.facts)
        for part in (self.buckets, self.heat, self.facts):
            self.column.addWidget(part)

    def show_content(self, view: IntervalsView) -> None:
        """Show an answer that was made ready."""
        self.buckets.show_bars(view.buckets, view.buckets_title)
        visible_if(self.heat, view.heat is not None)
        if view.heat is not None:
            self.heat.show_heat(view.heat, view.heat_title)
        self.facts.show_facts(view.facts)
        visible_if(self.facts, view.facts)


class DriftPanel(AnswerPanel):
    """Whether the rounds still come as often as the claimed return says."""

    title = "Drift"

    def build(self) -> None:
        """Make the content."""
        self.sentence = Caption(self._theme, self.content, pixels=12)
        self.lines = self.table("drift", 10)
        self.goodness = self.table("goodness of fit", 8)
        self.caps = self.table("cap of the tail", 8)
        self.facts = Facts(self._theme, self.content)
        self.keep(self.sentence, self.facts)
        self.column.addWidget(self.sentence)
        self.column.addWidget(self.lines)
        self.add_pair((self.goodness, 6), (self.caps, 5))
        self.column.addWidget(self.facts)

    def show_content(self, view: DriftView) -> None:
        """Show an answer that was made ready."""
        self.set_light(view.light)
        self.sentence.set_text(f"{view.summary[:1].upper()}{view.summary[1:]}. {view.sentence}")
        self.lines.show_table(view.columns, view.rows, "Nothing can be tested: no return is claimed.")
        self.goodness.show_table(view.goodness_columns, view.goodness)
        self.caps.show_table(view.cap_columns, view.caps)
        self.facts.show_facts(view.facts)
        visible_if(self.facts, view.facts)


class IntegrityPanel(AnswerPanel):
    """Whether the feeds are what they say they are."""

    title = "Feed integrity"

    def build(self) -> None:
        """Make the content."""
        self.findings = FindingList(self._theme, self.content)
        self.findings.setAccessibleName("faults of the feeds")
        self.findings.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.feeds = self.table("feeds that are one", 8)
        self.facts = Facts(self._theme, self.content)
        self.keep(self.findings, self.facts)
        for part in (self.findings, self.feeds, self.facts):
            self.column.addWidget(part)

    def show_content(self, view: IntegrityView) -> None:
        """Show an answer that was made ready."""
        self.set_light(view.light)
        self.findings.show_findings(view.findings, "Nothing was found.")
        self.feeds.show_table(view.feed_columns, view.feeds)
        visible_if(self.feeds, view.feeds)
        self.facts.show_facts(view.facts)
        visible_if(self.facts, view.facts)
