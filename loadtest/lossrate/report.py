"""The report of an experiment: tables in Markdown, and what they show in sentences."""

from collections import Counter
from collections.abc import Callable, Sequence
from operator import attrgetter

from lossrate import original
from lossrate.analysis import ENOUGH, Cell, Interval, ambiguous_photos, cells, interval, largest_deviation, violations
from lossrate.loss.setter import STANDARD_ERRORS, Direction, in_words
from lossrate.metrics import Figures
from lossrate.plan import BARE, DUPLICATED, Plan
from lossrate.results import Results, TurnRow
from lossrate.uploads.strategy import STRATEGIES

REPORT = "report.md"

HEAVY_LOSS = 0.4
"""From here on the original gets hardly anything through."""

BASE = "sequential"

Count = Callable[[Figures], int]
LOST: Count = attrgetter("lost")
DOUBLED: Count = attrgetter("doubled")
COUNTS: tuple[Count, ...] = (
    attrgetter("retries"),
    attrgetter("jobs"),
    attrgetter("failed"),
    attrgetter("unheard"),
    LOST,
    DOUBLED,
)
"""Of all repeats together."""


def report(results: Results) -> str:
    """Write the whole report."""
    plan = results.plan
    parts = [
        "# Uploads over links that lose packets",
        f"{plan.photos} photos a turn, {_times(results)}, loss by `{plan.setter}`, seed {plan.seed}; {_place(plan)}.\n"
        f"On {results.machine}.",
        "\n".join(f"* **{name}**: {_describe(name)}." for name in plan.strategies),
    ]
    for direction in plan.directions:
        parts.append(f"## Loss {in_words(direction)}")
        parts.append(_goodput_table(results, direction))
        parts += [_strategy_section(results, name, direction) for name in plan.strategies]
    parts += ["## What they show", "\n".join(f"* {line}" for line in _findings(results))]
    return "\n\n".join(parts) + "\n"


def _place(plan: Plan) -> str:
    parts = [f"{plan.workers} workers", *([f"master: {plan.master}"] if plan.master else [])]
    if plan.delay_ms:
        parts.append(f"each packet of the client {plan.delay_ms:g} ms on its way")
    parts += [f"model {plan.model}"] if plan.model else []
    parts += [f"version {plan.version}"] if plan.version else []
    return ", ".join(parts)


def _describe(name: str) -> str:
    summary = STRATEGIES[name.removesuffix(DUPLICATED)].summary
    return f"{summary}; the master sends each packet several times" if name.endswith(DUPLICATED) else summary


def _goodput_table(results: Results, direction: Direction) -> str:
    """Goodput of all strategies, beside the original's where the loss is in its direction."""
    strategies = results.plan.strategies
    columns = {name: {cell.rate: cell for cell in cells(results, name, direction)} for name in strategies}
    is_original = direction == "server-to-client"
    head = ["loss", *(["the original"] if is_original else []), *strategies]
    rows = []
    for rate in results.plan.rates:
        known = original.goodput_at(rate)
        first = [f"{100 * rate:.1f} %", *([number(known)] if is_original else [])]
        rows.append([*first, *(_interval_of(columns[name].get(rate), "goodput") for name in strategies)])
    return f"Goodput, uploads a second that were answered within 3 s:\n\n{_table(head, rows)}"


def _strategy_section(results: Results, name: str, direction: Direction) -> str:
    head = ["loss", "throughput, 1/s", "accuracy", "execution, s", "p50, s", "p90, s", "p99, s", "sent, MB"]
    head += ["sent again", "jobs", "failed", "unheard", "lost", "doubled", "packets", "dropped", "off by, SE"]
    is_duplicated = name.endswith(DUPLICATED)
    rows = []
    for cell in cells(results, name, direction):
        figures = ("throughput", "accuracy", "execution", "latency_p50", "latency_p90", "latency_p99")
        row = [f"{100 * cell.rate:.1f} %", *(_interval_of(cell, figure) for figure in figures)]
        row.append(f"{cell.total(lambda it: it.bytes) / len(cell.rows) / 1e6:.1f}")
        row += [f"{cell.total(pick)}" for pick in COUNTS]
        row += _loss_of(cell.rows)
        rows.append([*row, *([_redundancy(results, cell, direction)] if is_duplicated else [])])
    if is_duplicated:
        head.append("redundancy")
    return f"### {name}\n\n{_table(head, rows)}"


def _loss_of(rows: Sequence[TurnRow]) -> list[str]:
    losses = [row.loss for row in rows if row.loss]
    if not losses:
        return ["–", "–", "–"]
    packets, dropped = sum(loss.packets for loss in losses), sum(loss.dropped for loss in losses)
    return [f"{packets}", f"{100 * dropped / max(1, packets):.2f} %", f"{largest_deviation(rows):.1f}"]


def _redundancy(results: Results, cell: Cell, direction: Direction) -> str:
    """How often each packet was sent, and how many bytes more came to the drop point than without."""
    plain_name = cell.rows[0].turn.strategy.removesuffix(DUPLICATED)
    plain = [other for other in cells(results, plain_name, direction) if other.rate == cell.rate]
    times = interval(float(row.duplicates) for row in cell.rows)
    text = f"× {number(times.mean if times else None)}"
    ours, theirs = _wire_bytes(cell.rows), _wire_bytes(plain[0].rows) if plain else 0
    return f"{text}, {ours / theirs:.1f} times the bytes" if theirs else text


def _wire_bytes(rows: Sequence[TurnRow]) -> float:
    return sum(row.loss.bytes for row in rows if row.loss) / max(1, len(rows))


def _findings(results: Results) -> list[str]:
    direction: Direction = "server-to-client"
    found = []
    if direction in results.plan.directions:
        found += [text for name in results.plan.strategies if (text := _beside_original(results, name, direction))]
    found += [text] if (text := _beside_bare(results)) else []
    executions = [row.figures.execution for row in results.turns if row.figures.execution is not None]
    if executions:
        found.append(
            f"A photo took a worker {_show(interval(executions))} s on average, and {number(max(executions))} s in "
            f"the slowest turn (original: {original.EXECUTION_SECONDS} s)."
        )
    found.append(_safety(results))
    found += [f"**Not as it should be:** {line}." for line in violations(results)]
    return found


def _beside_original(results: Results, name: str, direction: Direction) -> str | None:
    ratios = [
        (cell.rate, goodput.mean / known)
        for cell in cells(results, name, direction)
        if (goodput := cell.interval(lambda it: it.goodput)) and (known := original.goodput_at(cell.rate))
    ]
    if not ratios:
        return None
    low, high = min(ratio for _, ratio in ratios), max(ratio for _, ratio in ratios)
    text = f"`{name}` has {number(low)} to {number(high)} times the original's goodput"
    heavy = [ratio for rate, ratio in ratios if rate >= HEAVY_LOSS]
    return (
        f"{text}; from {100 * HEAVY_LOSS:.0f} % of loss on, {number(min(heavy))} times at least."
        if heavy
        else f"{text}."
    )


def _beside_bare(results: Results) -> str | None:
    """The share of a bare handler's goodput that the master has, turn by turn, since the machine changes."""
    # Where nothing is lost the direction means nothing.
    direction = results.plan.directions[0]
    bare = _by_repeat(results, BARE, direction)
    master = _by_repeat(results, BASE, direction)
    ratio = interval(master[repeat] / bare[repeat] for repeat in bare.keys() & master.keys() if bare[repeat])
    if ratio is None:
        return None
    mean = interval(bare.values())
    return (
        f"Without loss `{BASE}` gets {_show(interval(master.values()))} uploads a second through to the master, and "
        f"{_show(mean)} to a bare handler that only writes them to disk: a ratio of {_show(ratio)}."
    )


def _by_repeat(results: Results, strategy: str, direction: Direction) -> dict[int, float]:
    return {
        row.turn.repeat: row.figures.goodput
        for row in results.turns
        if row.turn.strategy == strategy and row.turn.direction == direction and row.turn.rate == 0
    }


def _safety(results: Results) -> str:
    jobs = sum(row.figures.jobs for row in results.turns)
    lost, doubled = (sum(pick(row.figures) for row in results.turns) for pick in (LOST, DOUBLED))
    text = f"Of {jobs} jobs {lost or 'none'} was lost and {doubled or 'none'} doubled"
    text += f"; {len(ambiguous_photos(results)) or 'no'} photo had another class at another loss rate"
    counted = [row for row in results.turns if row.loss]
    if counted:
        text += (
            f". The dropped share was {largest_deviation(counted):.1f} standard errors from the wanted one at most"
            f"; it was more than {STANDARD_ERRORS} from it in {sum(not row.is_as_wanted for row in counted)} of "
            f"{len(counted)} turns"
        )
    return f"{text}."


def _interval_of(cell: Cell | None, figure: str) -> str:
    pick: Callable[[Figures], float | None] = attrgetter(figure)
    return _show(cell.interval(pick)) if cell else "–"


def _show(it: Interval | None) -> str:
    if it is None:
        return "–"
    return number(it.mean) if it.margin is None else f"{number(it.mean)} ± {number(it.margin)}"


def number(value: float | None) -> str:
    """Three digits that count, where there are as many."""
    if value is None:
        return "–"
    if abs(value) >= 100:  # noqa: PLR2004
        return f"{value:.0f}"
    if abs(value) >= 1:
        return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"  # noqa: PLR2004
    # What is left of a mean of equal numbers is none.
    return f"{value:.3g}" if abs(value) >= 1e-6 else "0"  # noqa: PLR2004


def _times(results: Results) -> str:
    """How often turns were carried out: an experiment may have been broken off."""
    times = Counter((row.turn.strategy, row.turn.direction, row.turn.rate) for row in results.turns).values()
    least, most = min(times, default=0), max(times, default=0)
    often = f"{most} times each" if least == most else f"{least} to {most} times each"
    often = "once each" if most == 1 else often
    return f"{often}, with 95 % intervals where there are {ENOUGH}" if most >= ENOUGH else often


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
