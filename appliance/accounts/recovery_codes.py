"""Codes on paper: each lets its person in once, where the phone or the password is gone."""

import hashlib
import hmac

from appliance.accounts.model import User
from appliance.accounts.store import second_factors as store
from appliance.base.clock import Clock
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.ids import Ids

COUNT = 8
_GROUP = 4


class RecoveryCodes:
    """Makes and takes recovery codes; all methods are parts of the caller's transaction.

    Args:
        key: Of their hashes: without it a copy of the database tells no code.
        clock: When they were made and used.
        ids: Makes them.
    """

    def __init__(self, *, key: bytes, clock: Clock, ids: Ids) -> None:
        self._key = key
        self._clock = clock
        self._ids = ids

    def make(self, transaction: Transaction, user_id: str) -> tuple[str, ...]:
        """Return new codes of about 80 bits each, shown once; those of before are void."""
        # Two of the box's short codes: these do not expire, and are read off paper.
        codes = tuple(self._ids.new_code() + self._ids.new_code() for _ in range(COUNT))
        hashes = [self._hash_of(user_id, code) for code in codes]
        store.replace_codes(transaction.connection, user_id, hashes, at=self._clock.now())
        return tuple(_grouped(code) for code in codes)

    def take(self, transaction: Transaction, user: User, typed: str) -> bool:
        """Return whether it was an unused code of this person; it is used from now on."""
        code_hash = self._hash_of(user.id, typed)
        return store.use_code(transaction.connection, user.id, code_hash, at=self._clock.now())

    def is_one(self, connection: Connection, user: User, typed: str) -> bool:
        """Return whether it is an unused code of this person, and leave it so."""
        return store.has_code(connection, user.id, self._hash_of(user.id, typed))

    def _hash_of(self, user_id: str, typed: str) -> str:
        code = "".join(character for character in typed.upper() if character.isalnum())
        text = f"nodo recovery code\n{user_id}\n{code}".encode("utf-8", errors="replace")
        return hmac.digest(self._key, text, hashlib.sha256).hex()


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
