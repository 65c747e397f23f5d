"""Where one part's wish meets another part's offer; each bridge is a few lines."""

from appliance.base.database.transaction import Transaction
from appliance.base.jobs.queue import JobQueue
from appliance.chat.answering import AnswerOrder
from appliance.chat.asking import OrderAnswer


def answers_as_jobs(queue: JobQueue) -> OrderAnswer:
    """Return a way for the chat to have its answers written by durable jobs."""

    def order_answer(tx: Transaction, order: AnswerOrder) -> None:
        payload = {
            "message_id": order.message_id,
            "owner_id": order.owner_id,
            "language": order.language,
        }
        queue.enqueue(tx, "chat.answer", payload, unique_key=order.message_id)

    return order_answer
