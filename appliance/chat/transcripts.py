"""Conversations as texts that people keep: Markdown, and names for the files."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from appliance.chat.model import Conversation, Message, MessageRole, MessageState

_LONGEST_NAME_CHARACTERS = 60
# What some file system or shell takes for more than a letter.
_UNSAFE = frozenset('\\/:*?"<>|')
_WORDS: Mapping[str, Mapping[str, str]] = {
    "es": {
        "user": "Tú",
        "assistant": "Nodo",
        "untitled": "Conversación",
        "files": "Archivos",
        "stopped": "Detenida.",
        "failed": "No se pudo terminar.",
        "interrupted": "Interrumpida.",
        "unfinished": "Sin terminar.",
    },
    "en": {
        "user": "You",
        "assistant": "Nodo",
        "untitled": "Conversation",
        "files": "Files",
        "stopped": "Stopped.",
        "failed": "Could not be finished.",
        "interrupted": "Interrupted.",
        "unfinished": "Not finished.",
    },
}


def newest_branch(messages: Sequence[Message]) -> list[Message]:
    """Return the messages from the root to the newest one, without other versions.

    Args:
        messages: All of a conversation, in any order.
    """
    by_id = {message.id: message for message in messages}
    at = max(messages, key=lambda message: message.position, default=None)
    branch: list[Message] = []
    while at is not None:
        branch.append(at)
        at = by_id.get(at.parent_id) if at.parent_id else None
    return branch[::-1]


def markdown_of(conversation: Conversation, messages: Sequence[Message], *, language: str) -> str:
    """Return the newest branch of a conversation as a Markdown document.

    Args:
        conversation: Which one.
        messages: All of its messages.
        language: `es` or `en`, of the headings.
    """
    words = _WORDS.get(language, _WORDS["en"])
    parts = [f"# {conversation.title or words['untitled']}"]
    for message in newest_branch(messages):
        parts.extend(_parts_of(message, words))
    return "\n\n".join(parts) + "\n"


def file_name_of(conversation: Conversation, ending: str, *, language: str) -> str:
    """Return a name that every file system takes, such as `2026-03-02 Luz y gas.md`."""
    words = _WORDS.get(language, _WORDS["en"])
    safe = "".join(c if c.isprintable() and c not in _UNSAFE else " " for c in conversation.title)
    name = " ".join(safe.split())[:_LONGEST_NAME_CHARACTERS].strip(" .") or words["untitled"]
    return f"{conversation.created_at:%Y-%m-%d} {name}.{ending}"


def _parts_of(message: Message, words: Mapping[str, str]) -> Iterator[str]:
    yield f"### {words[message.role.value]} · {_shown(message.created_at)}"
    if message.files:
        yield f"*{words['files']}: {', '.join(file.name for file in message.files)}*"
    if message.content.strip():
        yield message.content.strip()
    if message.role is MessageRole.ASSISTANT and message.state is not MessageState.DONE:
        name = "unfinished" if message.state.is_unfinished else message.state.value
        yield f"*{words[name]}*"


def _shown(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
