"""How long files and functions are, as a table for people."""

import statistics
from collections.abc import Sequence

from tools.house_rules.project import Project
from tools.house_rules.rules.function_size import functions_of, lines_of

_TOPS = ("appliance", "tests", "tools", "benchmarks", "models")


def size_table(project: Project) -> str:
    """Return median, 90th percentile and maximum of lines, per top-level folder."""
    rows = [f"{'':12} {'number':>7} {'median':>7} {'p90':>7} {'max':>7}  longest"]
    for top in _TOPS:
        modules = list(project.modules_in(top))
        files = {module.path: len(module.text.splitlines()) for module in modules}
        files = {path: lines for path, lines in files.items() if lines}
        functions = {
            f"{module.path}::{function.name}": lines_of(function)
            for module in modules
            for function in functions_of(module)
        }
        rows.append(f"{top}")
        rows.extend(
            _row(kind, sizes) for kind, sizes in (("files", files), ("functions", functions))
        )
    return "\n".join(rows)


def _row(kind: str, sizes: dict[str, int]) -> str:
    if not sizes:
        return f"  {kind:10} {0:>7}"
    longest = max(sizes, key=lambda name: sizes[name])
    lines = sorted(sizes.values())
    median = round(statistics.median(lines))
    return (
        f"  {kind:10} {len(lines):>7} {median:>7} {percentile(lines, 90):>7} "
        f"{lines[-1]:>7}  {longest}"
    )


def percentile(ordered: Sequence[int], percent: int) -> int:
    """Return the value that `percent` of 100 of the ordered values do not exceed."""
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
