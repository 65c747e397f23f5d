"""Answers while they are written, in the database: their text as it grows, and their end."""

from dataclasses import asdict

from sqlalchemy import ColumnElement, Connection, and_, select, update

from appliance.chat.model import UNFINISHED, Message, MessageState
from appliance.chat.store import search
from appliance.chat.store.messages import is_message, message_of
from appliance.chat.store.tables import messages

_UNFINISHED = tuple(state.value for state in UNFINISHED)


def list_unfinished(
    connection: Connection, owner_id: str, *, conversation_id: str | None = None
) -> list[Message]:
    """Return the owner's answers that are not finished, oldest first."""
    where = and_(messages.c.owner_id == owner_id, messages.c.state.in_(_UNFINISHED))
    query = select(messages).where(where).order_by(messages.c.created_at, messages.c.id)
    if conversation_id is not None:
        query = query.where(messages.c.conversation_id == conversation_id)
    return [message_of(row) for row in connection.execute(query)]


def list_all_unfinished(connection: Connection) -> list[tuple[str, Message]]:
    """Return everybody's unfinished answers, each with its owner: for the start of the box."""
    query = select(messages).where(messages.c.state.in_(_UNFINISHED))
    return [(row.owner_id, message_of(row)) for row in connection.execute(query)]


def save_text(connection: Connection, owner_id: str, answer: Message) -> bool:
    """Keep what is written in this run of an answer; return False if the run has ended already."""
    values = {
        "content": answer.content,
        "state": MessageState.WRITING.value,
        "read_from": answer.read_from,
    }
    where = _is_unfinished(owner_id, answer)
    return connection.execute(update(messages).where(where).values(values)).rowcount == 1


def finish_answer(connection: Connection, owner_id: str, answer: Message) -> bool:
    """Write a run's end; return False if it had ended already, which then stays.

    Its text can be found from now on.
    """
    values = {
        "content": answer.content,
        "state": answer.state.value,
        "finish_reason": None if answer.finish_reason is None else answer.finish_reason.value,
        "error": None if answer.problem is None else asdict(answer.problem),
        "model": answer.model,
        "prompt_tokens": answer.prompt_tokens,
        "completion_tokens": answer.completion_tokens,
        "timings": None if answer.timings is None else asdict(answer.timings),
        "finished_at": answer.finished_at,
        "read_from": answer.read_from,
    }
    where = _is_unfinished(owner_id, answer)
    if connection.execute(update(messages).where(where).values(values)).rowcount != 1:
        return False
    if answer.content:
        search.index_text(
            connection, owner_id, answer.conversation_id, answer.content, message_id=answer.id
        )
    return True


def reopen_answer(connection: Connection, owner_id: str, answer: Message) -> None:
    """Begin the next run of an ended answer, as `answer` says."""
    values = {
        "state": answer.state.value,
        "finish_reason": None,
        "error": None,
        "finished_at": None,
        "run": answer.run,
        "kept_characters": answer.kept_characters,
    }
    where = is_message(owner_id, answer.id)
    connection.execute(update(messages).where(where).values(values))


def _is_unfinished(owner_id: str, answer: Message) -> ColumnElement[bool]:
    # An earlier run's words may still be on their way when the next run has begun.
    is_this_run = and_(is_message(owner_id, answer.id), messages.c.run == answer.run)
    return and_(is_this_run, messages.c.state.in_(_UNFINISHED))
