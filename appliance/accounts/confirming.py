"""Proving once more that it is oneself: what a stolen session must not do needs it."""

from appliance.accounts.identifying import SessionMemory
from appliance.accounts.proving import Proving
from appliance.accounts.second_step import SecondStep
from appliance.accounts.store import sign_ins
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.web.identity import Identity


class Confirming:
    """Notes with a sign-in that its person has just typed their password."""

    def __init__(
        self,
        *,
        database: Database,
        proving: Proving,
        second_step: SecondStep,
        memory: SessionMemory,
        clock: Clock,
    ) -> None:
        self._database = database
        self._proving = proving
        self._second_step = second_step
        self._memory = memory
        self._clock = clock

    async def confirm(self, identity: Identity, password: str, code: str | None) -> None:
        """Let this sign-in do for a while what needs the password.

        Raises:
            ForbiddenError: If the password or the code is wrong, or a code is needed.
            TooManyRequestsError: If too many passwords are being compared.
        """
        proved = await self._proving.again(identity, password)
        await self._second_step.again(proved.user, identity.session_id, code)

        def note(transaction: Transaction) -> None:
            sign_ins.update_confirmed(
                transaction.connection, identity.session_id, at=self._clock.now()
            )
            transaction.after_commit(lambda: self._memory.forget_sessions({identity.session_id}))

        await self._database.write(note)
