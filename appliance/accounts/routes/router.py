"""All addresses of accounts: parse, one call, answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter

from appliance.accounts.others_activities import Others
from appliance.accounts.own_activities import OwnActivities
from appliance.accounts.routes.others import add_entering_routes, administration_router
from appliance.accounts.routes.profile import add_profile_routes, add_session_routes
from appliance.accounts.routes.second_factor import (
    add_recovery_routes,
    add_second_factor_routes,
)
from appliance.accounts.routes.setup import add_setup_routes
from appliance.accounts.routes.sign_in import add_sign_in_routes
from appliance.accounts.setting_up import SettingUp

__all__ = ["APIRouter", "Activities", "build_router"]


@dataclass(frozen=True)
class Activities:
    """What the routes call."""

    setting_up: SettingUp
    own: OwnActivities
    others: Others
    now: Callable[[], datetime]


def build_router(accounts: Activities, *, language: str, version: str) -> APIRouter:
    """Return the routes of accounts; those under `/auth` answer under `/api/auth` too."""
    auth = APIRouter(tags=["accounts"])
    add_sign_in_routes(auth, accounts.own)
    add_second_factor_routes(auth, accounts.own)
    add_recovery_routes(auth, accounts.own)
    add_profile_routes(auth, accounts.own)
    add_session_routes(auth, accounts.own)
    add_entering_routes(auth, accounts.others, language=language)
    router = APIRouter(tags=["accounts"])
    add_setup_routes(router, accounts.setting_up, language=language, version=version)
    router.include_router(auth, prefix="/auth")
    router.include_router(auth, prefix="/api/auth")
    router.include_router(administration_router(accounts.others, now=accounts.now))
    return router
