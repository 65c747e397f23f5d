"""The recurring work of accounts."""

from collections.abc import Mapping

from appliance.accounts.purging import Purging
from appliance.accounts.setting_up import SettingUp
from appliance.base.audit.watching import AuditWatch
from appliance.base.jobs.registry import JobKind
from appliance.base.jobs.schedule import Recurring

PURGE = "accounts.purge"
SETUP_CODE = "accounts.setup_code"
AUDIT_CHECK = "accounts.audit_check"

_PURGE = Recurring(PURGE, PURGE, every_s=6 * 3600.0)
# Asked every hour, done once a day: a box that is off at night is not forgotten.
_AUDIT_CHECK = Recurring(AUDIT_CHECK, AUDIT_CHECK, every_s=3600.0)
_SETUP_CODE = Recurring(SETUP_CODE, SETUP_CODE, every_s=60.0)


def job_kinds(
    purging: Purging, setting_up: SettingUp, audit_watch: AuditWatch
) -> tuple[JobKind, ...]:
    """Return the kinds of jobs of accounts; each may run again at any time."""

    async def purge(_payload: Mapping[str, object], _attempt: int) -> None:
        await purging.purge()

    async def renew_code(_payload: Mapping[str, object], _attempt: int) -> None:
        await setting_up.is_needed()

    async def check_audit(_payload: Mapping[str, object], _attempt: int) -> None:
        await audit_watch.verify_if_due()

    return (
        JobKind(PURGE, purge),
        JobKind(SETUP_CODE, renew_code, max_attempts=1),
        JobKind(AUDIT_CHECK, check_audit, max_attempts=1),
    )


def recurring(*, is_set_up: bool) -> tuple[Recurring, ...]:
    """Return what comes again; the code on the screen is kept valid until the box is set up."""
    return (_PURGE, _AUDIT_CHECK) if is_set_up else (_PURGE, _AUDIT_CHECK, _SETUP_CODE)
