"""One's own history: searched."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AfterValidator

from appliance.base.web.identity import ChatCaller
from appliance.chat.model import without_stray_code_units
from appliance.chat.routes.parameters import Cursor
from appliance.chat.schemas.finds import FindPage, find_out
from appliance.chat.searching import Searching

SearchText = Annotated[str, Query(max_length=500), AfterValidator(without_stray_code_units)]


def add_history_routes(router: APIRouter, searching: Searching) -> None:
    """Add the routes of one's own history."""

    @router.get("/history", summary="Search your messages and titles")
    async def search(
        identity: ChatCaller,
        q: SearchText,
        limit: Annotated[int, Query(ge=1, le=50)] = 20,
        cursor: Cursor = None,
    ) -> FindPage:
        found = await searching.search(identity.user_id, q, limit=limit, cursor=cursor)
        items = [find_out(find) for find in found.page.items]
        next_cursor = found.page.next_cursor
        return FindPage(items=items, next_cursor=next_cursor, is_complete=found.is_complete)
