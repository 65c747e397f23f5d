"""Looking after what is open by a sign-in: which of them do not count any more."""

from collections.abc import Collection

from appliance.accounts.store import api_keys, sign_ins
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection
from appliance.base.identity import Identity


class OpenSignIns:
    """Asks the database, which also another process may have changed."""

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def ended_among(self, identities: Collection[Identity]) -> Collection[Identity]:
        """Return those who may not go on: signed out, expired, revoked, disabled, of another role.

        Raises:
            UnavailableError: If the database does not answer.
        """
        if not identities:
            return ()
        return await self._database.read(
            lambda connection: [one for one in identities if not self._counts(connection, one)]
        )

    def _counts(self, connection: Connection, identity: Identity) -> bool:
        find = sign_ins.find_open_session if identity.scopes is None else api_keys.find_usable_key
        found = find(connection, identity.session_id)
        if found is None:
            return False
        pass_, user = found
        is_over = pass_.expires_at is not None and self._clock.now() >= pass_.expires_at
        return not is_over and user.role == identity.role
