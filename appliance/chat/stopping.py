"""Stopping answers: the work ends, the text so far stays."""

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.chat import endings
from appliance.chat.answer_events import Ending
from appliance.chat.finding import answer_of
from appliance.chat.live_answer import LiveAnswers
from appliance.chat.model import Message, MessageState
from appliance.chat.recording import Recording
from appliance.chat.store import answers
from appliance.engine.text.model import FinishReason

# The engine ends within one step, which takes a slow box a second or two.
_LONGEST_END_S = 5.0


class Stopping:
    """Ends answers before their time."""

    def __init__(
        self, *, database: Database, clock: Clock, live: LiveAnswers, recording: Recording
    ) -> None:
        self._database = database
        self._clock = clock
        self._live = live
        self._recording = recording

    async def stop(self, owner_id: str, message_id: str) -> bool:
        """Return whether this stopped the answer; False if it had ended already.

        Raises:
            NotFoundError: If this person has no such answer.
        """
        _, answer = await self._database.read(
            lambda connection: answer_of(connection, owner_id, message_id)
        )
        return answer.state.is_unfinished and await self._stop(owner_id, answer)

    async def stop_all_in(self, owner_id: str, conversation_id: str) -> None:
        """Stop what is being written or waits in a conversation, deleted or not."""
        unfinished = await self._database.read(
            lambda connection: answers.list_unfinished(
                connection, owner_id, conversation_id=conversation_id
            )
        )
        for answer in unfinished:
            await self._stop(owner_id, answer)

    async def _stop(self, owner_id: str, answer: Message) -> bool:
        live = self._live.find(answer.id, run=answer.run)
        if live is not None:
            live.stop()
        if live is None or not live.is_being_written:
            # No job works on it, so its end is ours to record; a job that begins now sees it.
            final = endings.stopped(answer, answer.content, at=self._clock.now())
            recorded = await self._recording.record(owner_id, final)
            return recorded.state is MessageState.STOPPED
        await live.wait(lambda: live.is_over, within_s=_LONGEST_END_S)
        return live.ending is not None and _is_stopped(live.ending)


def _is_stopped(ending: Ending) -> bool:
    return ending.data.get("finish_reason") == FinishReason.CANCELLED
