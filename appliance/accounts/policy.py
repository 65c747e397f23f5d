"""What holds for everybody on this box."""

from dataclasses import dataclass
from enum import StrEnum


class Registration(StrEnum):
    """How strangers get an account."""

    CLOSED = "closed"  # by an administrator's invitation only
    APPROVAL = "approval"  # they ask for one, and an administrator lets them in


@dataclass(frozen=True)
class Policies:
    """What the owner and the administrators decided.

    Attributes:
        registration: How strangers get an account.
        admins_read_conversations: Whether administrators may read what others write.
    """

    registration: Registration = Registration.CLOSED
    admins_read_conversations: bool = False
