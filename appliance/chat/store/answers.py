"""Answers while they are written, in the database: their text as it grows, and their end."""

from collections.abc import Mapping
from dataclasses import asdict

from sqlalchemy import Connection, and_, bindparam, func, select, update

from appliance.chat.model import UNFINISHED, Message, MessageState
from appliance.chat.store import search
from appliance.chat.store.messages import IS_MESSAGE, message_of, naming
from appliance.chat.store.tables import messages

_IS_UNFINISHED = messages.c.state.in_([state.value for state in UNFINISHED])
_IS_OF_OWNER_UNFINISHED = and_(messages.c.owner_id == bindparam("of_owner"), _IS_UNFINISHED)
# Built once, like those of messages.
_COUNT_UNFINISHED = select(func.count()).where(_IS_OF_OWNER_UNFINISHED)
_REOPEN = update(messages).where(IS_MESSAGE)
# An earlier run's words may still be on their way when the next run has begun.
_CHANGE_RUN = _REOPEN.where(messages.c.run == bindparam("of_run"), _IS_UNFINISHED)


def list_unfinished(
    connection: Connection, owner_id: str, *, conversation_id: str | None = None
) -> list[Message]:
    """Return the owner's answers that are not finished, oldest first."""
    query = select(messages).where(_IS_OF_OWNER_UNFINISHED)
    if conversation_id is not None:
        query = query.where(messages.c.conversation_id == conversation_id)
    query = query.order_by(messages.c.created_at, messages.c.id)
    return [message_of(row) for row in connection.execute(query, {"of_owner": owner_id})]


def count_unfinished(connection: Connection, owner_id: str) -> int:
    """Return how many of the owner's answers are not finished."""
    return connection.execute(_COUNT_UNFINISHED, {"of_owner": owner_id}).scalar_one()


def list_all_unfinished(connection: Connection) -> list[tuple[str, Message]]:
    """Return everybody's unfinished answers, each with its owner: for the start of the box."""
    query = select(messages).where(_IS_UNFINISHED)
    return [(row.owner_id, message_of(row)) for row in connection.execute(query)]


def save_text(connection: Connection, owner_id: str, answer: Message) -> bool:
    """Keep what is written in this run of an answer; return False if the run has ended already."""
    values = {
        "content": answer.content,
        "state": MessageState.WRITING.value,
        "read_from": answer.read_from,
    }
    return _changed(connection, owner_id, answer, values)


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
        "origin": None if answer.origin is None else asdict(answer.origin),
    }
    if not _changed(connection, owner_id, answer, values):
        return False
    if answer.content:
        search.index_message(
            connection, owner_id, answer.conversation_id, answer.id, answer.content
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
    connection.execute(_REOPEN, {**naming(owner_id, answer.id), **values})


def _changed(
    connection: Connection, owner_id: str, answer: Message, values: Mapping[str, object]
) -> bool:
    """Return whether this run of the answer has not ended; only then the values are written."""
    which = {**naming(owner_id, answer.id), "of_run": answer.run}
    return connection.execute(_CHANGE_RUN, {**which, **values}).rowcount == 1
