"""How a conversation becomes the text that a model was trained on: its own chat template."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from appliance.base.errors import EngineUnavailableError, InvalidValueError
from appliance.engine.text.model import Tool, Turn
from appliance.engine.text.template_sandbox import BadTemplateError, compiled, rendered
from appliance.engine.text.template_values import (
    Guards,
    message_value,
)
from appliance.engine.text.tool_calls import HERMES, CallNotation, notation_of, tool_value
from appliance.engine.text.transcript import THOUGHT_OPENS

# For files without a template: ChatML, which Qwen and many others use.
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# Marks around the place of a message's text: of the private use area, so no template has them.
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_ROLES = frozenset({"system", "user", "assistant", "tool"})
# Some templates repeat a message, none more often than this.
_MOST_PLACES = 4
_LONGEST_NUMBER = 8
_PROBE = Tool("probe_of_tools", "Probe.", {"type": "object", "properties": {}})

Segment = tuple[str, int | None]


@dataclass(frozen=True)
class Offer:
    """What a model is told of besides the conversation.

    Attributes:
        tools: Functions that it may ask for.
        thinks: Whether it is to think aloud first, if it can.
        is_plain: Tells whether a text holds no special token; the words of tools that hold one
            are kept apart.
    """

    tools: tuple[Tool, ...] = ()
    thinks: bool = False
    is_plain: Callable[[str], bool] = lambda _text: True


class ChatTemplate:
    """A compiled chat template. It may loop and ask, but reaches nothing of this process."""

    def __init__(
        self, source: str | None, *, now: Callable[[], datetime], special: Mapping[str, str]
    ) -> None:
        """Compile the template and try it.

        Args:
            source: Of the model file; None takes ChatML.
            now: Tells the time, which some templates write.
            special: Texts that templates name, such as `bos_token`.

        Raises:
            EngineUnavailableError: If not even one question can be written with it.
        """
        self._special = dict(special)
        text = source or _CHATML
        try:
            self._template = compiled(text, now=now)
            self._segments([Turn("user", "?")], Offer(), fold_system=False)
        except BadTemplateError as error:
            raise EngineUnavailableError(
                f"The model's chat template cannot be used: {error}.",
                code="bad_model_file",
                hint="Choose an instruct model from another source.",
            ) from error
        notation = notation_of(text)
        self._knows_tools = notation is not None and self._tells_of(_PROBE)
        # What teaches no notation that we read is taught ours.
        self.notation: CallNotation = notation if notation and self._knows_tools else HERMES
        self.may_think = THOUGHT_OPENS in text
        self._opens = {thinks: self._leaves_thought_open(thinks=thinks) for thinks in (True, False)}

    @property
    def knows_tools(self) -> bool:
        """Return whether it tells the model of tools, in a notation that we read."""
        return self._knows_tools

    def opens_thought(self, *, thinks: bool) -> bool:
        """Return whether the prompt itself opens the model's thoughts."""
        return self._opens[thinks]

    def segments(
        self, turns: Sequence[Turn], *, continues: bool = False, offer: Offer | None = None
    ) -> list[Segment]:
        """Return the prompt in pieces: the template's own text, and the places of messages.

        A piece is `(text, None)` for the template's text, in which special tokens count, or
        `("", i)` for the content of turn `i`, or `(text, PLAIN)`, in which they must not: what a
        person types can then never open or close a turn.

        Args:
            turns: The conversation.
            continues: Whether the last turn is an answer that is left open: what the model
                reads ends with it, just as when it wrote that answer.
            offer: What the model is told of besides.

        Raises:
            InvalidValueError: If the template refuses the conversation, or a role is unknown.
        """
        if continues:
            return [*self.segments(turns[:-1], offer=offer), ("", len(turns) - 1)]
        offer = offer or Offer()
        for turn in turns:
            if turn.role not in _ROLES:
                raise InvalidValueError(
                    f"The role {turn.role[:40]!r} is not one of assistant, system, tool, user.",
                    code="unknown_role",
                )
        has_system = len(turns) > 1 and turns[0].role == "system"
        try:
            return self._segments(turns, offer, fold_system=False)
        except BadTemplateError as error:
            if not has_system:
                raise _refused(error) from error
        # Gemma and others have no system turn: there the instruction leads the first question.
        try:
            return self._segments(turns, offer, fold_system=True)
        except BadTemplateError as error:
            raise _refused(error) from error

    def _segments(self, turns: Sequence[Turn], offer: Offer, *, fold_system: bool) -> list[Segment]:
        guards = Guards(offer.is_plain)
        messages = [
            message_value(turn, _place_of(index, turn), guards) for index, turn in enumerate(turns)
        ]
        if fold_system:
            system, question, *rest = messages
            led = {**question, "content": f"{system['content']}\n\n{question['content']}"}
            messages = [led, *rest]
        text = self._rendered(messages, guards, offer)
        return [
            piece
            for part, place in _cut(text, len(turns))
            for piece in ([(part, place)] if place is not None else guards.parted(part))
        ]

    def _rendered(
        self, messages: Sequence[Mapping[str, object]], guards: Guards, offer: Offer
    ) -> str:
        tools = [guards.guarded(tool_value(tool)) for tool in offer.tools]
        return rendered(
            self._template,
            messages=messages,
            add_generation_prompt=True,
            enable_thinking=offer.thinks,
            **({"tools": tools} if tools and self._knows_tools else {}),
            **self._special,
        )

    def _tells_of(self, tool: Tool) -> bool:
        self._knows_tools = True
        try:
            segments = self._segments([Turn("user", "?")], Offer((tool,)), fold_system=False)
        except BadTemplateError:
            return False
        return any(tool.name in text for text, _place in segments)

    def _leaves_thought_open(self, *, thinks: bool) -> bool:
        try:
            segments = self._segments([Turn("user", "?")], Offer(thinks=thinks), fold_system=False)
        except BadTemplateError:
            return False
        return segments[-1][0].rstrip().endswith(THOUGHT_OPENS)


def _place_of(index: int, turn: Turn) -> str:
    # A turn that only calls functions has no text, and templates ask whether it has.
    return "" if turn.tool_calls and not turn.content else f"{_OPEN}{index}{_CLOSE}"


def _cut(text: str, turn_count: int) -> list[Segment]:
    pieces: list[Segment] = []
    for part in text.split(_OPEN):
        number, mark, rest = part.partition(_CLOSE)
        if mark:
            pieces.append(("", _place(number, turn_count)))
        if plain := (rest if mark else part):
            pieces.append((_whole_characters(plain), None))
    counts = Counter(place for _, place in pieces if place is not None)
    if not counts or max(counts.values()) > _MOST_PLACES:
        raise BadTemplateError("it leaves messages out or repeats them")
    return pieces


def _place(number: str, turn_count: int) -> int:
    is_number = number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
    if not is_number or int(number) >= turn_count:
        raise BadTemplateError("it writes messages that are not there")
    return int(number)


def _whole_characters(text: str) -> str:
    # A template can write half a character (a lone surrogate), which has no bytes.
    return text.encode("utf-8", "replace").decode()


def _refused(error: BadTemplateError) -> InvalidValueError:
    return InvalidValueError(
        f"The model's chat template refuses this conversation: {error}.",
        code="template_refused",
        hint="Start a new conversation, or choose another model.",
    )
