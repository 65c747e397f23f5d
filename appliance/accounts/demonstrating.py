"""Accounts for trying out: made by a command, shown on the sign-in page, removed without a trace."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from appliance.accounts.acting import Actor
from appliance.accounts.ending import Ending
from appliance.accounts.model import User
from appliance.accounts.passwords import Passwords
from appliance.accounts.store import demo as store
from appliance.base.audit.log import AuditLog
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import ConflictError
from appliance.base.identity import Role
from appliance.base.ids import Ids

_PEOPLE: Mapping[Role, tuple[str, str]] = {
    Role.ADMIN: ("admin@demo.nodo", "Lucía Herrera"),
    Role.SUPERVISOR: ("supervisor@demo.nodo", "Javier Molina"),
    Role.WORKER: ("worker@demo.nodo", "Carmen Ortega"),
}


class ExampleConversations(Protocol):
    """What the chat does for accounts that are for trying out."""

    def write_examples(self, tx: Transaction, user_id: str) -> None:
        """Write a few conversations, marked as made up."""
        ...

    def remove_all_of(self, tx: Transaction, user_ids: Sequence[str]) -> None:
        """Remove all conversations of these people for good."""
        ...


class Demonstrating:
    """The accounts for trying out."""

    def __init__(
        self,
        *,
        database: Database,
        passwords: Passwords,
        ending: Ending,
        audit: AuditLog,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._ending = ending
        self._audit = audit
        self._clock = clock
        self._ids = ids

    async def list_people(self) -> list[tuple[User, str]]:
        """Return those who may sign in, and their passwords."""
        return await self._database.read(store.list_demo_people)

    async def load(self, examples: ExampleConversations, *, actor: Actor) -> list[tuple[User, str]]:
        """Return new accounts for trying out, one of each role, with example conversations.

        Raises:
            ConflictError: If there are such accounts already.
        """
        made = [await self._made(role) for role in _PEOPLE]

        def write(tx: Transaction) -> None:
            if store.list_demo_people(tx.connection):
                raise ConflictError(
                    "The accounts for trying out are there already.",
                    code="demo_loaded",
                    hint="Run: nodo demo clear",
                )
            for user, password in made:
                store.insert_demo_person(tx.connection, user, password)
                examples.write_examples(tx, user.id)
            self._audit.record(tx, actor.did_to("demo.loaded", details={"people": len(made)}))

        await self._database.write(write)
        return made

    async def clear(self, examples: ExampleConversations, *, actor: Actor) -> int:
        """Return how many accounts for trying out were removed, with all that was theirs."""

        def write(tx: Transaction) -> int:
            user_ids = store.list_demo_ids(tx.connection)
            if not user_ids:
                return 0
            for user_id in user_ids:
                self._ending.end_all(tx, user_id)
            examples.remove_all_of(tx, user_ids)
            store.remove_demo_people(tx.connection, user_ids)
            details = {"people": len(user_ids)}
            self._audit.record(tx, actor.did_to("demo.cleared", details=details))
            return len(user_ids)

        return await self._database.write(write)

    async def _made(self, role: Role) -> tuple[User, str]:
        email, name = _PEOPLE[role]
        # Not the same on every box: whoever forgets them on a box that others reach, has
        # accounts there that nobody can guess from afar.
        password = f"demo-{self._ids.new_code().lower()}"
        user = User(
            id=self._ids.new_id(),
            email=email,
            name=name,
            role=role.value,
            language="es",
            password_hash=await self._passwords.hashed(password),
            token_version=1,
            created_at=self._clock.now(),
        )
        return user, password
