"""Who asks, as every part of the box knows them: a person, or a program in a person's name."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do; each role may do all that the one before it may."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"

    def includes(self, needed: "Role") -> bool:
        """Return whether a person of this role may do what `needed` may."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class Scope(StrEnum):
    """What a program may do with an API key, in the name of the person who made it."""

    CHAT = "chat"  # conversations, questions, files, search
    MODELS = "models"  # the models of this box, by any of its interfaces
    METRICS = "metrics"  # figures for monitoring


@dataclass(frozen=True)
class Identity:
    """Who asks, as of this request: a signed-in person, or a program by somebody's API key.

    Attributes:
        user_id: Whose data may be read and written.
        role: What this person may do.
        name: For greetings and lists.
        language: `es` or `en`, for texts that the box writes by itself.
        session_id: Which sign-in this is; of a program, the id of its key.
        scopes: What a program's key allows; None is a person, who may do all of their role.
        is_confirmed: Whether the person proved a short while ago that it is them.
    """

    user_id: str
    role: Role
    name: str
    language: str
    session_id: str
    scopes: frozenset[Scope] | None = None
    is_confirmed: bool = False


@dataclass(frozen=True)
class AccessEnded:
    """Told on the event bus when somebody may not go on with what they have open.

    Attributes:
        user_id: Whose access.
        session_ids: Which sign-ins or keys; None are all of this person.
    """

    user_id: str
    session_ids: frozenset[str] | None = None

    def concerns(self, identity: Identity) -> bool:
        """Return whether this one's access has ended."""
        is_theirs = self.user_id == identity.user_id
        return is_theirs and (self.session_ids is None or identity.session_id in self.session_ids)
