"""How a conversation becomes the text that a model was trained on: its own chat template."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from appliance.base.errors import InvalidValueError
from appliance.engine.text.model import Turn

# For files without a template: ChatML, which Qwen and many others use.
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
# Marks around the place of a message's text: of the private use area, so no template has them.
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"


class ChatTemplate:
    """A compiled chat template. It may loop and ask, but reaches nothing of this process."""

    def __init__(self, source: str | None, *, today: datetime, special: Mapping[str, str]) -> None:
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        environment.globals["raise_exception"] = _refuse
        environment.globals["strftime_now"] = today.strftime
        environment.filters["tojson"] = _to_json
        self._template = environment.from_string(source or _CHATML)
        self._special = dict(special)

    def segments(self, turns: Sequence[Turn]) -> list[tuple[str, int | None]]:
        """Return the prompt in pieces: the template's own text, and the places of messages.

        A piece is `(text, None)` for the template's text, in which special tokens count, or
        `("", i)` for the content of turn `i`, in which they must not: what a person types can
        then never open or close a turn.

        Raises:
            InvalidValueError: If the template refuses the conversation.
        """
        marked = [
            {"role": turn.role, "content": f"{_OPEN}{index}{_CLOSE}"}
            for index, turn in enumerate(turns)
        ]
        try:
            text = self._template.render(
                messages=marked, add_generation_prompt=True, enable_thinking=False, **self._special
            )
        except TemplateError as error:
            raise InvalidValueError(
                f"The model's chat template refuses this conversation: {error}",
                code="template_refused",
            ) from error
        return _cut(text)


def _cut(text: str) -> list[tuple[str, int | None]]:
    pieces: list[tuple[str, int | None]] = []
    for part in text.split(_OPEN):
        number, mark, rest = part.partition(_CLOSE)
        if mark:
            pieces.append(("", int(number)))
        if plain := (rest if mark else part):
            pieces.append((plain, None))
    return pieces


def _refuse(reason: str) -> None:
    raise TemplateError(reason)


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)
