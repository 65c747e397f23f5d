"""Secrets that must be used again later, sealed for the database with a key of this box.

The key changes with the number of the period that it was sealed in, and with its purpose: a value
that is moved to another row cannot be opened there.
"""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from appliance.base.clock import Clock
from appliance.base.errors import UnavailableError
from appliance.base.secret import Secret

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_SEPARATOR = "."


class Sealer:
    """Seals and opens texts.

    Args:
        derived: Returns 32 bytes for one purpose, always the same, that nobody else has.
        clock: Says in which period we are.
        period: How long one key is used for what is sealed.
    """

    def __init__(self, derived: Callable[[str], bytes], clock: Clock, *, period: timedelta) -> None:
        self._derived = derived
        self._clock = clock
        self._period_s = period.total_seconds()

    def sealed(self, secret: Secret, *, purpose: str) -> str:
        """Return the secret as it may be stored; only `opened` with this purpose reads it."""
        number = self._number
        token = self._box(number, purpose).encrypt(secret.reveal().encode())
        return f"{number}{_SEPARATOR}{token.decode()}"

    def opened(self, sealed: str, *, purpose: str) -> Secret:
        """Return what was sealed.

        Raises:
            UnavailableError: If it was not sealed so by this box (`code` `secret_unreadable`).
        """
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 -- most boxes seal nothing

        number, _, token = sealed.partition(_SEPARATOR)
        try:
            return Secret(self._box(int(number), purpose).decrypt(token.encode()).decode())
        except (InvalidToken, ValueError) as error:
            raise UnavailableError(
                "A stored secret cannot be opened with the keys of this box.",
                hint="It came from another box or a damaged backup. Enter it again.",
                code="secret_unreadable",
            ) from error

    def is_old(self, sealed: str) -> bool:
        """Return whether it was sealed in an earlier period: seal it anew."""
        return not sealed.startswith(f"{self._number}{_SEPARATOR}")

    @property
    def _number(self) -> int:
        return int(self._clock.now().timestamp() // self._period_s)

    def _box(self, number: int, purpose: str) -> "Fernet":
        from cryptography.fernet import Fernet  # noqa: PLC0415 -- most boxes seal nothing

        key = self._derived(f"sealed {number} {purpose}")
        return Fernet(base64.urlsafe_b64encode(key))
