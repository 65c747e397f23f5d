"""Proving by a password who one is; whoever guesses is slowed down."""

from dataclasses import dataclass

from appliance.accounts.delaying import Attempt, Delaying, Key, network_of
from appliance.accounts.devices import KnownDevice, KnownDevices, Visitor
from appliance.accounts.model import User, normalised_email
from appliance.accounts.passwords import Comparison, Passwords
from appliance.accounts.store import people
from appliance.base.audit.log import AuditLog
from appliance.base.audit.model import AuditEntry, Outcome
from appliance.base.database.database import Database
from appliance.base.errors import ForbiddenError, InvalidValueError, UnauthenticatedError
from appliance.base.identity import Identity


@dataclass(frozen=True)
class Proved:
    """Somebody who knows the password of a person.

    Attributes:
        user: The person, as they were when the password was compared.
        comparison: What else it told.
    """

    user: User
    comparison: Comparison


class Proving:
    """Compares passwords with those of people.

    Args:
        database: Of the people.
        passwords: Compares; whoever is known comes first.
        delaying: Lets those wait who guess.
        devices: Whose owners need not wait for the guesses of others.
        audit: Notes who was refused.
    """

    def __init__(
        self,
        *,
        database: Database,
        passwords: Passwords,
        delaying: Delaying,
        devices: KnownDevices,
        audit: AuditLog,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._delaying = delaying
        self._devices = devices
        self._audit = audit

    async def by_password(self, email: str, password: str, visitor: Visitor) -> Proved:
        """Return who has this e-mail address and this password.

        Raises:
            UnauthenticatedError: If nobody has; which of the two is wrong is not said.
            TooManyRequestsError: If too many are trying at once.
        """
        account = _account_of(email)
        device = await self._find_device(account, visitor)
        async with self._delaying.attempt(*keys_of(account, visitor, device)) as attempt:
            user = await self._find_user(account)
            comparison = await self._passwords.compare(
                password, user and user.password_hash, is_known=device is not None
            )
            attempt.is_success = comparison.matches
        if user is None or not comparison.matches:
            await self._note(attempt, user, visitor)
            raise wrong_credentials()
        return Proved(user, comparison)

    async def again(self, identity: Identity, password: str) -> Proved:
        """Return the signed-in person, who has typed their password once more.

        Raises:
            ForbiddenError: If it is wrong.
            TooManyRequestsError: If too many are trying at once.
        """
        user = await self._database.read(
            lambda connection: people.find_user(connection, identity.user_id)
        )
        async with self._delaying.attempt(Key("device", identity.session_id)) as attempt:
            comparison = await self._passwords.compare(
                password, user and user.password_hash, is_known=True
            )
            attempt.is_success = comparison.matches
        if user is None or not comparison.matches:
            raise ForbiddenError(
                "The password is wrong.",
                code="wrong_password",
                hint="Capital letters count.",
                field="password",
            )
        return Proved(user, comparison)

    async def _find_device(self, account: str, visitor: Visitor) -> KnownDevice | None:
        # Most guesses come without a seal: they cost no look into the database.
        if self._devices.find_device(visitor.device_cookie) is None:
            return None
        user = await self._find_user(account)
        return user and self._devices.find_known(visitor.device_cookie, user)

    async def _find_user(self, account: str) -> User | None:
        if not account:
            return None  # Nobody has it; the answer and its time are those of a wrong password.
        return await self._database.read(
            lambda connection: people.find_user_by_email(connection, account)
        )

    async def _note(self, attempt: Attempt, user: User | None, visitor: Visitor) -> None:
        # Guesses in nobody's name and those after many others would only fill the disk.
        if user is None or not attempt.is_worth_noting:
            return
        entry = AuditEntry(
            action="login.refused",
            actor_id=None,
            actor_name="",
            target_kind="user",
            target_id=user.id,
            target_name=user.name,
            outcome=Outcome.REFUSED,
            address=visitor.address,
            details={"device": visitor.device, "failures_before": attempt.failures},
        )
        await self._database.write(lambda tx: self._audit.record(tx, entry))


def keys_of(account: str, visitor: Visitor, device: KnownDevice | None) -> tuple[Key, ...]:
    """Return what an attempt is counted by.

    A person's own device is counted by itself: the guesses of others neither slow it down nor
    keep it out.
    """
    if device is not None:
        return (Key("device", f"{device.device_id} {device.user_id}"),)
    return (Key("network", network_of(visitor.address)), Key("account", account))


def wrong_credentials() -> UnauthenticatedError:
    """Return the one answer to everybody who may not come in by what they typed."""
    return UnauthenticatedError(
        "The e-mail address or the password is wrong.",
        code="wrong_credentials",
        hint="Check both; capital letters count in the password.",
    )


def _account_of(email: str) -> str:
    try:
        return normalised_email(email)
    except InvalidValueError:
        return ""
