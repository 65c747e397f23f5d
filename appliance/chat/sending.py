"""Sending: one question and one whole answer, for programs that do not read streams."""

from appliance.base.database.database import Database
from appliance.chat.asking import Asker, Asking, Question
from appliance.chat.conversing import Conversing
from appliance.chat.finding import message_of
from appliance.chat.following import Following
from appliance.chat.model import Message, Page
from appliance.chat.store import conversations


class Sending:
    """One endless talk: each question goes into the conversation that is the newest."""

    def __init__(
        self,
        *,
        database: Database,
        asking: Asking,
        following: Following,
        conversing: Conversing,
    ) -> None:
        self._database = database
        self._asking = asking
        self._following = following
        self._conversing = conversing

    async def send(self, asker: Asker, text: str) -> Message:
        """Return the answer once it has ended, in whichever way.

        Whoever stops waiting finds it in the history all the same. An answer that is still
        unfinished here is written when the box, which is going down, is up again.

        Raises:
            ConflictError: If the answer before is still being written.
            TooManyRequestsError: If too many answers of this person are unfinished.
            StorageFullError: If the disk is full; nothing was saved.
        """
        newest = await self._newest(asker.owner_id)
        heading = await self._asking.ask(asker, Question(text, conversation_id=newest))
        async for _event in await self._following.events_of_new(asker.owner_id, heading):
            pass
        answer = await self._database.read(
            lambda connection: message_of(connection, asker.owner_id, heading.message_id)
        )
        await self._conversing.mark_read(asker.owner_id, heading.conversation_id)
        return answer

    async def history(self, owner_id: str, *, limit: int) -> Page[Message]:
        """Return the last messages of the newest conversation, oldest first."""
        newest = await self._newest(owner_id)
        if newest is None:
            return Page((), None)
        return await self._conversing.messages(owner_id, newest, limit=limit, cursor=None)

    async def _newest(self, owner_id: str) -> str | None:
        newest = await self._database.read(
            lambda connection: conversations.find_newest_conversation(connection, owner_id)
        )
        return None if newest is None else newest.id
