"""Giving out one-time codes, and finding what a typed one is for."""

from dataclasses import dataclass
from datetime import timedelta

from appliance.accounts.acting import Actor
from appliance.accounts.one_time_code import CodeKind, CodeState, OneTimeCode, hash_of
from appliance.accounts.store import codes
from appliance.base.clock import Clock
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import ForbiddenError
from appliance.base.ids import Ids


@dataclass(frozen=True)
class GivenOut:
    """A code and its text, which is shown once.

    Attributes:
        code: As it is kept.
        text: What the person types, or reads by QR code.
    """

    code: OneTimeCode
    text: str


@dataclass(frozen=True)
class CodePurpose:
    """What a code is to be for.

    Attributes:
        kind: To make an account, or to set a password.
        valid_for: How long.
        role: Of the account that an invitation makes.
        name: Who is meant by an invitation.
        user_id: Whose password.
    """

    kind: CodeKind
    valid_for: timedelta
    role: str = ""
    name: str = ""
    user_id: str | None = None


class OneTimeCodes:
    """The one-time codes of this box; all methods are parts of the caller's transaction."""

    def __init__(self, *, key: bytes, clock: Clock, ids: Ids) -> None:
        self._key = key
        self._clock = clock
        self._ids = ids

    def give_out(self, tx: Transaction, purpose: CodePurpose, *, actor: Actor) -> GivenOut:
        """Return a new code, written; another one for the same password stops working."""
        now, text = self._clock.now(), self._ids.new_code()
        code = OneTimeCode(
            id=self._ids.new_id(),
            kind=purpose.kind,
            code_hash=hash_of(text, self._key),
            role=purpose.role,
            name=purpose.name,
            user_id=purpose.user_id,
            made_by=actor.user_id,
            made_by_name=actor.name,
            created_at=now,
            expires_at=now + purpose.valid_for,
        )
        if purpose.user_id is not None:
            codes.revoke_open_codes_of(tx.connection, purpose.user_id, at=now)
        codes.insert_code(tx.connection, code)
        return GivenOut(code, text)

    def open_code(self, connection: Connection, typed: str) -> OneTimeCode:
        """Return the code that somebody typed.

        Raises:
            ForbiddenError: If there is none that still works; which of the reasons is not said.
        """
        return self._open(codes.find_code(connection, hash_of(typed, self._key)))

    def take(self, tx: Transaction, typed: str) -> OneTimeCode:
        """Like `open_code`; nobody else can use it before the transaction ends."""
        return self._open(codes.locked_code(tx.connection, hash_of(typed, self._key)))

    def note_used(self, tx: Transaction, code: OneTimeCode, *, by_name: str) -> None:
        """Write that the code has served."""
        codes.note_used(tx.connection, code.id, at=self._clock.now(), by_name=by_name)

    def _open(self, code: OneTimeCode | None) -> OneTimeCode:
        if code is None or code.state(self._clock.now()) is not CodeState.OPEN:
            raise ForbiddenError(
                "This code does not work.",
                code="code_wrong",
                hint="It may be mistyped, used, or too old. Ask for a new one.",
                field="code",
            )
        return code
