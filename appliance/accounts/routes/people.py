"""The addresses at which administrators look after accounts."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Response

from appliance.accounts.inviting import Inviting, NewPerson
from appliance.accounts.looking_after import LookingAfter, PersonChange
from appliance.accounts.routes.acting import Administrator, ConfirmedAdministrator, LinkAddress
from appliance.accounts.routes.paging import Cursor, Limit, id_cursor
from appliance.accounts.schemas.others import (
    CodeOut,
    NewPersonBody,
    NewPersonOut,
    PeopleOut,
    PersonChangeBody,
    PersonOut,
    person_out,
)
from appliance.accounts.store.directory import PeopleFilter, State
from appliance.base.identity import Role

_Text = Annotated[str | None, Query(max_length=100)]


def add_people_routes(router: APIRouter, looking_after: LookingAfter, inviting: Inviting) -> None:
    """Add seeing and changing the people of this box."""
    _add_reading(router, looking_after)
    _add_making(router, looking_after, inviting)
    _add_acts(router, looking_after)


def _add_reading(router: APIRouter, looking_after: LookingAfter) -> None:
    @router.get("/users", summary="Everybody who has an account")
    async def people(
        _actor: Administrator,
        query: _Text = None,
        role: Role | None = None,
        state: State | None = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> PeopleOut:
        wanted = PeopleFilter(query=query or None, role=role, state=state)
        before_id = id_cursor(cursor)
        found = await looking_after.list_people(wanted, before_id=before_id, limit=limit + 1)
        items = [person_out(user) for user in found[:limit]]
        more = found[limit - 1].id if len(found) > limit else None
        return PeopleOut(items=items, next_cursor=more)

    @router.get("/users/{user_id}", summary="One person")
    async def person(_actor: Administrator, user_id: str) -> PersonOut:
        return person_out(await looking_after.person_of(user_id))


def _add_making(router: APIRouter, looking_after: LookingAfter, inviting: Inviting) -> None:
    @router.post("/users", status_code=HTTPStatus.CREATED, summary="Make an account for somebody")
    async def add(
        actor: ConfirmedAdministrator, body: NewPersonBody, address: LinkAddress, answer: Response
    ) -> NewPersonOut:
        person = NewPerson(body.email, body.name, Role(body.role), body.language)
        user, given = await inviting.add(person, actor=actor)
        answer.headers["Cache-Control"] = "no-store"
        return NewPersonOut(user=person_out(user), **address.shown(given).model_dump())

    @router.patch("/users/{user_id}", summary="Change a person's name, address or role")
    async def change(
        actor: ConfirmedAdministrator, user_id: str, body: PersonChangeBody
    ) -> PersonOut:
        role = None if body.role is None else Role(body.role)
        wanted = PersonChange(name=body.name, email=body.email, role=role)
        return person_out(await looking_after.change(user_id, wanted, actor=actor))

    @router.post("/users/{user_id}/reset-code", summary="Make a code for another password")
    async def reset_code(
        actor: ConfirmedAdministrator, user_id: str, address: LinkAddress, answer: Response
    ) -> CodeOut:
        _user, given = await inviting.reset(user_id, actor=actor)
        answer.headers["Cache-Control"] = "no-store"
        return address.shown(given)


def _add_acts(router: APIRouter, looking_after: LookingAfter) -> None:
    @router.post("/users/{user_id}/disable", summary="Shut a person out, at once")
    async def disable(actor: ConfirmedAdministrator, user_id: str) -> PersonOut:
        return person_out(await looking_after.disable(user_id, actor=actor))

    @router.post("/users/{user_id}/enable", summary="Let a person in again")
    async def enable(actor: ConfirmedAdministrator, user_id: str) -> PersonOut:
        return person_out(await looking_after.enable(user_id, actor=actor))

    @router.post("/users/{user_id}/approve", summary="Let a person in who asked for an account")
    async def approve(actor: Administrator, user_id: str) -> PersonOut:
        return person_out(await looking_after.approve(user_id, actor=actor))

    @router.post(
        "/users/{user_id}/reject",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Forget a person who asked for an account",
    )
    async def reject(actor: Administrator, user_id: str) -> None:
        await looking_after.reject(user_id, actor=actor)

    @router.post("/users/{user_id}/sign-out", summary="End all sign-ins of a person")
    async def sign_out(actor: Administrator, user_id: str) -> PersonOut:
        return person_out(await looking_after.sign_out(user_id, actor=actor))

    @router.post("/users/{user_id}/reset-mfa", summary="Take a lost second factor from a person")
    async def reset_mfa(actor: ConfirmedAdministrator, user_id: str) -> PersonOut:
        return person_out(await looking_after.reset_second_factor(user_id, actor=actor))
