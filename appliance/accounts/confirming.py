"""Proving once more that it is oneself: what a stolen session must not do needs it."""

from appliance.accounts.identifying import SessionMemory
from appliance.accounts.passwords import Passwords
from appliance.accounts.store import people, sign_ins
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import ForbiddenError
from appliance.base.web.identity import Identity


class Confirming:
    """Notes with a sign-in that its person has just typed their password."""

    def __init__(
        self, *, database: Database, passwords: Passwords, memory: SessionMemory, clock: Clock
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._memory = memory
        self._clock = clock

    async def confirm(self, identity: Identity, password: str) -> None:
        """Let this sign-in do for a while what needs the password.

        Raises:
            ForbiddenError: If the password is wrong.
            TooManyRequestsError: If too many passwords are being compared.
        """
        user = await self._database.read(
            lambda connection: people.find_user(connection, identity.user_id)
        )
        comparison = await self._passwords.compare(password, user and user.password_hash)
        if user is None or not comparison.matches:
            raise ForbiddenError(
                "The password is wrong.",
                code="password_wrong",
                hint="Capital letters count.",
                field="password",
            )

        def note(transaction: Transaction) -> None:
            sign_ins.update_confirmed(
                transaction.connection, identity.session_id, at=self._clock.now()
            )
            transaction.after_commit(lambda: self._memory.forget_sessions({identity.session_id}))

        await self._database.write(note)
