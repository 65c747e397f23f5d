"""The chat's addresses: parse, one call, answer."""

from fastapi import APIRouter

from appliance.chat.routes.activities import Activities
from appliance.chat.routes.answers import add_answer_routes
from appliance.chat.routes.conversations import add_conversation_routes
from appliance.chat.routes.history import add_history_routes

__all__ = ["APIRouter", "build_router"]


def build_router(chat: Activities) -> APIRouter:
    """Return the routes of the chat."""
    router = APIRouter(tags=["chat"])
    add_answer_routes(router, chat)
    add_conversation_routes(router, chat.conversing)
    add_history_routes(router, chat.searching)
    return router
