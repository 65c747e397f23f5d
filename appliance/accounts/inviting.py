"""Bringing people in: invitations, accounts made for somebody, another password."""

from dataclasses import dataclass
from datetime import timedelta

from appliance.accounts.acting import Actor
from appliance.accounts.administrators import locked_administrators, refuse_owner_to_others
from appliance.accounts.looking_after import locked
from appliance.accounts.model import User, checked_language, checked_name, normalised_email
from appliance.accounts.one_time_code import (
    NEW_VALID,
    RESET_VALID,
    CodeKind,
    CodeState,
    OneTimeCode,
)
from appliance.accounts.one_time_codes import CodePurpose, GivenOut, OneTimeCodes
from appliance.accounts.passwords import no_password
from appliance.accounts.store import codes, directory
from appliance.base.audit.log import AuditLog
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import ConflictError, NotFoundError
from appliance.base.identity import Role
from appliance.base.ids import Ids


@dataclass(frozen=True)
class NewPerson:
    """Somebody who is to have an account; as typed, not yet checked.

    Attributes:
        email: To sign in with.
        name: To be greeted by.
        role: What they may do.
        language: `es` or `en`.
    """

    email: str
    name: str
    role: Role
    language: str


class Inviting:
    """Gives out the codes by which people come in; no administrator ever knows a password."""

    def __init__(
        self,
        *,
        database: Database,
        one_time_codes: OneTimeCodes,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._codes = one_time_codes
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def invite(
        self, role: Role, *, name: str, valid_for: timedelta, actor: Actor
    ) -> GivenOut:
        """Return the code by which somebody makes an account of this role.

        Raises:
            ForbiddenError: If the one who acts is no administrator any more.
            InvalidValueError: If the name is refused.
        """
        purpose = CodePurpose(
            CodeKind.INVITE, valid_for, role=role.value, name=checked_name(name) if name else ""
        )

        def write(tx: Transaction) -> GivenOut:
            locked_administrators(tx.connection, actor)
            given = self._codes.give_out(tx, purpose, actor=actor)
            self._note_invite(tx, actor, "invite.created", given.code)
            return given

        return await self._database.write(write)

    async def list_invites(self, *, before_id: str | None, limit: int) -> list[OneTimeCode]:
        """Return invitations, newest first, of those that are older."""
        return await self._database.read(
            lambda connection: codes.list_invites(connection, before_id=before_id, limit=limit)
        )

    async def take_back(self, code_id: str, *, actor: Actor) -> None:
        """Let an invitation work no more; one that was used or is over stays as it is.

        Raises:
            ForbiddenError: If the one who acts is no administrator any more.
            NotFoundError: If there is no such invitation.
        """

        def write(tx: Transaction) -> None:
            locked_administrators(tx.connection, actor)
            code = codes.locked_invite(tx.connection, code_id)
            if code is None:
                raise NotFoundError("There is no such invitation.", code="invite_not_found")
            if code.state(self._clock.now()) is CodeState.OPEN:
                codes.revoke(tx.connection, code.id, at=self._clock.now())
                self._note_invite(tx, actor, "invite.revoked", code)

        await self._database.write(write)

    async def add(self, person: NewPerson, *, actor: Actor) -> tuple[User, GivenOut]:
        """Return a new account, and the code by which its person sets the first password.

        Raises:
            ConflictError: If somebody has that e-mail address.
            ForbiddenError: If the one who acts is no administrator any more.
            InvalidValueError: If a value is refused.
        """
        user = User(
            id=self._ids.new_id(),
            email=normalised_email(person.email),
            name=checked_name(person.name),
            role=person.role.value,
            language=checked_language(person.language),
            password_hash=no_password(),
            token_version=1,
            created_at=self._clock.now(),
        )
        purpose = CodePurpose(CodeKind.NEW, NEW_VALID, user_id=user.id)

        def write(tx: Transaction) -> tuple[User, GivenOut]:
            locked_administrators(tx.connection, actor)
            directory.add_person(tx.connection, user)
            self._audit.record(tx, actor.did("user.created", user, role=user.role))
            return user, self._codes.give_out(tx, purpose, actor=actor)

        return await self._database.write(write)

    async def reset(self, user_id: str, *, actor: Actor) -> tuple[User, GivenOut]:
        """Return a person, and the code by which they set another password.

        Raises:
            ConflictError: If it is the owner and somebody else acts, or if they may not sign in.
            ForbiddenError: If the one who acts is no administrator any more.
            NotFoundError: If there is no such person.
        """
        purpose = CodePurpose(CodeKind.RESET, RESET_VALID, user_id=user_id)

        def write(tx: Transaction) -> tuple[User, GivenOut]:
            locked_administrators(tx.connection, actor)
            user = locked(tx.connection, user_id)
            refuse_owner_to_others(user, actor)
            if not user.may_sign_in:
                raise ConflictError(
                    f"{user.name} may not sign in.",
                    code="user_not_active",
                    hint="Let them in first, then give them a code.",
                )
            self._audit.record(tx, actor.did("user.reset", user))
            return user, self._codes.give_out(tx, purpose, actor=actor)

        return await self._database.write(write)

    def _note_invite(self, tx: Transaction, actor: Actor, action: str, code: OneTimeCode) -> None:
        entry = actor.did_to(
            action,
            kind="invite",
            target_id=code.id,
            target_name=code.name,
            details={"role": code.role},
        )
        self._audit.record(tx, entry)
