"""What an extraction process says: taken with care, for a hostile file may have taken it over."""

from dataclasses import dataclass, field

from appliance.files.extraction.frames import Frame
from appliance.files.model import LONGEST_TEXT_CHARACTERS, Fault, ReadText, storable

_LONGEST_WORDS = 500
_LARGEST_NUMBER = 1_000_000
FAILED = Fault(
    "extraction_failed",
    "The program that reads files stopped before it was done.",
    "Upload the file again; if it stays, save it as plain text.",
)


@dataclass
class Heard:
    """All that was said about one file so far.

    Attributes:
        pages_done: Pages that are read.
        pages: Pages that it has; None if it has none, or none were told of.
        outcome: What came of it; None until it was said.
    """

    pages_done: int = 0
    pages: int | None = None
    outcome: ReadText | Fault | None = None
    _texts: list[str] = field(default_factory=list[str])
    _characters: int = 0

    def take(self, frame: Frame) -> None:
        """Take what was said; what nobody says is left out."""
        kind = frame.get("is")
        if kind == "pages":
            self.pages_done, self.pages = _number(frame, "done"), _number(frame, "total")
        elif kind == "text":
            self._take_text(str(frame.get("text", "")))
        elif kind == "read":
            text = storable("".join(self._texts))
            self.outcome = ReadText(text, is_cut=bool(frame.get("is_cut")), pages=self.pages)
        elif kind == "refused":
            words = (str(frame.get(name, ""))[:_LONGEST_WORDS] for name in _WORDS)
            self.outcome = Fault(*words)

    def _take_text(self, text: str) -> None:
        room = LONGEST_TEXT_CHARACTERS - self._characters
        self._texts.append(text[:room])
        self._characters += min(len(text), room)


_WORDS = ("code", "detail", "hint")


def _number(frame: Frame, name: str) -> int:
    found = frame.get(name)
    return max(0, min(found, _LARGEST_NUMBER)) if isinstance(found, int) else 0
