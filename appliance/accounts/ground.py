"""What all activities of accounts stand on, made once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from appliance.accounts.delaying import Delaying
from appliance.accounts.devices import KnownDevices
from appliance.accounts.ending import Ending
from appliance.accounts.identifying import SessionMemory
from appliance.accounts.keys import Keys, own_signing_key
from appliance.accounts.passwords import Passwords
from appliance.accounts.proving import Proving
from appliance.accounts.sessions import Sessions
from appliance.accounts.tokens import AccessTokens, RefreshTokens
from appliance.base.audit.log import AuditLog
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.events import Events
from appliance.base.ids import Ids


@dataclass(frozen=True)
class Outside:
    """What accounts are given by the composition root.

    Attributes:
        keys: Of this box.
        audit: Where what matters is noted.
        events: Where people are told of their sign-ins.
        database: Migrated.
        clock: Of everything.
        ids: Makes ids and secrets.
        pause: Waits so many seconds.
    """

    keys: Keys
    audit: AuditLog
    events: Events
    database: Database
    clock: Clock
    ids: Ids
    pause: Callable[[float], Awaitable[None]]


@dataclass(frozen=True)
class Ground:
    """What several activities of accounts have in common."""

    outside: Outside
    access: AccessTokens
    refresh: RefreshTokens
    devices: KnownDevices
    memory: SessionMemory
    ending: Ending
    sessions: Sessions
    passwords: Passwords
    delaying: Delaying
    proving: Proving


def laid_ground(outside: Outside, *, jwt_secret: str | None, password_cost: int) -> Ground:
    """Return the ground.

    Raises:
        SettingError: If `jwt_secret` is too short.
    """
    keys, clock, ids = outside.keys, outside.clock, outside.ids
    signing_key = keys.signing_key if jwt_secret is None else own_signing_key(jwt_secret)
    access = AccessTokens(signing_key, box_id=keys.box_id, clock=clock, ids=ids)
    refresh = RefreshTokens(keys.refresh_key)
    devices = KnownDevices(keys.derived("known devices"), clock=clock, ids=ids)
    memory = SessionMemory(clock)
    passwords = Passwords(keys.pepper, cost=password_cost)
    delaying = Delaying(clock, pause=outside.pause)
    return Ground(
        outside=outside,
        access=access,
        refresh=refresh,
        devices=devices,
        memory=memory,
        ending=Ending(memory=memory, audit=outside.audit, events=outside.events, clock=clock),
        sessions=Sessions(
            access=access,
            refresh=refresh,
            devices=devices,
            audit=outside.audit,
            events=outside.events,
            clock=clock,
            ids=ids,
        ),
        passwords=passwords,
        delaying=delaying,
        proving=Proving(
            database=outside.database,
            passwords=passwords,
            delaying=delaying,
            devices=devices,
            audit=outside.audit,
        ),
    )
