"""Conversations: begin, list, name, delete and bring back, and read their messages."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.ids import Ids
from appliance.chat.finding import conversation_of
from appliance.chat.model import Conversation, Message, Page
from appliance.chat.paging import (
    ActivityCursor,
    activity_cursor_of,
    activity_cursor_text,
    position_cursor_of,
    position_cursor_text,
)
from appliance.chat.stopping import Stopping
from appliance.chat.store import attachments, conversations, messages
from appliance.chat.telling import ConversationChange, Telling
from appliance.chat.titles import folded


def new_conversation(conversation_id: str, *, title: str, at: datetime) -> Conversation:
    """Return a conversation that begins now; without a title, Nodo makes one later."""
    return Conversation(
        id=conversation_id,
        title=title,
        title_is_automatic=not title,
        created_at=at,
        updated_at=at,
        writing=False,
    )


@dataclass(frozen=True)
class Change:
    """What is to be different about a conversation; None leaves a thing alone.

    Attributes:
        title: Its title; one that a person gave is never overwritten by Nodo.
        pinned: Whether it stands above the others.
        local_only: Whether nothing of it may leave the house.
    """

    title: str | None = None
    pinned: bool | None = None
    local_only: bool | None = None


class Conversing:
    """What people do with their conversations as a whole."""

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        stopping: Stopping,
        telling: Telling,
    ) -> None:
        self._database = database
        self._telling = telling
        self._clock = clock
        self._ids = ids
        self._stopping = stopping

    async def begin(self, owner_id: str, *, title: str) -> Conversation:
        """Return a new conversation without messages.

        Args:
            owner_id: Whose.
            title: Its title; empty lets the first question name it.
        """
        new = new_conversation(self._ids.new_id(), title=title, at=self._clock.now())

        def begun(tx: Transaction) -> Conversation:
            conversations.add_conversation(tx.connection, owner_id, new, title_folded=folded(title))
            self._telling.conversation(tx, owner_id, new.id, ConversationChange.CREATED)
            return new

        return await self._database.write(begun)

    async def conversation(self, owner_id: str, conversation_id: str) -> Conversation:
        """Return a conversation.

        Raises:
            NotFoundError: If this person has no such conversation.
        """
        return await self._database.read(
            lambda connection: conversation_of(connection, owner_id, conversation_id)
        )

    async def conversations(
        self, owner_id: str, *, limit: int, cursor: str | None, query: str
    ) -> Page[Conversation]:
        """Return a page of conversations: pinned ones, then newest activity first.

        Args:
            owner_id: Whose.
            limit: Most items of the page.
            cursor: Where the page begins; None is the beginning.
            query: Part of the title, whatever its accents and capitals; empty takes all.

        Raises:
            InvalidValueError: If the cursor is not one of ours.
        """
        after = None if cursor is None else activity_cursor_of(cursor)
        found = await self._database.read(
            lambda connection: conversations.list_conversations(
                connection, owner_id, limit=limit + 1, after=after, title_part=folded(query)
            )
        )
        return _page_of(found, limit, lambda last: (last.updated_at, last.pinned))

    async def bin(self, owner_id: str, *, limit: int, cursor: str | None) -> Page[Conversation]:
        """Return a page of deleted conversations, the last one thrown away first.

        Raises:
            InvalidValueError: If the cursor is not one of ours.
        """
        after = None if cursor is None else activity_cursor_of(cursor)
        found = await self._database.read(
            lambda connection: conversations.list_deleted(
                connection, owner_id, limit=limit + 1, after=after
            )
        )
        return _page_of(found, limit, lambda last: (last.deleted_at or last.updated_at, False))

    async def change(self, owner_id: str, conversation_id: str, change: Change) -> Conversation:
        """Return the conversation as it is from now on.

        Raises:
            NotFoundError: If this person has no such conversation.
        """

        def changed(tx: Transaction) -> Conversation:
            before = conversation_of(tx.connection, owner_id, conversation_id)
            if change.title is not None:
                self._rename(tx, owner_id, conversation_id, change.title)
            if change.pinned is not None and change.pinned != before.pinned:
                self._pin(tx, owner_id, conversation_id, pinned=change.pinned)
            if change.local_only is not None:
                conversations.set_local_only(
                    tx.connection, owner_id, conversation_id, local_only=change.local_only
                )
            return conversation_of(tx.connection, owner_id, conversation_id)

        return await self._database.write(changed)

    async def mark_read(self, owner_id: str, conversation_id: str) -> None:
        """Note that the owner has looked at the conversation.

        Raises:
            NotFoundError: If this person has no such conversation.
        """

        def read(tx: Transaction) -> None:
            if conversation_of(tx.connection, owner_id, conversation_id).unread:
                conversations.set_read(tx.connection, owner_id, conversation_id)
                change = ConversationChange.READ
                self._telling.conversation(tx, owner_id, conversation_id, change)

        await self._database.write(read)

    async def delete(self, owner_id: str, conversation_id: str) -> None:
        """Hide a conversation and stop what is being written in it; kept for 30 days.

        Raises:
            NotFoundError: If this person has no such conversation.
        """
        at = self._clock.now()

        def deleted(tx: Transaction) -> None:
            conversation_of(tx.connection, owner_id, conversation_id)
            conversations.set_deleted_at(tx.connection, owner_id, conversation_id, at)
            change = ConversationChange.DELETED
            self._telling.conversation(tx, owner_id, conversation_id, change)

        await self._database.write(deleted)
        await self._stopping.stop_all_in(owner_id, conversation_id)

    async def restore(self, owner_id: str, conversation_id: str) -> Conversation:
        """Return a deleted conversation as it was; one that is not deleted stays as it is.

        Raises:
            NotFoundError: If this person has no such conversation, or it is gone for good.
        """

        def brought_back(tx: Transaction) -> Conversation:
            conversations.set_deleted_at(tx.connection, owner_id, conversation_id, None)
            restored = conversation_of(tx.connection, owner_id, conversation_id)
            change = ConversationChange.RESTORED
            self._telling.conversation(tx, owner_id, conversation_id, change)
            return restored

        return await self._database.write(brought_back)

    async def messages(
        self, owner_id: str, conversation_id: str, *, limit: int, cursor: str | None
    ) -> Page[Message]:
        """Return a page of messages, oldest first; the first page holds the newest ones.

        Raises:
            NotFoundError: If this person has no such conversation.
            InvalidValueError: If the cursor is not one of ours.
        """
        before = None if cursor is None else position_cursor_of(cursor)

        def found_in(connection: Connection) -> list[Message]:
            conversation_of(connection, owner_id, conversation_id)
            listed = messages.list_messages(
                connection, owner_id, conversation_id, limit=limit + 1, before=before
            )
            return attachments.with_files(connection, listed)

        found = await self._database.read(found_in)
        page = tuple(reversed(found[:limit]))
        cursor_text = position_cursor_text(page[0].position) if len(found) > limit else None
        return Page(page, cursor_text)

    def _rename(self, tx: Transaction, owner_id: str, conversation_id: str, title: str) -> None:
        conversations.rename_conversation(
            tx.connection,
            owner_id,
            conversation_id,
            title=title,
            title_folded=folded(title),
            is_automatic=False,
        )
        self._telling.conversation(tx, owner_id, conversation_id, ConversationChange.RENAMED)

    def _pin(self, tx: Transaction, owner_id: str, conversation_id: str, *, pinned: bool) -> None:
        conversations.set_pinned(tx.connection, owner_id, conversation_id, pinned=pinned)
        change = ConversationChange.PINNED if pinned else ConversationChange.UNPINNED
        self._telling.conversation(tx, owner_id, conversation_id, change)


def _page_of(
    found: list[Conversation],
    limit: int,
    place: Callable[[Conversation], tuple[datetime, bool]],
) -> Page[Conversation]:
    page = tuple(found[:limit])
    if len(found) <= limit:
        return Page(page, None)
    at, pinned = place(page[-1])
    return Page(page, activity_cursor_text(ActivityCursor(at, page[-1].id, pinned)))
