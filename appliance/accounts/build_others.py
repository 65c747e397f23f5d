"""Putting together what concerns other people's accounts, upon what all accounts stand on."""

from dataclasses import dataclass

from appliance.accounts.api_keys import ApiKeys
from appliance.accounts.auditing import Auditing
from appliance.accounts.demonstrating import Demonstrating
from appliance.accounts.ending import Ending
from appliance.accounts.giving_passwords import GivingPasswords
from appliance.accounts.identifying import SessionMemory
from appliance.accounts.inviting import Inviting
from appliance.accounts.joining import Entrance, Joining
from appliance.accounts.looking_after import LookingAfter
from appliance.accounts.one_time_codes import OneTimeCodes
from appliance.accounts.passwords import Passwords
from appliance.accounts.policies import Deciding
from appliance.accounts.registering import Registering
from appliance.accounts.second_step import SecondStep
from appliance.accounts.sessions import Sessions
from appliance.base.audit.log import AuditLog
from appliance.base.audit.watching import AuditWatch
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.events import Events
from appliance.base.ids import Ids


@dataclass(frozen=True)
class CommonGround:
    """What all accounts stand on.

    Attributes:
        database: Migrated.
        memory: Which sign-ins requests know.
        ending: Ends sign-ins.
        sessions: Opens them.
        second_step: Asks for the second factor of those who have one.
        passwords: Hashes and compares.
        codes_key: Of the hashes of one-time codes.
        audit: Where what matters is noted.
        events: Where people are told.
        clock: Of everything.
        ids: Makes ids and secrets.
    """

    database: Database
    memory: SessionMemory
    ending: Ending
    sessions: Sessions
    second_step: SecondStep
    passwords: Passwords
    codes_key: bytes
    audit: AuditLog
    events: Events
    clock: Clock
    ids: Ids


@dataclass(frozen=True)
class Others:
    """What is done about other people's accounts, and about programs."""

    api_keys: ApiKeys
    looking_after: LookingAfter
    inviting: Inviting
    giving_passwords: GivingPasswords
    joining: Joining
    registering: Registering
    deciding: Deciding
    demonstrating: Demonstrating
    auditing: Auditing
    audit_watch: AuditWatch


def build_others(ground: CommonGround) -> Others:
    """Return the activities."""
    database, audit, events = ground.database, ground.audit, ground.events
    clock, ids = ground.clock, ground.ids
    one_time_codes = OneTimeCodes(key=ground.codes_key, clock=clock, ids=ids)
    watch = AuditWatch(audit.chain_of(database), events=events, clock=clock)
    return Others(
        api_keys=ApiKeys(
            database=database,
            memory=ground.memory,
            audit=audit,
            events=events,
            clock=clock,
            ids=ids,
        ),
        looking_after=LookingAfter(
            database=database,
            memory=ground.memory,
            ending=ground.ending,
            audit=audit,
            events=events,
            clock=clock,
        ),
        inviting=Inviting(
            database=database, one_time_codes=one_time_codes, audit=audit, clock=clock, ids=ids
        ),
        giving_passwords=GivingPasswords(
            database=database,
            passwords=ground.passwords,
            ending=ground.ending,
            audit=audit,
            clock=clock,
        ),
        joining=_joining(ground, one_time_codes),
        registering=Registering(
            database=database,
            passwords=ground.passwords,
            audit=audit,
            events=events,
            clock=clock,
            ids=ids,
        ),
        deciding=Deciding(database=database, memory=ground.memory, audit=audit, events=events),
        demonstrating=Demonstrating(
            database=database,
            passwords=ground.passwords,
            ending=ground.ending,
            audit=audit,
            clock=clock,
            ids=ids,
        ),
        auditing=Auditing(database=database, watch=watch),
        audit_watch=watch,
    )


def _joining(ground: CommonGround, one_time_codes: OneTimeCodes) -> Joining:
    return Joining(
        database=ground.database,
        one_time_codes=one_time_codes,
        passwords=ground.passwords,
        entrance=Entrance(ground.sessions, ground.second_step, ground.ending),
        audit=ground.audit,
        clock=ground.clock,
        ids=ground.ids,
    )
