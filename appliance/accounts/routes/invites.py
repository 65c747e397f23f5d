"""The addresses of invitations and of what holds for everybody."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http import HTTPStatus

from fastapi import APIRouter, Response

from appliance.accounts.inviting import Inviting
from appliance.accounts.policies import Deciding
from appliance.accounts.policy import Registration
from appliance.accounts.routes.acting import Administrator, ConfirmedAdministrator, LinkAddress
from appliance.accounts.routes.paging import Cursor, Limit, id_cursor
from appliance.accounts.schemas.others import (
    InviteBody,
    InvitesOut,
    NewInviteOut,
    PoliciesBody,
    PoliciesOut,
    invite_out,
    policies_out,
)
from appliance.base.identity import Role


def add_invite_routes(
    router: APIRouter, inviting: Inviting, *, now: Callable[[], datetime]
) -> None:
    """Add giving out invitations and taking them back."""

    @router.get("/invites", summary="Invitations")
    async def invites(
        _actor: Administrator, limit: Limit = 50, cursor: Cursor = None
    ) -> InvitesOut:
        found = await inviting.list_invites(before_id=id_cursor(cursor), limit=limit + 1)
        items = [invite_out(code, now=now()) for code in found[:limit]]
        more = found[limit - 1].id if len(found) > limit else None
        return InvitesOut(items=items, next_cursor=more)

    @router.post("/invites", status_code=HTTPStatus.CREATED, summary="Invite somebody")
    async def invite(
        actor: ConfirmedAdministrator, body: InviteBody, address: LinkAddress, answer: Response
    ) -> NewInviteOut:
        given = await inviting.invite(
            Role(body.role),
            name=body.name or "",
            valid_for=timedelta(hours=body.valid_hours),
            actor=actor,
        )
        answer.headers["Cache-Control"] = "no-store"
        shown = address.shown(given).model_dump()
        return NewInviteOut(id=given.code.id, role=Role(body.role), **shown)

    @router.delete(
        "/invites/{invite_id}",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Take an invitation back",
    )
    async def take_back(actor: Administrator, invite_id: str) -> None:
        await inviting.take_back(invite_id, actor=actor)


def add_policy_routes(router: APIRouter, deciding: Deciding) -> None:
    """Add what holds for everybody."""

    @router.get("/settings", summary="What holds for everybody")
    async def policies(_actor: Administrator) -> PoliciesOut:
        return policies_out(await deciding.policies())

    @router.patch("/settings", summary="Decide what holds for everybody")
    async def decide(actor: ConfirmedAdministrator, body: PoliciesBody) -> PoliciesOut:
        registration = None if body.registration is None else Registration(body.registration)
        decided = await deciding.decide(
            registration=registration,
            admins_read_conversations=body.admins_read_conversations,
            actor=actor,
        )
        return policies_out(decided)
