"""Following an answer as it grows: from the start, or from where one left off."""

from collections.abc import AsyncIterator

from appliance.base.database.database import Database
from appliance.chat.answer_events import START, AnswerEvent, AnswerSoFar, Place, Reader
from appliance.chat.endings import ending_of, replay_of
from appliance.chat.finding import answer_of
from appliance.chat.live_answer import LiveAnswer, LiveAnswers
from appliance.chat.model import Heading, Message
from appliance.chat.store import messages

# 20 events a second look like flowing text; more only cost work on both sides.
TELL_EVERY_S = 0.05


class Following:
    """Gives everybody who may see an answer the events that they have not had."""

    def __init__(self, database: Database, live: LiveAnswers) -> None:
        self._database = database
        self._live = live

    async def events_of(
        self, owner_id: str, message_id: str, place: Place = START
    ) -> AsyncIterator[AnswerEvent]:
        """Return the events of an answer after `place`, to its end.

        Raises:
            NotFoundError: If this person has no such answer.
        """
        heading, answer = await self._database.read(
            lambda connection: answer_of(connection, owner_id, message_id)
        )
        live = self._live.find(message_id, run=answer.run)
        if live is None and answer.state.is_unfinished:
            # Its job has not begun, or ended just now: be there first, then look again.
            live = self._live.opened(heading, answer.content)
            answer = await self._again(owner_id, answer)
            if not answer.state.is_unfinished:
                live.settle(answer.content, ending_of(answer))
                self._live.close(live)
        if live is None:
            return _replayed(place, replay_of(heading, answer))
        return _followed(live, place)

    async def _again(self, owner_id: str, answer: Message) -> Message:
        found = await self._database.read(
            lambda connection: messages.find_message(connection, owner_id, answer.id)
        )
        return found or answer

    async def events_of_new(
        self, owner_id: str, heading: Heading, place: Place = START
    ) -> AsyncIterator[AnswerEvent]:
        """Return the events of an answer that this person has just asked for, from `place`."""
        live = self._live.find(heading.message_id, run=heading.run)
        if live is not None:
            return _followed(live, place)
        return await self.events_of(owner_id, heading.message_id, place)


async def _replayed(place: Place, whole: AnswerSoFar) -> AsyncIterator[AnswerEvent]:
    for event in Reader(place, whole).take(whole):
        yield event


async def _followed(live: LiveAnswer, place: Place) -> AsyncIterator[AnswerEvent]:
    reader = Reader(place, live.so_far())
    while True:
        version = live.version
        events = reader.take(live.so_far())
        for event in events:
            yield event
        if reader.has_ended or (live.is_abandoned and live.version == version):
            return
        if events and events[-1].event == "token":
            await live.wait(lambda: live.is_over, within_s=TELL_EVERY_S)
        await live.wait_for_news(version)
