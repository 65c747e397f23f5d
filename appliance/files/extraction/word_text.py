"""From the elements of a Word document to lines of text: paragraphs, headings, lists, tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from appliance.files.extraction.xml_events import Values

# What stands in these is there a second time, or was moved away, or is a reading aid.
_SKIPPED = frozenset({"Fallback", "moveFrom", "del", "rt"})
_IN_RUNS: Mapping[str, str] = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


@dataclass
class _Paragraph:
    pieces: list[str] = field(default_factory=list[str])
    heading: int = 0
    is_listed: bool = False

    def line(self) -> str:
        text = "".join(self.pieces).strip()
        if not text:
            return ""
        if self.heading:
            return f"{'#' * self.heading} {text}"
        return f"- {text}" if self.is_listed else text


@dataclass
class _Table:
    cells: list[str] = field(default_factory=list[str])
    lines: list[str] = field(default_factory=list[str])


class WordText:
    """Hears the elements of one part and gives its lines; cells of a row stand side by side."""

    def __init__(self, headings: Mapping[str, int]) -> None:
        """Begin a part.

        Args:
            headings: Level of each style that is a heading, by the style's id.
        """
        self._headings = headings
        self._paragraphs: list[_Paragraph] = []
        self._tables: list[_Table] = []
        self._skipped_depth = 0
        self._run_depth = 0
        self._is_text = False
        self._lines: list[str] = []

    def take_lines(self) -> list[str]:
        """Return the lines that are complete, each with its end, once."""
        lines, self._lines = self._lines, []
        return lines

    def begin(self, space: str, name: str, values: Values) -> None:
        """Hear the beginning of an element."""
        if self._skipped_depth or name in _SKIPPED:
            self._skipped_depth += 1
        elif name == "t" and _has_text(space):
            self._is_text = True
        elif "wordprocessingml" in space:
            self._begin_own(name, values)

    def end(self, space: str, name: str) -> None:
        """Hear the end of an element."""
        if self._skipped_depth:
            self._skipped_depth -= 1
        elif name == "t":
            self._is_text = False
        elif "wordprocessingml" in space:
            self._end_own(name)

    def take(self, text: str) -> None:
        """Hear characters."""
        if self._is_text and self._paragraphs and not self._skipped_depth:
            self._paragraphs[-1].pieces.append(text)

    def _begin_own(self, name: str, values: Values) -> None:
        if name == "p":
            self._paragraphs.append(_Paragraph())
        elif name == "tbl":
            self._tables.append(_Table())
        elif name == "r":
            self._run_depth += 1
        elif self._paragraphs:
            self._begin_inside(self._paragraphs[-1], name, values)

    def _begin_inside(self, paragraph: _Paragraph, name: str, values: Values) -> None:
        if self._run_depth and name in _IN_RUNS:
            paragraph.pieces.append(_IN_RUNS[name])
        elif name == "pStyle":
            paragraph.heading = self._headings.get(values.get("val", ""), 0)
        elif name == "numPr":
            paragraph.is_listed = True

    def _end_own(self, name: str) -> None:
        if name == "p" and self._paragraphs:
            self._put(self._paragraphs.pop().line())
        elif name == "r":
            self._run_depth = max(self._run_depth - 1, 0)
        elif name == "tc" and self._tables:
            table = self._tables[-1]
            table.cells.append(" ".join(line for line in table.lines if line))
            table.lines.clear()
        elif name == "tr" and self._tables:
            self._end_row()
        elif name == "tbl" and self._tables:
            self._tables.pop()
            self._put("")

    def _end_row(self) -> None:
        table = self._tables.pop()
        row = " | ".join(table.cells)
        self._put(row if row.strip(" |") else "")
        table.cells.clear()
        self._tables.append(table)

    def _put(self, line: str) -> None:
        if self._tables:
            self._tables[-1].lines.append(line.replace("\n", " "))
        elif line or (self._lines and self._lines[-1] != "\n"):
            self._lines.append(f"{line}\n")


def _has_text(space: str) -> bool:
    # Of the text itself and of formulas; not of drawings, charts and properties.
    return "wordprocessingml" in space or space.endswith("/math")
