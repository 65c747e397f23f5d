"""What an answer says, parted as it comes: thoughts, calls of functions, and the text itself."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass

from appliance.engine.text.model import Piece, Thought, ToolCall, ToolCalled
from appliance.engine.text.stopping import StopTexts
from appliance.engine.text.tool_calls import HERMES, CallNotation, calls_in

Said = Piece | Thought | ToolCalled

THOUGHT_OPENS, THOUGHT_CLOSES = "<think>", "</think>"
_LONGEST_CALL = 256 * 1024


@dataclass(frozen=True)
class Reading:
    """How an answer is to be read.

    Attributes:
        may_think: Whether it may begin with thoughts.
        begins_in_thought: Whether the prompt has opened them already.
        notation: How calls look in it; None reads none.
    """

    may_think: bool = False
    begins_in_thought: bool = False
    notation: CallNotation | None = None


class Transcript:
    """Hears the bytes of an answer, and says what they come to as soon as that is sure."""

    def __init__(
        self, reading: Reading, stops: StopTexts, *, new_call_id: Callable[[], str]
    ) -> None:
        """Begin with nothing heard."""
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._reading = reading
        self._stops = stops
        self._new_call_id = new_call_id
        self._held = ""
        self._said: list[Said] = []
        self._is_over = False
        self._step = self._in_thought if reading.begins_in_thought else self._at_start
        # Blanks between thoughts or calls and what follows them belong to neither.
        self._skips_blanks = reading.begins_in_thought

    @property
    def stop_text(self) -> str:
        """Return which stop text was found; empty if none was."""
        return self._stops.found

    @property
    def held_characters(self) -> int:
        """Return how many characters at the end are not told yet."""
        return len(self._held) + self._stops.held_characters

    def hear(self, data: bytes) -> list[Said]:
        """Return what is sure now that these bytes have come."""
        return self._heard(self._decoder.decode(data))

    def end(self) -> list[Said]:
        """Return the rest, when nothing more comes."""
        self._is_over = True
        said = self._heard(self._decoder.decode(b"", final=True))
        rest = "" if self.stop_text else self._stops.rest()
        return [*said, *([Piece(rest)] if rest else [])]

    def _heard(self, text: str) -> list[Said]:
        self._held += text
        goes_on = True
        while goes_on and not self.stop_text:
            if self._skips_blanks:
                self._held = self._held.lstrip()
                self._skips_blanks = not self._held
            goes_on = self._step()
        said, self._said = self._said, []
        return said

    def _at_start(self) -> bool:
        """Read on until it is sure whether the answer begins with thoughts."""
        begun = self._held.lstrip()
        if not self._reading.may_think:
            self._step = self._after_thought
            return True
        if begun.startswith(THOUGHT_OPENS):
            self._held = begun.removeprefix(THOUGHT_OPENS)
            self._step, self._skips_blanks = self._in_thought, True
            return True
        if not self._is_over and THOUGHT_OPENS.startswith(begun):
            return False
        self._step = self._after_thought
        return True

    def _in_thought(self) -> bool:
        thought, mark, rest = self._held.partition(THOUGHT_CLOSES)
        if not mark and not self._is_over:
            thought, rest = _parted(self._held, THOUGHT_CLOSES)
        self._held = rest
        if thought:
            self._said.append(Thought(thought))
        if mark:
            self._step, self._skips_blanks = self._after_thought, True
        return bool(mark)

    def _after_thought(self) -> bool:
        """Read on until it is sure whether the answer is a call as a whole."""
        notation = self._reading.notation
        is_bare = notation is not None and not notation.opening
        if is_bare and not self._held.strip() and not self._is_over:
            return False
        is_call = is_bare and self._held.lstrip().startswith("{")
        self._step = self._in_call if is_call else self._in_text
        return True

    def _in_text(self) -> bool:
        notation = self._reading.notation
        text, mark, rest = self._held, "", ""
        if notation is not None and notation.opening:
            text, mark, rest = self._held.partition(notation.opening)
            if not mark and not self._is_over:
                text, rest = _parted(self._held, notation.opening)
        self._held = rest
        passed = self._stops.passed(text)
        if mark and not self.stop_text:
            passed += self._stops.rest()
            self._step, self._skips_blanks = self._in_call, True
        if passed.strip() if mark else passed:
            self._said.append(Piece(passed))
        return bool(mark)

    def _in_call(self) -> bool:
        notation = self._reading.notation or HERMES
        body, mark, rest = self._held, "", ""
        if notation.closing:
            body, mark, rest = self._held.partition(notation.closing)
        if not mark and not self._is_over and len(self._held) < _LONGEST_CALL:
            return False
        self._held = rest
        calls = calls_in(body.strip(), notation)
        if calls is None:
            # What is no call after all is told as it was written.
            text = self._stops.passed(notation.opening + body + mark)
            self._said += [Piece(text)] if text else []
        else:
            self._said += [ToolCalled(ToolCall(self._new_call_id(), *call)) for call in calls]
        self._step, self._skips_blanks = self._in_text, calls is not None
        return bool(rest)


def _parted(text: str, mark: str) -> tuple[str, str]:
    """Return what is surely before `mark`, and the end that it may begin with."""
    most = min(len(text), len(mark) - 1)
    held = next((n for n in range(most, 0, -1) if text.endswith(mark[:n])), 0)
    return text[: len(text) - held], text[len(text) - held :]
