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


def own_activities(ground: Ground) -> OwnActivities:
    """Return the activities of one's own account."""
    outside, memory, ending = ground.outside, ground.memory, ground.ending
    database, clock, audit = outside.database, outside.clock, outside.audit
    recovery_codes = RecoveryCodes(
        key=outside.keys.derived("recovery codes"), clock=clock, ids=outside.ids
    )
    factors = SecondFactors(
        database=database,
        memory=memory,
        key=outside.keys.derived("second factors"),
        recovery_codes=recovery_codes,
        audit=audit,
        clock=clock,
        ids=outside.ids,
    )
    second_step = SecondStep(
        database=database,
        factors=factors,
        delaying=ground.delaying,
        sessions=ground.sessions,
        audit=audit,
        clock=clock,
        ids=outside.ids,
    )
    return OwnActivities(
        signing_in=SigningIn(
            database=database,
            proving=ground.proving,
            second_step=second_step,
            sessions=ground.sessions,
            access=ground.access,
            refresh=ground.refresh,
            ending=ending,
            clock=clock,
        ),
        second_step=second_step,
        confirming=Confirming(
            database=database,
            proving=ground.proving,
            second_step=second_step,
            memory=memory,
            clock=clock,
        ),
        people=People(database=database, memory=memory, ending=ending, clock=clock),
        account=OwnAccount(
            database=database,
            proving=ground.proving,
            passwords=ground.passwords,
            sessions=ground.sessions,
            ending=ending,
            memory=memory,
            audit=audit,
        ),
        sessions=OwnSessions(database=database, ending=ending, audit=audit, clock=clock),
        factors=factors,
        recovering=Recovering(
            database=database,
            delaying=ground.delaying,
            passwords=ground.passwords,
            recovery_codes=recovery_codes,
            factors=factors,
            sessions=ground.sessions,
            ending=ending,
            audit=audit,
        ),
    )
