"""All addresses that concern other people's accounts and programs."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter

from appliance.accounts.others_activities import Others
from appliance.accounts.routes.audit import add_audit_routes
from appliance.accounts.routes.entering import add_joining_routes, add_registering_routes
from appliance.accounts.routes.invites import add_invite_routes, add_policy_routes
from appliance.accounts.routes.people import add_people_routes
from appliance.accounts.routes.programs import add_program_routes


def add_entering_routes(router: APIRouter, others: Others, *, language: str) -> None:
    """Add to the addresses under `/auth` how people come in, and keys for programs."""
    add_program_routes(router, others.api_keys)
    add_joining_routes(router, others.joining, language=language)
    add_registering_routes(router, others.registering, others.deciding, others.demonstrating)


def administration_router(others: Others, *, now: Callable[[], datetime]) -> APIRouter:
    """Return the addresses for administrators."""
    router = APIRouter(prefix="/admin", tags=["administration"])
    add_people_routes(router, others.looking_after, others.inviting)
    add_invite_routes(router, others.inviting, now=now)
    add_policy_routes(router, others.deciding)
    add_audit_routes(router, others.auditing)
    return router
