"""News for the tabs and programs that are open right now: to whom, and what."""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.base.identity import Identity, Role


@dataclass(frozen=True)
class ToUser:
    """One person, in all their tabs."""

    user_id: str

    def includes(self, identity: Identity) -> bool:
        """Return whether this one is to hear it."""
        return identity.user_id == self.user_id


@dataclass(frozen=True)
class ToRole:
    """Everybody of this role or a higher one."""

    role: Role

    def includes(self, identity: Identity) -> bool:
        """Return whether this one is to hear it."""
        return identity.role.includes(self.role)


Audience = ToUser | ToRole


@dataclass(frozen=True)
class LiveEvent:
    """One piece of news, told on the event bus after the commit.

    It says that something changed, never more than the listener may ask for by itself: who was
    away and missed too much simply asks again.

    Attributes:
        audience: Who hears it.
        event: What kind it is: one word, such as `answer`.
        data: JSON values.
    """

    audience: Audience
    event: str
    data: Mapping[str, object]
