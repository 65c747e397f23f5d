"""The figures of a comparison as text: medians of the rounds, and our ratio to each other one."""

import statistics
from collections.abc import Mapping, Sequence

from benchmarks.rivals.cases import Figures

Rounds = Mapping[str, Sequence[Figures]]


def table(case: str, rounds: Rounds, *, ours: str) -> str:
    """Return a table of one case.

    Args:
        case: Its name.
        rounds: By the opponents' names, the figures of each round; the same rounds for all.
        ours: Whose ratios are printed.
    """
    names = list(rounds)
    others = [name for name in names if name != ours] if ours in rounds else []
    head = "".join(f"{name:>15}" for name in names)
    ratios = "".join(f"{f'/ {name}':>16}" for name in others)
    lines = [f"\n{case:<30}{head}{ratios}"]
    for figure in rounds[names[0]][0]:
        values = "".join(f"{_median(rounds[name], figure):15.2f}" for name in names)
        compared = "".join(f"{_ratio(rounds, ours, name, figure):>16}" for name in others)
        lines.append(f"  {figure:<28}{values}{compared}")
    return "\n".join(lines)


def _median(rounds: Sequence[Figures], figure: str) -> float:
    return statistics.median(figures[figure] for figures in rounds)


def _ratio(rounds: Rounds, ours: str, other: str, figure: str) -> str:
    """Return the median of each round's ratio: a slow minute of the box hits both sides of it."""
    pairs = zip(rounds[ours], rounds[other], strict=True)
    ratios = [mine[figure] / theirs[figure] for mine, theirs in pairs if theirs[figure]]
    return f"{statistics.median(ratios):.2f}" if ratios else "-"
