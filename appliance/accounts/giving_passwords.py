"""Giving somebody another password, for commands at the box: nobody else types one for others."""

from appliance.accounts.acting import Actor
from appliance.accounts.ending import Ending
from appliance.accounts.looking_after import found, locked
from appliance.accounts.model import check_password
from appliance.accounts.passwords import Passwords
from appliance.accounts.store import codes, directory, people
from appliance.base.audit.log import AuditLog
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction


class GivingPasswords:
    """Sets passwords without a code."""

    def __init__(
        self,
        *,
        database: Database,
        passwords: Passwords,
        ending: Ending,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._ending = ending
        self._audit = audit
        self._clock = clock

    async def give(self, user_id: str, password: str, *, actor: Actor) -> None:
        """Set a person's password; all their sign-ins and codes end.

        Raises:
            InvalidValueError: If the password is refused.
            NotFoundError: If there is no such person.
        """
        user = found(await self._database.read(lambda c: people.find_user(c, user_id)))
        check_password(password, email=user.email, name=user.name)
        password_hash = await self._passwords.hashed(password)

        def write(tx: Transaction) -> None:
            # Sign-ins before people, as refreshing does.
            directory.lock_sign_ins_of(tx.connection, user_id)
            target = locked(tx.connection, user_id)
            directory.set_password(tx.connection, user_id, password_hash)
            codes.revoke_open_codes_of(tx.connection, user_id, at=self._clock.now())
            self._ending.end_all(tx, user_id)
            self._audit.record(tx, actor.did("password.changed", target, kind="command"))

        await self._database.write(write)
