"""How a conversation becomes the text that a model was trained on: its own chat template."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from appliance.base.errors import EngineUnavailableError, InvalidValueError
from appliance.engine.text.model import Turn
from appliance.engine.text.template_sandbox import BadTemplateError, compiled, rendered

# For files without a template: ChatML, which Qwen and many others use.
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# Marks around the place of a message's text: of the private use area, so no template has them.
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_ROLES = frozenset({"system", "user", "assistant"})
# Some templates repeat a message, none more often than this.
_MOST_PLACES = 4
_LONGEST_NUMBER = 8

Segment = tuple[str, int | None]


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
        try:
            self._template = compiled(source or _CHATML, now=now)
            self._segments([Turn("user", "?")], fold_system=False)
        except BadTemplateError as error:
            raise EngineUnavailableError(
                f"The model's chat template cannot be used: {error}.",
                code="bad_model_file",
                hint="Choose an instruct model from another source.",
            ) from error

    def segments(self, turns: Sequence[Turn], *, continues: bool = False) -> list[Segment]:
        """Return the prompt in pieces: the template's own text, and the places of messages.

        A piece is `(text, None)` for the template's text, in which special tokens count, or
        `("", i)` for the content of turn `i`, in which they must not: what a person types can
        then never open or close a turn.

        Args:
            turns: The conversation.
            continues: Whether the last turn is an answer that is left open: what the model
                reads ends with it, just as when it wrote that answer.

        Raises:
            InvalidValueError: If the template refuses the conversation, or a role is unknown.
        """
        if continues:
            return [*self.segments(turns[:-1]), ("", len(turns) - 1)]
        for turn in turns:
            if turn.role not in _ROLES:
                raise InvalidValueError(
                    f"The role {turn.role[:40]!r} is not one of assistant, system, user.",
                    code="unknown_role",
                )
        has_system = len(turns) > 1 and turns[0].role == "system"
        try:
            return self._segments(turns, fold_system=False)
        except BadTemplateError as error:
            if not has_system:
                raise _refused(error) from error
        # Gemma and others have no system turn: there the instruction leads the first question.
        try:
            return self._segments(turns, fold_system=True)
        except BadTemplateError as error:
            raise _refused(error) from error

    def _segments(self, turns: Sequence[Turn], *, fold_system: bool) -> list[Segment]:
        messages = [
            {"role": turn.role, "content": f"{_OPEN}{index}{_CLOSE}"}
            for index, turn in enumerate(turns)
        ]
        if fold_system:
            system, question, *rest = messages
            led = {**question, "content": f"{system['content']}\n\n{question['content']}"}
            messages = [led, *rest]
        text = rendered(
            self._template,
            messages=messages,
            add_generation_prompt=True,
            enable_thinking=False,
            **self._special,
        )
        return _cut(text, len(turns))


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
