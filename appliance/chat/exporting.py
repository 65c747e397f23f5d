"""Exporting: one's own conversations as files, one by one or all of them."""

import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime

from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection
from appliance.chat.finding import conversation_of
from appliance.chat.model import Conversation, Message
from appliance.chat.store import attachments, conversations, messages
from appliance.chat.transcripts import file_name_of, markdown_of

# A zip file knows no other times; a box without a battery for its clock begins in 1970.
_FIRST_ZIP_TIME = datetime(1980, 1, 1, tzinfo=UTC)
_LAST_ZIP_TIME = datetime(2107, 12, 31, tzinfo=UTC)
# Renders a conversation with all its messages; runs in a reader's thread, it may take a while.
Rendering = Callable[[Conversation, Sequence[Message]], str]


class Exporting:
    """Gives people what is theirs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def one(
        self, owner_id: str, conversation_id: str, render: Rendering
    ) -> tuple[Conversation, str]:
        """Return a conversation, and its text as `render` makes it.

        Raises:
            NotFoundError: If this person has no such conversation.
        """

        def exported(connection: Connection) -> tuple[Conversation, str]:
            conversation = conversation_of(connection, owner_id, conversation_id)
            return conversation, render(conversation, _all(connection, owner_id, conversation_id))

        return await self._database.read(exported)

    async def everything(
        self, owner_id: str, *, language: str, to_json: Rendering
    ) -> AsyncIterator[bytes]:
        """Yield a zip file with all conversations, each as Markdown and as JSON.

        It is made while it is sent, one conversation at a time, so that it costs no memory;
        what changes meanwhile may be in it or not.
        """
        chunks = _Chunks()
        # Deflated here: people keep it, and text becomes a third.
        archive = zipfile.ZipFile(chunks, "w", zipfile.ZIP_DEFLATED)
        listed = await self._database.read(
            lambda connection: conversations.list_ids(connection, owner_id)
        )
        for conversation_id in listed:
            added = _Added(archive, owner_id, conversation_id, language, to_json)
            await self._database.read(added.write)
            yield chunks.taken()
        archive.close()
        yield chunks.taken()


class _Added:
    """One conversation on its way into the archive."""

    def __init__(
        self,
        archive: zipfile.ZipFile,
        owner_id: str,
        conversation_id: str,
        language: str,
        to_json: Rendering,
    ) -> None:
        self._archive = archive
        self._owner_id = owner_id
        self._conversation_id = conversation_id
        self._language = language
        self._to_json = to_json

    def write(self, connection: Connection) -> None:
        owner_id, conversation_id = self._owner_id, self._conversation_id
        found = conversations.find_conversation(connection, owner_id, conversation_id)
        if found is None:
            return
        written = _all(connection, owner_id, conversation_id)
        texts = {
            "md": markdown_of(found, written, language=self._language),
            "json": self._to_json(found, written),
        }
        for ending, text in texts.items():
            name = file_name_of(found, ending, language=self._language)
            # Titles come more than once.
            entry = zipfile.ZipInfo(f"{found.id[-8:]} {name}", _entry_time(found.updated_at))
            entry.compress_type = zipfile.ZIP_DEFLATED
            self._archive.writestr(entry, text.encode())


def _entry_time(at: datetime) -> tuple[int, int, int, int, int, int]:
    shown = min(max(at, _FIRST_ZIP_TIME), _LAST_ZIP_TIME)
    return shown.year, shown.month, shown.day, shown.hour, shown.minute, shown.second


class _Chunks:
    """What the archive has written and nobody has taken yet."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, piece: bytes) -> int:
        self._written += piece
        return len(piece)

    def flush(self) -> None:
        """Do nothing: there is nobody behind us."""

    def close(self) -> None:
        """Do nothing: there is nothing behind us."""

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        taken = bytes(self._written)
        self._written.clear()
        return taken


def _all(connection: Connection, owner_id: str, conversation_id: str) -> list[Message]:
    listed = messages.list_messages(connection, owner_id, conversation_id, limit=None, before=None)
    return attachments.with_files(connection, listed[::-1])
