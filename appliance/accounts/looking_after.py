"""Looking after other people's accounts: letting them in, shutting them out, what they may do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from appliance.accounts.acting import Actor
from appliance.accounts.administrators import (
    locked_administrators,
    refuse_owner,
    refuse_owner_to_others,
    refuse_without_administrator,
)
from appliance.accounts.ending import Ending
from appliance.accounts.identifying import SessionMemory
from appliance.accounts.model import User, checked_name, normalised_email
from appliance.accounts.store import codes, directory, people
from appliance.accounts.store.directory import PeopleFilter
from appliance.base.audit.log import AuditLog
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import ConflictError, NotFoundError
from appliance.base.events import Events
from appliance.base.identity import AccessEnded, Role

T = TypeVar("T")


@dataclass(frozen=True)
class PersonChange:
    """What is to be different with a person; as typed, not yet checked. None stays as it is."""

    name: str | None = None
    email: str | None = None
    role: Role | None = None


class LookingAfter:
    """What administrators do to the accounts of others; what is open by them feels it at once."""

    def __init__(
        self,
        *,
        database: Database,
        memory: SessionMemory,
        ending: Ending,
        audit: AuditLog,
        events: Events,
        clock: Clock,
    ) -> None:
        self._database = database
        self._memory = memory
        self._ending = ending
        self._audit = audit
        self._events = events
        self._clock = clock

    async def list_people(
        self, wanted: PeopleFilter, *, before_id: str | None, limit: int
    ) -> list[User]:
        """Return people, newest account first, of those whose account is older."""
        return await self._database.read(
            lambda connection: directory.list_people(
                connection, wanted, before_id=before_id, limit=limit
            )
        )

    async def person_of(self, user_id: str) -> User:
        """Return the person with this id.

        Raises:
            NotFoundError: If there is none.
        """
        return found(await self._database.read(lambda c: people.find_user(c, user_id)))

    async def person_by_email(self, email: str) -> User:
        """Return the person with this e-mail address.

        Raises:
            NotFoundError: If there is none.
        """
        return found(await self._database.read(lambda c: people.find_user_by_email(c, email)))

    async def change(self, user_id: str, wanted: PersonChange, *, actor: Actor) -> User:
        """Return a person after the change, which is felt also in what they have open.

        Raises:
            ConflictError: If it is the owner, the last administrator, or if somebody has that
                e-mail address.
            ForbiddenError: If the one who acts is no administrator any more.
            InvalidValueError: If a value is refused.
            NotFoundError: If there is no such person.
        """
        name = None if wanted.name is None else checked_name(wanted.name)
        email = None if wanted.email is None else normalised_email(wanted.email)

        def change(tx: Transaction, target: User, administrators: list[User]) -> None:
            if name is not None and name != target.name:
                self._rename(tx, target, name, actor)
            if email is not None and email != target.email:
                self._change_email(tx, target, email, actor)
            if wanted.role is not None and wanted.role != target.role:
                if wanted.role is not Role.ADMIN:
                    refuse_without_administrator(administrators, target)
                self._change_role(tx, target, wanted.role, actor)

        return await self._changed(user_id, actor, change)

    async def disable(self, user_id: str, *, actor: Actor) -> User:
        """Shut a person out at once; their data stays.

        Raises:
            ConflictError: If it is the owner or the last administrator.
            ForbiddenError: If the one who acts is no administrator any more.
            NotFoundError: If there is no such person.
        """

        def change(tx: Transaction, target: User, administrators: list[User]) -> None:
            if target.disabled_at is not None:
                return
            refuse_owner(target)
            refuse_without_administrator(administrators, target)
            now = self._clock.now()
            people.disable_user(tx.connection, target.id, at=now)
            codes.revoke_open_codes_of(tx.connection, target.id, at=now)
            self._ending.end_all(tx, target.id)
            self._note(tx, actor, "user.disabled", target)

        return await self._changed(user_id, actor, change)

    async def enable(self, user_id: str, *, actor: Actor) -> User:
        """Let a person in again who was shut out.

        Raises:
            ForbiddenError: If the one who acts is no administrator any more.
            NotFoundError: If there is no such person.
        """

        def change(tx: Transaction, target: User, _administrators: list[User]) -> None:
            if target.disabled_at is not None:
                directory.change_person(tx.connection, target.id, disabled_at=None)
                self._note(tx, actor, "user.enabled", target)

        return await self._changed(user_id, actor, change)

    async def approve(self, user_id: str, *, actor: Actor) -> User:
        """Let a person in who asked for an account.

        Raises:
            ConflictError: If they do not wait.
            ForbiddenError: If the one who acts is no administrator any more.
            NotFoundError: If there is no such person.
        """

        def change(tx: Transaction, target: User, _administrators: list[User]) -> None:
            _refuse_unless_waiting(target)
            directory.change_person(tx.connection, target.id, waiting_since=None)
            self._note(tx, actor, "user.approved", target)

        return await self._changed(user_id, actor, change)

    async def reject(self, user_id: str, *, actor: Actor) -> None:
        """Forget a person who asked for an account.

        Raises:
            ConflictError: If they do not wait.
            ForbiddenError: If the one who acts is no administrator any more.
            NotFoundError: If there is no such person.
        """

        def change(tx: Transaction, target: User, _administrators: list[User]) -> None:
            _refuse_unless_waiting(target)
            directory.remove_person(tx.connection, target.id)
            self._note(tx, actor, "user.rejected", target)

        await self._on(user_id, actor, change)

    async def sign_out(self, user_id: str, *, actor: Actor) -> User:
        """Return a person all of whose sign-ins have ended, and who may sign in again.

        Raises:
            ConflictError: If it is the owner, and somebody else acts.
            ForbiddenError: If the one who acts is no administrator any more.
            NotFoundError: If there is no such person.
        """

        def change(tx: Transaction, target: User, _administrators: list[User]) -> None:
            refuse_owner_to_others(target, actor)
            ended = self._ending.end_others(tx, target.id, but="")
            self._note(tx, actor, "session.ended", target, reason="admin", count=len(ended))

        return await self._changed(user_id, actor, change)

    async def reset_second_factor(self, user_id: str, *, actor: Actor) -> User:
        """Take the second factor from a person who has lost it, and end their sign-ins.

        Raises:
            ConflictError: If it is the owner, and somebody else acts.
            ForbiddenError: If the one who acts is no administrator any more.
            NotFoundError: If there is no such person.
        """

        def change(tx: Transaction, target: User, _administrators: list[User]) -> None:
            refuse_owner_to_others(target, actor)
            directory.remove_second_factor(tx.connection, target.id)
            self._ending.end_others(tx, target.id, but="")
            self._note(tx, actor, "mfa.disabled", target, reason="admin")

        return await self._changed(user_id, actor, change)

    async def _changed(
        self,
        user_id: str,
        actor: Actor,
        change: Callable[[Transaction, User, list[User]], None],
    ) -> User:
        def changed(tx: Transaction, target: User, administrators: list[User]) -> User:
            change(tx, target, administrators)
            return found(people.find_user(tx.connection, target.id))

        return await self._on(user_id, actor, changed)

    async def _on(
        self,
        user_id: str,
        actor: Actor,
        act: Callable[[Transaction, User, list[User]], T],
    ) -> T:
        def write(tx: Transaction) -> T:
            connection = tx.connection
            # Sign-ins before people, as refreshing does: nobody waits for us who we wait for.
            directory.lock_sign_ins_of(connection, user_id)
            administrators = list(locked_administrators(connection, actor))
            return act(tx, locked(connection, user_id), administrators)

        return await self._database.write(write)

    def _rename(self, tx: Transaction, target: User, name: str, actor: Actor) -> None:
        refuse_owner_to_others(target, actor)
        directory.change_person(tx.connection, target.id, name=name)
        self._note(tx, actor, "user.renamed", target, after=name)
        tx.after_commit(lambda: self._memory.forget_user(target.id))

    def _change_email(self, tx: Transaction, target: User, email: str, actor: Actor) -> None:
        refuse_owner_to_others(target, actor)
        directory.change_person(tx.connection, target.id, email=email)
        self._note(tx, actor, "email.changed", target, before=target.email, after=email)
        tx.after_commit(lambda: self._memory.forget_user(target.id))

    def _change_role(self, tx: Transaction, target: User, role: Role, actor: Actor) -> None:
        refuse_owner(target)
        directory.change_person(tx.connection, target.id, role=role.value)
        self._note(tx, actor, "user.role_changed", target, before=target.role, after=role.value)
        is_less = Role(target.role).includes(role)
        tx.after_commit(lambda: self._tell_changed(target.id, is_less=is_less))

    def _note(
        self, tx: Transaction, actor: Actor, action: str, target: User, **details: str | int
    ) -> None:
        self._audit.record(tx, actor.did(action, target, **details))

    def _tell_changed(self, user_id: str, *, is_less: bool) -> None:
        self._memory.forget_user(user_id)
        if is_less:
            self._events.publish(AccessEnded(user_id))


def found(user: User | None) -> User:
    """Return the person.

    Raises:
        NotFoundError: If there is none.
    """
    if user is None:
        raise NotFoundError("There is no such account.", code="user_not_found")
    return user


def locked(connection: Connection, user_id: str) -> User:
    """Return the person with this id, whom nobody else changes before the end.

    Raises:
        NotFoundError: If there is none.
    """
    return found(people.locked_user(connection, user_id))


def _refuse_unless_waiting(target: User) -> None:
    if target.waiting_since is None:
        raise ConflictError(
            f"{target.name} does not wait for approval.",
            code="not_waiting",
            hint="Perhaps another administrator was quicker.",
        )
