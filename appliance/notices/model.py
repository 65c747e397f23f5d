"""What a client of the live channel says and hears, and why a connection ends."""

from dataclasses import dataclass, replace
from enum import IntEnum

from appliance.base.identity import Identity, Role

# What JavaScript counts exactly.
LARGEST_ID = 2**53 - 1


class Close(IntEnum):
    """Why the box closes a socket (RFC 6455 7.4; 4000 and above are our own).

    The client's own are in docs/api.md, "Live channel".
    """

    GOING_DOWN = 1012  # the box stops or starts anew: come back in a moment
    MALFORMED = 4400  # what was said is not understood
    ACCESS_ENDED = 4401  # sign in again, or renew the access token
    NOT_ALLOWED = 4403  # this key does not allow it
    SILENT = 4408  # no hello in time
    TOO_SLOW = 4409  # too much waits unread: come back and go on where you were
    TOO_MANY = 4429  # connections, or words of this one


@dataclass(frozen=True)
class Hello:
    """The first word of a client.

    Attributes:
        access_token: By which it listens; None if a header said it already.
        last_event_id: The last one that it heard; None if it knows nothing yet.
    """

    access_token: str | None
    last_event_id: int | None


@dataclass(frozen=True)
class NewToken:
    """A client's newer access token, in place of the one that will expire."""

    access_token: str


def as_listener(identity: Identity) -> Identity:
    """Return whose news this one hears: a program hears its person's, never their role's."""
    return identity if identity.scopes is None else replace(identity, role=Role.WORKER)
