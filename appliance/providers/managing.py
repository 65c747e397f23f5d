"""Deciding who else may answer; what is decided holds at once."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from appliance.base.audit.log import AuditLog
from appliance.base.audit.model import AuditEntry
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import ConflictError, NotFoundError, UnavailableError
from appliance.base.sealing import Sealer
from appliance.base.secret import Secret
from appliance.engine.providers.model import LOCAL, Provider, ProviderKind, Roster
from appliance.providers import store
from appliance.providers.model import (
    MOST_PROVIDERS,
    Actor,
    ProviderWish,
    changed,
    checked_order,
    new_provider,
    ordered,
    redirected,
)

log = logging.getLogger(__name__)


@dataclass
class CurrentRoster:
    """Who may answer now, in memory: it is looked at for each question."""

    roster: Roster = field(default_factory=Roster)


class Managing:
    """The providers of this box.

    Args:
        database: Where they are kept.
        sealer: Seals their keys.
        audit: Where changes are noted.
        current: Holds who may answer now.
        said_addresses: Addresses in the settings, by their names.
        forget: Told the id of a provider that is not as it was.
    """

    def __init__(
        self,
        *,
        database: Database,
        sealer: Sealer,
        audit: AuditLog,
        current: CurrentRoster,
        said_addresses: Mapping[str, str],
        forget: Callable[[str], None],
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._audit = audit
        self._current = current
        self._said_addresses = said_addresses
        self._forget = forget

    @property
    def roster(self) -> Roster:
        """Return who may answer now."""
        return self._current.roster

    def provider_of(self, provider_id: str) -> Provider:
        """Return a provider as it is asked now.

        Raises:
            NotFoundError: If there is none of that id.
        """
        found = self.roster.provider(provider_id)
        if found is None:
            raise NotFoundError(f"There is no provider {provider_id[:60]!r}.")
        return found

    async def start(self) -> None:
        """Read who may answer, and seal anew what was sealed with an earlier key."""

        def read(tx: Transaction) -> None:
            for provider, sealed in store.list_providers(tx.connection):
                if sealed is not None and self._sealer.is_old(sealed):
                    key = self._opened(provider, sealed)
                    if key is not None:
                        store.write_provider(tx.connection, provider, self._sealed(provider, key))
            self._take_over(tx)

        await self._database.write(read)

    async def add(self, kind: ProviderKind, wish: ProviderWish, actor: Actor) -> Provider:
        """Return the new provider, which is asked after all others.

        Raises:
            InvalidValueError: If an address is missing or not allowed.
            ConflictError: If there are too many.
        """

        def added(tx: Transaction) -> Provider:
            policy = store.locked_policy(tx.connection)
            before = self._roster(tx.connection)
            if len(before.providers) >= MOST_PROVIDERS:
                raise ConflictError(
                    f"There are {MOST_PROVIDERS} providers already.", hint="Remove one first."
                )
            made = new_provider(kind, wish, taken=[one.id for one in before.providers])
            store.add_provider(tx.connection, made, self._sealed(made, made.key))
            order = (*ordered(before), made.id)
            self._noted(tx, policy, actor, "provider.added", made, order=order)
            return made

        return await self._database.write(added)

    async def change(self, provider_id: str, wish: ProviderWish, actor: Actor) -> Provider:
        """Return the provider as it is from now on.

        Raises:
            NotFoundError: If there is none of that id.
            InvalidValueError: If an address is not allowed.
        """

        def written(tx: Transaction) -> Provider:
            policy = store.locked_policy(tx.connection)
            before, sealed = self._stored(tx.connection, provider_id)
            key = None if sealed is None else self._opened(before, sealed)
            after = changed(replace(before, key=key), wish)
            store.write_provider(tx.connection, after, self._sealed(after, after.key))
            self._noted(tx, policy, actor, "provider.changed", after)
            return after

        return await self._database.write(written)

    async def remove(self, provider_id: str, actor: Actor) -> None:
        """Remove a provider with its key.

        Raises:
            NotFoundError: If there is none of that id.
        """

        def removed(tx: Transaction) -> None:
            policy = store.locked_policy(tx.connection)
            before, _sealed = self._stored(tx.connection, provider_id)
            store.remove_provider(tx.connection, provider_id)
            order = tuple(one for one in policy.order if one != provider_id)
            self._noted(tx, policy, actor, "provider.removed", before, order=order)

        await self._database.write(removed)

    async def order(self, ids: Collection[str], actor: Actor) -> None:
        """Ask them in this order from now on.

        Raises:
            InvalidValueError: If it does not name each of them once.
        """

        def written(tx: Transaction) -> None:
            policy = store.locked_policy(tx.connection)
            order = checked_order(self._roster(tx.connection), ids)
            self._noted(tx, policy, actor, "provider.ordered", order=order)

        await self._database.write(written)

    async def allow_cloud(self, actor: Actor, *, is_allowed: bool) -> None:
        """Decide whether anything may leave the house."""

        def written(tx: Transaction) -> None:
            policy = replace(store.locked_policy(tx.connection), cloud_allowed=is_allowed)
            action = "provider.cloud_allowed" if is_allowed else "provider.cloud_forbidden"
            self._noted(tx, policy, actor, action)

        await self._database.write(written)

    def reset(self, provider_id: str) -> None:
        """Ask a provider again that is left alone for now.

        Raises:
            NotFoundError: If there is none of that id.
        """
        self._forget(self.provider_of(provider_id).id)

    def _noted(
        self,
        tx: Transaction,
        policy: store.StoredPolicy,
        actor: Actor,
        action: str,
        provider: Provider | None = None,
        *,
        order: tuple[str, ...] | None = None,
    ) -> None:
        after = replace(policy, order=order or policy.order, revision=policy.revision + 1)
        store.write_policy(tx.connection, after)
        entry = AuditEntry(
            action=action,
            actor_id=actor.user_id,
            actor_name=actor.name,
            target_kind="provider" if provider else "",
            target_id=provider.id if provider else "",
            target_name=provider.name if provider else "",
            address=actor.address,
            details={"place": provider.place.value} if provider else {},
        )
        self._audit.record(tx, entry)
        self._take_over(tx)
        if provider is not None:
            tx.after_commit(lambda: self._forget(provider.id))

    def _take_over(self, tx: Transaction) -> None:
        roster = self._roster(tx.connection)

        def hold() -> None:
            self._current.roster = roster

        tx.after_commit(hold)

    def _roster(self, connection: Connection) -> Roster:
        policy = store.policy_of(connection)
        asked = [
            redirected(replace(one, key=self._opened(one, sealed)), self._said_addresses)
            for one, sealed in store.list_providers(connection)
        ]
        order = policy.order if LOCAL in policy.order else (LOCAL, *policy.order)
        return Roster(tuple(asked), order, policy.cloud_allowed, policy.revision)

    def _stored(self, connection: Connection, provider_id: str) -> tuple[Provider, str | None]:
        for provider, sealed in store.list_providers(connection):
            if provider.id == provider_id:
                return provider, sealed
        raise NotFoundError(f"There is no provider {provider_id[:60]!r}.")

    def _sealed(self, provider: Provider, key: Secret | None) -> str | None:
        return None if key is None else self._sealer.sealed(key, purpose=_purpose(provider))

    def _opened(self, provider: Provider, sealed: str | None) -> Secret | None:
        if sealed is None:
            return None
        try:
            return self._sealer.opened(sealed, purpose=_purpose(provider))
        except UnavailableError:
            # The box works without it; its light turns red, and who looks enters the key again.
            log.warning("key of a provider cannot be opened", extra={"provider": provider.id})
            return None


def _purpose(provider: Provider) -> str:
    return f"key of provider {provider.id}"
