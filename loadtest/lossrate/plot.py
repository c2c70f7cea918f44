"""The original's four charts, with one line a strategy and the original's own figures beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, PercentFormatter

from lossrate import original
from lossrate.analysis import cells
from lossrate.loss.setter import Direction, in_words
from lossrate.metrics import Figures
from lossrate.results import Results

# Without a screen. Text stays text in SVG, and the same results make the same file.
mpl.use("Agg")
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "argus", "font.family": "DejaVu Sans"})

COLOURS = ("#2f6fde", "#d9622b", "#1d9a6c", "#8d5bd1", "#b58900", "#c2417a", "#4b8f8c")
MARKERS = "osD^vPX"
INK = "#1f2430"
MUTED = "#747b8c"
LINES = "#e3e6ec"
DOTS_PER_INCH = 160


@dataclass(frozen=True)
class Chart:
    """What is drawn over the loss rate."""

    name: str
    title: str
    unit: str
    pick: Callable[[Figures], float | None]
    is_logarithmic: bool
    original: tuple[float, ...] | None
    """The original's, by its loss rates; None where it is not known."""


CHARTS = (
    Chart("goodput", "Goodput", "uploads/s answered within 3 s", lambda it: it.goodput, True, original.GOODPUT),
    Chart("throughput", "Throughput", "uploads/s attempted", lambda it: it.throughput, True, None),
    Chart(
        "execution",
        "Mean execution time",
        "seconds",
        lambda it: it.execution,
        True,
        (original.EXECUTION_SECONDS,) * len(original.RATES),
    ),
    Chart("accuracy", "Accuracy", "of the recognised jobs", lambda it: it.accuracy, False, None),
)


def plot(results: Results, folder: Path) -> list[Path]:
    """Draw all charts of all directions, as PNG and as SVG; returns the files."""
    paths = []
    for direction in results.plan.directions:
        suffix = "" if len(results.plan.directions) == 1 else f"-{direction}"
        for chart in CHARTS:
            figure, axes = plt.subplots(figsize=(8, 4.6))
            _draw(axes, chart, results, direction)
            figure.tight_layout()
            for kind in ("png", "svg"):
                path = folder / f"{chart.name}{suffix}.{kind}"
                # A date in the file would make each drawing another one.
                figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Date": None} if kind == "svg" else None)
                paths.append(path)
            plt.close(figure)
    return paths


def _draw(axes: Axes, chart: Chart, results: Results, direction: Direction) -> None:
    if chart.original and direction == "server-to-client":
        style = {"color": MUTED, "linestyle": "--", "marker": ".", "linewidth": 1.5}
        axes.plot(original.RATES, chart.original, label="the original", **style)
    for place, strategy in enumerate(results.plan.strategies):
        measured = [
            (cell.rate, found) for cell in cells(results, strategy, direction) if (found := cell.interval(chart.pick))
        ]
        # On a logarithmic axis there is no 0: a line ends where nothing came through.
        points = [(rate, it) for rate, it in measured if it.mean > 0 or not chart.is_logarithmic]
        if not points:
            continue
        rates, means = [rate for rate, _ in points], [it.mean for _, it in points]
        colour = COLOURS[place % len(COLOURS)]
        axes.plot(rates, means, color=colour, marker=MARKERS[place % len(MARKERS)], markersize=5, label=strategy)
        known = [(rate, it.mean, it.margin) for rate, it in points if it.margin is not None]
        bars = {"fmt": "none", "ecolor": colour, "elinewidth": 1, "capsize": 2.5, "alpha": 0.6}
        for rate, mean, margin in known:
            # Down to a tenth of it at most: there is no 0 on a logarithmic axis.
            below = min(margin, 0.9 * mean) if chart.is_logarithmic else margin
            axes.errorbar(rate, mean, yerr=[[below], [margin]], **bars)
    _dress(axes, chart, direction)


def _dress(axes: Axes, chart: Chart, direction: Direction) -> None:
    if chart.is_logarithmic:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        axes.set_ylim(0, 1.02)
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel(f"packets lost, {in_words(direction)}", color=INK)
    axes.set_title(chart.title, loc="left", color=INK, fontweight="bold")
    axes.set_ylabel(chart.unit, color=INK)
    axes.grid(color=LINES, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=MUTED, which="both")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(LINES)
    axes.legend(frameon=False, labelcolor=INK, loc="center left", bbox_to_anchor=(1.0, 0.5))
