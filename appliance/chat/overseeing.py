"""Overseeing: administrators read what others wrote, if the owner allows it; each look is noted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from appliance.base.audit.model import AuditEntry, Outcome
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import ForbiddenError
from appliance.chat.finding import no_conversation
from appliance.chat.model import Conversation, Message, Page
from appliance.chat.paging import (
    ActivityCursor,
    activity_cursor_of,
    activity_cursor_text,
    position_cursor_of,
    position_cursor_text,
)
from appliance.chat.store import attachments, conversations, messages
from appliance.chat.titles import folded

T = TypeVar("T")


class MayRead(Protocol):
    """What the owner of the box has decided."""

    def admins_may_read(self, connection: Connection, /) -> bool:
        """Return whether administrators may read what others write."""
        ...


class Audit(Protocol):
    """Where it is noted who looked."""

    def record(self, tx: Transaction, entry: AuditEntry, /) -> None:
        """Note this within the transaction."""
        ...


@dataclass(frozen=True)
class Overseer:
    """Which administrator looks, and from where."""

    user_id: str
    name: str
    address: str | None


@dataclass(frozen=True)
class OthersConversation:
    """A conversation, and whose it is."""

    owner_id: str
    conversation: Conversation


class Overseeing:
    """Shows other people's conversations, to read only."""

    def __init__(self, database: Database, may_read: MayRead, audit: Audit) -> None:
        self._database = database
        self._may_read = may_read
        self._audit = audit

    async def conversations(
        self,
        overseer: Overseer,
        *,
        owner_id: str | None,
        query: str,
        limit: int,
        cursor: str | None,
    ) -> Page[OthersConversation]:
        """Return a page of conversations, newest activity first.

        Args:
            overseer: Who looks.
            owner_id: Only of this person; None takes everybody's.
            query: Part of the title, whatever its accents and capitals; empty takes all.
            limit: Most items of the page.
            cursor: Where the page begins; None is the beginning.

        Raises:
            ForbiddenError: If the owner of the box does not allow it.
            InvalidValueError: If the cursor is not one of ours.
        """
        after = None if cursor is None else activity_cursor_of(cursor)

        def listed(tx: Transaction) -> Page[OthersConversation]:
            found = conversations.list_of_everybody(
                tx.connection,
                owner_id=owner_id,
                limit=limit + 1,
                after=after,
                title_part=folded(query),
            )
            others = tuple(OthersConversation(*pair) for pair in found[:limit])
            if len(found) <= limit:
                return Page(others, None)
            last = others[-1].conversation
            return Page(others, activity_cursor_text(ActivityCursor(last.updated_at, last.id)))

        # A title says what somebody wrote, so a list is a look as well.
        entry = _entry(overseer, "conversation.listed", "user", owner_id or "")
        return await self._noted(entry, listed)

    async def messages(
        self, overseer: Overseer, conversation_id: str, *, limit: int, cursor: str | None
    ) -> Page[Message]:
        """Return a page of messages, oldest first; the first page holds the newest ones.

        Raises:
            ForbiddenError: If the owner of the box does not allow it.
            NotFoundError: If there is no such conversation.
            InvalidValueError: If the cursor is not one of ours.
        """
        before = None if cursor is None else position_cursor_of(cursor)

        def read(tx: Transaction) -> Page[Message]:
            owner_id = conversations.find_owner(tx.connection, conversation_id)
            if owner_id is None:
                raise no_conversation()
            found = messages.list_messages(
                tx.connection, owner_id, conversation_id, limit=limit + 1, before=before
            )
            found = attachments.with_files(tx.connection, found)
            page = tuple(reversed(found[:limit]))
            has_more = len(found) > limit
            return Page(page, position_cursor_text(page[0].position) if has_more else None)

        entry = _entry(overseer, "conversation.read", "conversation", conversation_id)
        return await self._noted(entry, read)

    async def _noted(self, entry: AuditEntry, look: Callable[[Transaction], T]) -> T:
        """Return what is seen; that somebody looked, or tried to, is on disk then."""

        def looked(tx: Transaction) -> T | None:
            is_allowed = self._may_read.admins_may_read(tx.connection)
            outcome = Outcome.DONE if is_allowed else Outcome.REFUSED
            self._audit.record(tx, replace(entry, outcome=outcome))
            return look(tx) if is_allowed else None

        seen = await self._database.write(looked)
        if seen is None:
            raise ForbiddenError(
                "On this box, administrators may not read other people's conversations.",
                code="reading_not_allowed",
                hint="The owner of the box can allow it in the settings; everybody is told then.",
            )
        return seen


def _entry(overseer: Overseer, action: str, target_kind: str, target_id: str) -> AuditEntry:
    return AuditEntry(
        action=action,
        actor_id=overseer.user_id,
        actor_name=overseer.name,
        target_kind=target_kind if target_id else "",
        target_id=target_id,
        address=overseer.address,
    )
