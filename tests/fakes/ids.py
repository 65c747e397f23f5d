"""Identifiers and secrets that count up, so that tests can name them."""

from itertools import count


class CountingIds:
    """Gives 00000000-0000-7000-8000-000000000001, secret-1, CODE0001 and so on."""

    def __init__(self) -> None:
        self._ids = count(1)
        self._secrets = count(1)
        self._codes = count(1)

    def new_id(self) -> str:
        """Return the next id, shaped and sorted like a UUIDv7."""
        return f"00000000-0000-7000-8000-{next(self._ids):012x}"

    def new_secret(self) -> str:
        """Return the next secret."""
        return f"secret-{next(self._secrets)}"

    def new_code(self) -> str:
        """Return the next code, 8 characters."""
        return f"CODE{next(self._codes):04d}"
