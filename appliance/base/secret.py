"""A value that must not be shown by accident."""

from dataclasses import dataclass, field

from appliance.base.redaction import HIDDEN


@dataclass(frozen=True)
class Secret:
    """Holds a password, key or token; its text form never shows it."""

    _value: str = field(repr=False)

    def reveal(self) -> str:
        """Return the value itself, for the one place that needs it."""
        return self._value

    def __str__(self) -> str:
        return HIDDEN

    def __bool__(self) -> bool:
        return bool(self._value)
