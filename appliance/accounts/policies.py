"""Deciding what holds for everybody on this box, and telling everybody what concerns them."""

from dataclasses import replace

from appliance.accounts.acting import Actor
from appliance.accounts.administrators import locked_administrators
from appliance.accounts.identifying import SessionMemory
from appliance.accounts.looking_after import found
from appliance.accounts.policy import Policies, Registration
from appliance.accounts.store import people
from appliance.accounts.store import policies as store
from appliance.base.audit.log import AuditLog
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import ForbiddenError
from appliance.base.events import Events
from appliance.base.identity import Role
from appliance.base.live.model import LiveEvent, ToRole


class Deciding:
    """The policies of this box."""

    def __init__(
        self, *, database: Database, memory: SessionMemory, audit: AuditLog, events: Events
    ) -> None:
        self._database = database
        self._memory = memory
        self._audit = audit
        self._events = events

    async def policies(self) -> Policies:
        """Return what holds now."""
        return await self._database.read(store.policies_of)

    def admins_may_read(self, connection: Connection) -> bool:
        """Return whether administrators may read what others write; part of a transaction."""
        return store.policies_of(connection).admins_read_conversations

    async def decide(
        self,
        *,
        registration: Registration | None,
        admins_read_conversations: bool | None,
        actor: Actor,
    ) -> Policies:
        """Return what holds from now on; None leaves a policy as it is.

        Raises:
            ForbiddenError: If the one who acts is no administrator any more, or decides what
                only the owner may.
        """

        def write(tx: Transaction) -> Policies:
            locked_administrators(tx.connection, actor)
            before = store.locked_policies(tx.connection)
            after = replace(
                before,
                registration=registration or before.registration,
                admins_read_conversations=before.admins_read_conversations
                if admins_read_conversations is None
                else admins_read_conversations,
            )
            if after == before:
                return before
            if after.admins_read_conversations != before.admins_read_conversations:
                _refuse_unless_owner(tx.connection, actor)
                self._tell_everybody(tx, allowed=after.admins_read_conversations)
            store.write_policies(tx.connection, after)
            tx.after_commit(self._memory.forget_everybody)
            self._note(tx, actor, before, after)
            return after

        return await self._database.write(write)

    def _note(self, tx: Transaction, actor: Actor, before: Policies, after: Policies) -> None:
        details: dict[str, str | int | bool] = {}
        if after.registration is not before.registration:
            details["registration"] = after.registration.value
        if after.admins_read_conversations != before.admins_read_conversations:
            details["admins_read_conversations"] = after.admins_read_conversations
        self._audit.record(tx, actor.did_to("settings.changed", kind="settings", details=details))

    def _tell_everybody(self, tx: Transaction, *, allowed: bool) -> None:
        notice = {"code": "conversations_may_be_read", "allowed": allowed}
        tx.after_commit(
            lambda: self._events.publish(LiveEvent(ToRole(Role.WORKER), "notice", notice))
        )


def _refuse_unless_owner(connection: Connection, actor: Actor) -> None:
    user = found(people.find_user(connection, actor.user_id or ""))
    if not user.is_owner:
        raise ForbiddenError(
            "Only the owner of this box decides whether administrators may read conversations.",
            code="owner_only",
            hint="Ask the owner.",
        )
