"""The activities that concern other people's accounts and programs, put together."""

from dataclasses import dataclass

from appliance.accounts.api_keys import ApiKeys
from appliance.accounts.auditing import Auditing
from appliance.accounts.demonstrating import Demonstrating
from appliance.accounts.giving_passwords import GivingPasswords
from appliance.accounts.ground import Ground
from appliance.accounts.inviting import Inviting
from appliance.accounts.joining import Entrance, Joining
from appliance.accounts.looking_after import LookingAfter
from appliance.accounts.one_time_codes import OneTimeCodes
from appliance.accounts.policies import Deciding
from appliance.accounts.registering import Registering
from appliance.accounts.second_step import SecondStep
from appliance.base.audit.watching import AuditWatch


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


def others_activities(ground: Ground, second_step: SecondStep) -> Others:
    """Return the activities."""
    outside = ground.outside
    database, audit, events = outside.database, outside.audit, outside.events
    codes_key = outside.keys.derived("one-time codes")
    codes = OneTimeCodes(key=codes_key, clock=outside.clock, ids=outside.ids)
    watch = AuditWatch(audit.chain_of(database), events=events, clock=outside.clock)
    return Others(
        api_keys=_api_keys(ground),
        looking_after=_looking_after(ground),
        inviting=Inviting(
            database=database,
            one_time_codes=codes,
            audit=audit,
            clock=outside.clock,
            ids=outside.ids,
        ),
        giving_passwords=_giving_passwords(ground),
        joining=_joining(ground, codes, second_step),
        registering=_registering(ground),
        deciding=Deciding(database=database, memory=ground.memory, audit=audit, events=events),
        demonstrating=_demonstrating(ground),
        auditing=Auditing(database=database, watch=watch),
        audit_watch=watch,
    )


def _api_keys(ground: Ground) -> ApiKeys:
    outside = ground.outside
    return ApiKeys(
        database=outside.database,
        memory=ground.memory,
        audit=outside.audit,
        events=outside.events,
        clock=outside.clock,
        ids=outside.ids,
    )


def _looking_after(ground: Ground) -> LookingAfter:
    outside = ground.outside
    return LookingAfter(
        database=outside.database,
        memory=ground.memory,
        ending=ground.ending,
        audit=outside.audit,
        events=outside.events,
        clock=outside.clock,
    )


def _giving_passwords(ground: Ground) -> GivingPasswords:
    outside = ground.outside
    return GivingPasswords(
        database=outside.database,
        passwords=ground.passwords,
        ending=ground.ending,
        audit=outside.audit,
        clock=outside.clock,
    )


def _joining(ground: Ground, codes: OneTimeCodes, second_step: SecondStep) -> Joining:
    outside = ground.outside
    return Joining(
        database=outside.database,
        one_time_codes=codes,
        passwords=ground.passwords,
        entrance=Entrance(ground.sessions, second_step, ground.ending),
        audit=outside.audit,
        clock=outside.clock,
        ids=outside.ids,
    )


def _registering(ground: Ground) -> Registering:
    outside = ground.outside
    return Registering(
        database=outside.database,
        passwords=ground.passwords,
        audit=outside.audit,
        events=outside.events,
        clock=outside.clock,
        ids=outside.ids,
    )


def _demonstrating(ground: Ground) -> Demonstrating:
    outside = ground.outside
    return Demonstrating(
        database=outside.database,
        passwords=ground.passwords,
        ending=ground.ending,
        audit=outside.audit,
        clock=outside.clock,
        ids=outside.ids,
    )
