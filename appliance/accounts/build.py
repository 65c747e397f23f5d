"""Putting accounts together: the signature is the list of what they need."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from appliance.accounts import jobs
from appliance.accounts.devices import COOKIE as DEVICE_COOKIE
from appliance.accounts.devices import KnownDevices
from appliance.accounts.ground import Outside, laid_ground
from appliance.accounts.identifying import Identifying
from appliance.accounts.keys import Keys
from appliance.accounts.others_activities import Others, others_activities
from appliance.accounts.own_activities import own_activities
from appliance.accounts.passwords import COST, Passwords
from appliance.accounts.people import People
from appliance.accounts.purging import Purging
from appliance.accounts.routes.router import Activities, APIRouter, build_router
from appliance.accounts.setting_up import NewOwner, SettingUp
from appliance.accounts.setup_code import SetupCode
from appliance.accounts.store import box
from appliance.base.audit.log import AuditLog
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.events import Events
from appliance.base.ids import Ids
from appliance.base.jobs.registry import JobKind
from appliance.base.jobs.schedule import Recurring


@dataclass(frozen=True)
class Accounts:
    """Accounts, put together.

    Attributes:
        router: Their routes.
        authenticator: Tells all slices who asks.
        people: Who somebody is.
        others: What administrators, commands and other slices do about accounts.
        job_kinds: What they do in the background.
        recurring: How often.
    """

    router: APIRouter
    authenticator: Identifying
    people: People
    others: Others
    job_kinds: tuple[JobKind, ...]
    recurring: tuple[Recurring, ...]
    _devices: KnownDevices
    _setting_up: SettingUp
    _unattended: NewOwner | None
    _passwords: Passwords

    def find_device(self, cookies: Mapping[str, str]) -> str | None:
        """Return the id of the device with these cookies, if anybody has signed in with it."""
        return self._devices.find_device(cookies.get(DEVICE_COOKIE, ""))

    async def is_claimed(self) -> bool:
        """Return whether the box has an owner, or gets one from the settings when it starts."""
        return self._unattended is not None or await self._setting_up.has_owner()

    async def start(self) -> None:
        """Make the owner that the settings name, or announce the set-up code, if there is none.

        Raises:
            SettingError: If the settings name an owner that is refused.
        """
        await self._setting_up.begin(self._unattended)

    async def stop(self) -> None:
        """Let the thread of the passwords end."""
        self._passwords.close()


@dataclass(frozen=True)
class AccountsPlan:
    """What the settings say of accounts.

    Attributes:
        secrets_folder: Where the set-up code lies.
        language: Of the set-up pages: `es` or `en`.
        version: Of the product, for the set-up pages.
        jwt_secret: Signs access tokens in place of the box's own key.
        unattended: Who becomes the owner at the first start, without a code.
        password_cost: Logarithm of the work for one password; tests take less.
    """

    secrets_folder: Path
    language: str
    version: str
    jwt_secret: str | None = None
    unattended: NewOwner | None = None
    password_cost: int = COST


def build_accounts(
    plan: AccountsPlan,
    *,
    keys: Keys,
    audit: AuditLog,
    events: Events,
    database: Database,
    clock: Clock,
    ids: Ids,
    announce_code: Callable[[str], None],
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Accounts:
    """Return the accounts of this box; call it after the migrations.

    Args:
        plan: What the settings say.
        keys: Of this box.
        audit: Where what matters is noted.
        events: Where people are told of their sign-ins.
        database: Migrated.
        clock: Of everything.
        ids: Makes ids and secrets.
        announce_code: Shows the set-up code to whoever started the box.
        pause: Waits so many seconds.

    Raises:
        SettingError: If `jwt_secret` is too short.
    """
    outside = Outside(
        keys=keys,
        audit=audit,
        events=events,
        database=database,
        clock=clock,
        ids=ids,
        pause=pause,
    )
    ground = laid_ground(outside, jwt_secret=plan.jwt_secret, password_cost=plan.password_cost)
    own = own_activities(ground)
    setting_up = SettingUp(
        database=database,
        passwords=ground.passwords,
        sessions=ground.sessions,
        code=SetupCode(folder=plan.secrets_folder, clock=clock, ids=ids, announce=announce_code),
        audit=audit,
        clock=clock,
        ids=ids,
    )
    others = others_activities(ground, own.second_step)
    activities = Activities(setting_up=setting_up, own=own, others=others, now=clock.now)
    return Accounts(
        router=build_router(activities, language=plan.language, version=plan.version),
        authenticator=Identifying(
            database=database, access=ground.access, memory=ground.memory, clock=clock
        ),
        people=own.people,
        others=others,
        job_kinds=jobs.job_kinds(
            Purging(database=database, clock=clock), setting_up, others.audit_watch
        ),
        recurring=jobs.recurring(is_set_up=database.read_now(box.has_owner)),
        _devices=ground.devices,
        _setting_up=setting_up,
        _unattended=plan.unattended,
        _passwords=ground.passwords,
    )
