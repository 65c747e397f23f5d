"""The first run: the one who sits at the box becomes its owner, exactly once."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from appliance.accounts.acting import AT_THE_BOX, Actor
from appliance.accounts.devices import Visitor
from appliance.accounts.model import (
    Session,
    User,
    check_password,
    checked_language,
    checked_name,
    normalised_email,
)
from appliance.accounts.passwords import Passwords
from appliance.accounts.sessions import Sessions, SignedInUser
from appliance.accounts.setup_code import SetupCode
from appliance.accounts.store import box
from appliance.base.audit.log import AuditLog
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import ConflictError, InvalidValueError, SettingError
from appliance.base.ids import Ids
from appliance.base.web.identity import Role

_SETTING_OF: Mapping[str, str] = {
    "email": "admin_email",
    "name": "admin_name",
    "password": "admin_password",
    "language": "language",
}


@dataclass(frozen=True)
class NewOwner:
    """What a person says of themselves; as typed, not yet checked.

    Attributes:
        email: To sign in with.
        name: To be greeted by.
        password: In clear; never stored.
        language: `es` or `en`.
    """

    email: str
    name: str
    password: str
    language: str

    def __repr__(self) -> str:
        return f"NewOwner(language={self.language!r})"


class SettingUp:
    """Makes the owner's account, by code or from the settings."""

    def __init__(
        self,
        *,
        database: Database,
        passwords: Passwords,
        sessions: Sessions,
        code: SetupCode,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._sessions = sessions
        self._code = code
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._is_done = False
        self._one_at_a_time = asyncio.Lock()

    async def has_owner(self) -> bool:
        """Return whether somebody owns the box."""
        return self._is_done or await self._database.read(box.has_owner)

    async def is_needed(self) -> bool:
        """Return whether the box still has no owner; then there is a valid code."""
        if self._is_done:
            return False
        if await self.has_owner():
            self._done()
        else:
            self._code.renew_if_old()
        return not self._is_done

    async def set_up(self, typed_code: str, owner: NewOwner, visitor: Visitor) -> SignedInUser:
        """Return the tokens of the owner, who is signed in at once.

        Raises:
            ConflictError: If the box has an owner already.
            ForbiddenError: If the code is wrong.
            InvalidValueError: If a value is refused.
        """
        # In turn, so that of many who know the code only the first costs a password's time.
        async with self._one_at_a_time:
            if not await self.is_needed():
                raise _setup_done()
            self._code.check(typed_code)
            user = await self._checked(owner)
            session = await self._database.write(lambda tx: self._write(tx, user, visitor))
            self._done()
        return self._sessions.handed_out(user, session, visitor)

    async def begin(self, unattended: NewOwner | None) -> None:
        """Make the owner that the settings name, or announce a code; nothing if there is one.

        Raises:
            SettingError: If a value of the settings is refused.
        """
        if unattended is not None and not await self.has_owner():
            user = await self._checked_setting(unattended)
            await self._database.write(lambda tx: self._insert(tx, user, AT_THE_BOX))
        await self.is_needed()

    def _done(self) -> None:
        self._is_done = True
        self._code.withdraw()

    async def _checked_setting(self, owner: NewOwner) -> User:
        try:
            return await self._checked(owner)
        except InvalidValueError as error:
            setting = _SETTING_OF[str(error.fields["field"])]
            raise SettingError(
                f"The box cannot be set up by itself with this {setting}: {error.message}",
                hint=error.hint,
            ) from error

    async def _checked(self, owner: NewOwner) -> User:
        email = normalised_email(owner.email)
        name = checked_name(owner.name)
        language = checked_language(owner.language)
        check_password(owner.password, email=email, name=name)
        return User(
            id=self._ids.new_id(),
            email=email,
            name=name,
            role=Role.ADMIN.value,
            language=language,
            password_hash=await self._passwords.hashed(owner.password),
            token_version=1,
            created_at=self._clock.now(),
            is_owner=True,
        )

    def _write(self, transaction: Transaction, user: User, visitor: Visitor) -> Session:
        self._insert(transaction, user, Actor(user.id, user.name, visitor.address))
        return self._sessions.opened(transaction, user, visitor)

    def _insert(self, transaction: Transaction, user: User, actor: Actor) -> None:
        box.insert_owner(transaction.connection, user)
        self._audit.record(transaction, actor.did("user.created", user, role=user.role))


def _setup_done() -> ConflictError:
    return ConflictError("This box was set up already.", code="setup_done", hint="Sign in instead.")
