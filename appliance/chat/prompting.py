"""What the model is given to read: a short instruction, then the conversation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from appliance.chat.model import AnswerOptions, Message, MessageRole
from appliance.engine.text.model import Sampling, Turn

# No model here reads more: about 250,000 tokens. What is older is not even loaded.
MOST_PROMPT_CHARACTERS = 1_000_000

_INSTRUCTIONS: Mapping[str, str] = {
    "es": (
        "Eres Nodo, un asistente privado que funciona en este equipo, sin internet. "
        "Responde con claridad y brevedad, en el idioma de la pregunta. "
        "Si no sabes algo, dilo."
    ),
    "en": (
        "You are Nodo, a private assistant that runs on this computer, without the internet. "
        "Answer clearly and briefly, in the language of the question. "
        "If you do not know something, say so."
    ),
}


@dataclass(frozen=True)
class Script:
    """What the model is given to read.

    Attributes:
        turns: The instruction, then questions and answers in turn.
        first_messages: Of each turn after the instruction, the id of its first message.
    """

    turns: tuple[Turn, ...]
    first_messages: tuple[str, ...]

    def read_from(self, *, dropped_turns: int, is_whole: bool) -> str | None:
        """Return the id of the oldest message that the model reads; None if it reads all.

        Args:
            dropped_turns: Oldest turns that the engine left out.
            is_whole: Whether the script holds the conversation from its beginning.
        """
        if (dropped_turns == 0 and is_whole) or not self.first_messages:
            return None
        return self.first_messages[min(dropped_turns, len(self.first_messages) - 1)]


def script_of(path: Sequence[Message], answer: Message, *, language: str) -> Script:
    """Return what the model reads for an answer; one that has text goes on from there.

    Answers without text (failed, stopped at once) are left out, and questions that then follow
    each other become one turn: many chat templates refuse two turns of the same role in a row.

    Args:
        path: Messages from the root to the question.
        answer: The answer to be written.
        language: `es` or `en`, of the instruction.
    """
    turns = [_instruction(language)]
    first_messages: list[str] = []
    for message in path:
        if not message.content.strip():
            continue
        turn = Turn(_role_of(message), message.content)
        if turns[-1].role == turn.role:
            turns[-1] = replace(turn, content=f"{turns[-1].content}\n\n{turn.content}")
        else:
            turns.append(turn)
            first_messages.append(message.id)
    if answer.content:
        turns.append(Turn("assistant", answer.content))
        first_messages.append(answer.id)
    return Script(tuple(turns), tuple(first_messages))


def first_question(content: str, *, language: str) -> tuple[Turn, ...]:
    """Return what the model reads for a question with which a conversation begins.

    Args:
        content: The question, or how it will begin.
        language: `es` or `en`, of the instruction.
    """
    return (_instruction(language), Turn("user", content))


def sampling_of(options: AnswerOptions) -> Sampling:
    """Return how tokens are chosen: as asked for, else as the model's makers recommend."""
    usual = Sampling()
    return replace(
        usual,
        temperature=options.temperature,
        top_p=options.top_p,
        top_k=options.top_k,
        max_tokens=usual.max_tokens if options.max_tokens is None else options.max_tokens,
        seed=options.seed,
    )


def _instruction(language: str) -> Turn:
    return Turn("system", _INSTRUCTIONS.get(language, _INSTRUCTIONS["en"]))


def _role_of(message: Message) -> Literal["user", "assistant"]:
    return "user" if message.role is MessageRole.USER else "assistant"
