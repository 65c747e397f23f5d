"""One's own account: who somebody is, and what they are called."""

from dataclasses import replace
from typing import Any

from appliance.accounts.identifying import OpenSession, SessionMemory
from appliance.accounts.model import Preferences, User, checked_language, checked_name
from appliance.accounts.store import people
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import NotFoundError
from appliance.base.identity import Identity


class People:
    """People, as they see themselves."""

    def __init__(self, *, database: Database, memory: SessionMemory) -> None:
        self._database = database
        self._memory = memory

    async def who(self, identity: Identity) -> User:
        """Return the person who asks; what requests have read anyway is not read again.

        Raises:
            NotFoundError: If there is no such person any more.
        """
        known = self._memory.find(identity.session_id, OpenSession)
        return known.user if known is not None else await self.user_of(identity.user_id)

    async def user_of(self, user_id: str) -> User:
        """Return the person with this id.

        Raises:
            NotFoundError: If there is none.
        """
        user = await self._database.read(lambda connection: people.find_user(connection, user_id))
        return _found(user)

    async def change_profile(
        self,
        user_id: str,
        *,
        name: str | None = None,
        language: str | None = None,
        preferences: Preferences | None = None,
    ) -> User:
        """Return the person after the change; None leaves a value as it is.

        Args:
            user_id: Who.
            name: As typed.
            language: `es` or `en`.
            preferences: All of them; those of before are forgotten.

        Raises:
            InvalidValueError: If a value is refused.
            NotFoundError: If there is no such person.
        """
        changes: dict[str, Any] = {
            **({} if name is None else {"name": checked_name(name)}),
            **({} if language is None else {"language": checked_language(language)}),
            **({} if preferences is None else {"preferences": preferences}),
        }

        def change(transaction: Transaction) -> User:
            connection = transaction.connection
            user = replace(_found(people.locked_user(connection, user_id)), **changes)
            people.update_profile(connection, user)
            transaction.after_commit(lambda: self._memory.forget_user(user_id))
            return user

        return await self._database.write(change)


def _found(user: User | None) -> User:
    if user is None:
        raise NotFoundError("There is no such account.")
    return user
