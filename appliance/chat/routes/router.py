"""The chat's addresses: parse, one call, answer."""

from fastapi import APIRouter

from appliance.chat.routes.activities import Activities
from appliance.chat.routes.answers import add_answer_routes
from appliance.chat.routes.conversations import add_conversation_routes
from appliance.chat.routes.exports import add_export_routes
from appliance.chat.routes.history import add_history_routes
from appliance.chat.routes.overseeing import add_overseeing_routes
from appliance.chat.routes.sending import add_sending_routes

__all__ = ["APIRouter", "build_router"]


def build_router(chat: Activities) -> APIRouter:
    """Return the routes of the chat."""
    router = APIRouter(tags=["chat"])
    # Before answers, whose addresses could be taken for theirs.
    add_sending_routes(router, chat.sending)
    add_answer_routes(router, chat)
    add_conversation_routes(router, chat.conversing)
    add_history_routes(router, chat.searching)
    add_export_routes(router, chat.exporting)
    if chat.overseeing is not None:
        add_overseeing_routes(router, chat.overseeing)
    return router
