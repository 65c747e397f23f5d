"""Figures as Prometheus reads them.

Source: Prometheus, "Exposition formats", text format 0.0.4.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Kind(StrEnum):
    """Whether a figure only grows, goes up and down, or is a distribution."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True)
class Sample:
    """One value.

    Attributes:
        value: The number.
        labels: What tells it apart from others of the same figure.
        suffix: What is added to the figure's name, for the parts of a distribution.
    """

    value: float
    labels: Mapping[str, str] | None = None
    suffix: str = ""


@dataclass(frozen=True)
class Figure:
    """A figure with all of its values; those of counters have names that end with `_total`."""

    name: str
    help: str
    kind: Kind
    samples: Sequence[Sample]


def counter(name: str, help_text: str, *samples: Sample) -> Figure:
    """Return a figure that only grows."""
    return Figure(name, help_text, Kind.COUNTER, samples)


def gauge(name: str, help_text: str, *samples: Sample) -> Figure:
    """Return a figure that goes up and down."""
    return Figure(name, help_text, Kind.GAUGE, samples)


def histogram(
    name: str, help_text: str, *, bounds: Sequence[float], counts: Sequence[int], total: float
) -> Figure:
    """Return a distribution.

    Args:
        name: Of the figure.
        help_text: What it is.
        bounds: Upper bounds of the classes, growing.
        counts: How many fell into each, and one more for those above all bounds.
        total: The sum of all values.
    """
    samples: list[Sample] = []
    below = 0
    for bound, count in zip([*(f"{b:g}" for b in bounds), "+Inf"], counts, strict=True):
        below += count
        samples.append(Sample(below, {"le": bound}, "_bucket"))
    samples += [Sample(total, suffix="_sum"), Sample(below, suffix="_count")]
    return Figure(name, help_text, Kind.HISTOGRAM, samples)


def exposition(figures: Iterable[Figure]) -> str:
    """Return all figures as one page of text."""
    return "".join(f"{line}\n" for figure in figures for line in _lines(figure))


def _lines(figure: Figure) -> Iterable[str]:
    yield f"# HELP {figure.name} {_escaped(figure.help)}"
    yield f"# TYPE {figure.name} {figure.kind.value}"
    for sample in figure.samples:
        yield f"{figure.name}{sample.suffix}{_labels(sample.labels or {})} {sample.value:.10g}"


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    pairs = (f'{name}="{_quoted(value)}"' for name, value in labels.items())
    return "{" + ",".join(pairs) + "}"


def _quoted(value: str) -> str:
    return _escaped(value).replace('"', '\\"')


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n")
