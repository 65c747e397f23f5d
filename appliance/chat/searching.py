"""Searching: where a person's own words and answers stand."""

from dataclasses import dataclass
from datetime import datetime

from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection
from appliance.chat.model import MessageRole, Page
from appliance.chat.paging import position_cursor_of, position_cursor_text
from appliance.chat.search_terms import terms_of
from appliance.chat.snippets import Fragment, snippet_of
from appliance.chat.store import search, search_backlog


@dataclass(frozen=True)
class Find:
    """A place in which all that was looked for stands.

    Attributes:
        conversation_id: In which conversation.
        conversation_title: How that is called.
        message_id: In which message; None is the title.
        role: Who wrote the message; None of a title.
        created_at: When the message was written, or the conversation begun.
        snippet: The text around it.
    """

    conversation_id: str
    conversation_title: str
    message_id: str | None
    role: MessageRole | None
    created_at: datetime
    snippet: tuple[Fragment, ...]


@dataclass(frozen=True)
class Finds:
    """Part of what was found.

    Attributes:
        page: The finds.
        is_complete: Whether all that was ever written can be found; for a while after an update
            that brings the search, old texts cannot.
    """

    page: Page[Find]
    is_complete: bool


class Searching:
    """Searches one's own conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def search(self, owner_id: str, query: str, *, limit: int, cursor: str | None) -> Finds:
        """Return a page of finds, the newest first; a query without words finds nothing.

        Args:
            owner_id: Whose conversations.
            query: Words that must all be there, whatever their accents and capitals.
            limit: Most items of the page.
            cursor: Where the page begins; None is the beginning.

        Raises:
            InvalidValueError: If the cursor is not one of ours.
        """
        before = None if cursor is None else position_cursor_of(cursor)
        terms = terms_of(query)
        if not terms:
            return Finds(Page((), None), is_complete=True)

        def found_in(connection: Connection) -> Finds:
            texts = search.search(connection, owner_id, terms, limit=limit + 1, before=before)
            # Here, in the reader's thread: marking finds in long texts takes a while.
            finds = tuple(_find_in(found, snippet_of(found.text, terms)) for found in texts[:limit])
            has_more = len(texts) > limit
            after = position_cursor_text(texts[limit - 1].entry) if has_more else None
            is_complete = not search_backlog.is_left(connection)
            return Finds(Page(finds, after), is_complete=is_complete)

        return await self._database.read(found_in)


def _find_in(found: search.FoundText, snippet: tuple[Fragment, ...]) -> Find:
    return Find(
        conversation_id=found.conversation_id,
        conversation_title=found.conversation_title,
        message_id=found.message_id,
        role=found.role,
        created_at=found.created_at,
        snippet=snippet,
    )
