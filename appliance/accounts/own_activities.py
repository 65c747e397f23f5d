"""What people do with their own accounts, put together."""

from dataclasses import dataclass

from appliance.accounts.confirming import Confirming
from appliance.accounts.ground import Ground
from appliance.accounts.own_account import OwnAccount
from appliance.accounts.own_sessions import OwnSessions
from appliance.accounts.people import People
from appliance.accounts.recovering import Recovering
from appliance.accounts.recovery_codes import RecoveryCodes
from appliance.accounts.second_factor import SecondFactors
from appliance.accounts.second_step import SecondStep
from appliance.accounts.signing_in import SigningIn


@dataclass(frozen=True)
class OwnActivities:
    """What the routes of one's own account call."""

    signing_in: SigningIn
    second_step: SecondStep
    confirming: Confirming
    people: People
    account: OwnAccount
    sessions: OwnSessions
    factors: SecondFactors
    recovering: Recovering


@dataclass(frozen=True)
class _Factors:
    recovery_codes: RecoveryCodes
    factors: SecondFactors
    step: SecondStep


def own_activities(ground: Ground) -> OwnActivities:
    """Return the activities of one's own account."""
    outside, ending = ground.outside, ground.ending
    database, clock, audit = outside.database, outside.clock, outside.audit
    second = _second(ground)
    return OwnActivities(
        signing_in=_signing_in(ground, second.step),
        second_step=second.step,
        confirming=Confirming(
            database=database,
            proving=ground.proving,
            second_step=second.step,
            memory=ground.memory,
            clock=clock,
        ),
        people=People(database=database, memory=ground.memory),
        account=OwnAccount(
            database=database,
            proving=ground.proving,
            passwords=ground.passwords,
            sessions=ground.sessions,
            ending=ending,
            memory=ground.memory,
            audit=audit,
        ),
        sessions=OwnSessions(database=database, ending=ending, audit=audit, clock=clock),
        factors=second.factors,
        recovering=Recovering(
            database=database,
            delaying=ground.delaying,
            passwords=ground.passwords,
            recovery_codes=second.recovery_codes,
            factors=second.factors,
            sessions=ground.sessions,
            ending=ending,
            audit=audit,
        ),
    )


def _second(ground: Ground) -> _Factors:
    outside = ground.outside
    keys, clock, ids = outside.keys, outside.clock, outside.ids
    codes = RecoveryCodes(key=keys.derived("recovery codes"), clock=clock, ids=ids)
    factors = SecondFactors(
        database=outside.database,
        memory=ground.memory,
        key=keys.derived("second factors"),
        recovery_codes=codes,
        audit=outside.audit,
        clock=clock,
        ids=ids,
    )
    step = SecondStep(
        database=outside.database,
        factors=factors,
        delaying=ground.delaying,
        devices=ground.devices,
        sessions=ground.sessions,
        audit=outside.audit,
        clock=clock,
        ids=ids,
    )
    return _Factors(codes, factors, step)


def _signing_in(ground: Ground, second_step: SecondStep) -> SigningIn:
    return SigningIn(
        database=ground.outside.database,
        proving=ground.proving,
        second_step=second_step,
        sessions=ground.sessions,
        access=ground.access,
        refresh=ground.refresh,
        ending=ground.ending,
        clock=ground.outside.clock,
    )
