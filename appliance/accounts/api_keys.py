"""Making and ending the keys that programs ask with."""

from collections.abc import Collection
from datetime import timedelta

from appliance.accounts.acting import Actor
from appliance.accounts.api_key import ApiKey, hash_of, key_text
from appliance.accounts.identifying import SessionMemory
from appliance.accounts.model import checked_name
from appliance.accounts.store import api_keys as store
from appliance.base.audit.log import AuditLog
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import ConflictError, ForbiddenError, NotFoundError
from appliance.base.events import Events
from appliance.base.identity import AccessEnded, Identity, Role, Scope
from appliance.base.ids import Ids

MOST_KEYS = 50


class ApiKeys:
    """The keys of each person's programs."""

    def __init__(
        self,
        *,
        database: Database,
        memory: SessionMemory,
        audit: AuditLog,
        events: Events,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._memory = memory
        self._audit = audit
        self._events = events
        self._clock = clock
        self._ids = ids

    async def list_of(self, user_id: str) -> list[ApiKey]:
        """Return a person's keys, newest first."""
        return await self._database.read(lambda connection: store.list_keys_of(connection, user_id))

    async def make(
        self,
        identity: Identity,
        *,
        name: str,
        scopes: Collection[Scope],
        valid_for: timedelta | None,
        actor: Actor,
    ) -> tuple[ApiKey, str]:
        """Return a new key, and its text, which is nowhere else.

        Raises:
            ConflictError: If the person has too many keys.
            ForbiddenError: If the person may not give away such a scope.
            InvalidValueError: If the name is refused.
        """
        if Scope.METRICS in scopes and not identity.role.includes(Role.ADMIN):
            raise ForbiddenError(
                "Only administrators make keys with the scope metrics.",
                code="scope_not_allowed",
                hint="Leave metrics away, or ask an administrator for a key.",
                field="scopes",
            )
        checked = checked_name(name)

        def write(tx: Transaction) -> tuple[ApiKey, str]:
            self._refuse_too_many(tx.connection, identity.user_id)
            key_id = self._unused_id(tx.connection)
            text = key_text(key_id, self._ids.new_secret())
            now = self._clock.now()
            key = ApiKey(
                id=key_id,
                user_id=identity.user_id,
                name=checked,
                scopes=frozenset(scope.value for scope in scopes),
                secret_hash=hash_of(text),
                created_at=now,
                expires_at=None if valid_for is None else now + valid_for,
            )
            store.insert_key(tx.connection, key)
            self._note(tx, actor, "key.created", key)
            return key, text

        return await self._database.write(write)

    async def end(self, user_id: str, key_id: str, *, actor: Actor) -> None:
        """End a key at once and for good; what is open by it ends.

        Raises:
            NotFoundError: If this person has no such key.
        """

        def write(tx: Transaction) -> None:
            key = store.find_key(tx.connection, key_id)
            if key is None or key.user_id != user_id:
                raise NotFoundError("There is no such key.", code="key_not_found")
            store.delete_keys(tx.connection, {key_id})
            self._note(tx, actor, "key.revoked", key)
            tx.after_commit(lambda: self._tell_ended(key))

        await self._database.write(write)

    def _refuse_too_many(self, connection: Connection, user_id: str) -> None:
        if len(store.list_keys_of(connection, user_id)) >= MOST_KEYS:
            raise ConflictError(
                f"You have {MOST_KEYS} keys; more are not kept.",
                code="too_many_keys",
                hint="End those that no program uses.",
            )

    def _unused_id(self, connection: Connection) -> str:
        while True:
            key_id = hash_of(self._ids.new_secret())[:8]
            if store.find_key(connection, key_id) is None:
                return key_id

    def _note(self, tx: Transaction, actor: Actor, action: str, key: ApiKey) -> None:
        entry = actor.did_to(
            action,
            kind="key",
            target_id=key.id,
            target_name=key.name,
            details={"scopes": " ".join(sorted(key.scopes))},
        )
        self._audit.record(tx, entry)

    def _tell_ended(self, key: ApiKey) -> None:
        self._memory.forget_sessions({key.id})
        self._events.publish(AccessEnded(key.user_id, frozenset({key.id})))
