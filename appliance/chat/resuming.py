"""What the start of the box does about answers that an earlier run left unfinished."""

import logging

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.chat import endings
from appliance.chat.answering import AnswerOrder
from appliance.chat.asking import OrderAnswer
from appliance.chat.recording import Recording
from appliance.chat.store import answers

log = logging.getLogger(__name__)


class Resuming:
    """Leaves no answer unfinished for ever."""

    def __init__(
        self, database: Database, clock: Clock, recording: Recording, order_answer: OrderAnswer
    ) -> None:
        self._database = database
        self._clock = clock
        self._recording = recording
        self._order_answer = order_answer

    async def resume(self) -> None:
        """Mark what has text as interrupted; see to it that what has none is written.

        Only for the start, before jobs run.
        """
        interrupted, waiting = await self._database.write(self._resumed)
        if interrupted or waiting:
            facts = {"interrupted": interrupted, "waiting": waiting}
            log.warning("unfinished answers of an earlier run found", extra=facts)

    def _resumed(self, tx: Transaction) -> tuple[int, int]:
        interrupted = waiting = 0
        for owner_id, answer in answers.list_all_unfinished(tx.connection):
            if answer.has_new_text:
                final = endings.interrupted(answer, answer.content, at=self._clock.now())
                self._recording.write(tx, owner_id, final)
                interrupted += 1
            else:
                # Nothing happens if its job is there still, as it is unless somebody took it away.
                self._order_answer(tx, AnswerOrder(answer.id, owner_id, answer.run))
                waiting += 1
        return interrupted, waiting
