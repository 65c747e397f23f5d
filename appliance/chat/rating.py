"""Rating: what the reader of an answer thought of it."""

from dataclasses import replace

from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.chat.finding import answer_of
from appliance.chat.model import Feedback, Message
from appliance.chat.store import messages


class Rating:
    """Keeps thumbs up and thumbs down."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def rate(self, owner_id: str, message_id: str, feedback: Feedback | None) -> Message:
        """Return the answer with this feedback; None takes it back.

        Raises:
            NotFoundError: If this person has no such answer.
        """

        def rated(tx: Transaction) -> Message:
            _, answer = answer_of(tx.connection, owner_id, message_id)
            messages.set_feedback(tx.connection, owner_id, message_id, feedback)
            return replace(answer, feedback=feedback)

        return await self._database.write(rated)
