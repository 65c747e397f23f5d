"""What the audit log says: who did what to whom, and whether it was allowed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    """What became of it."""

    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True)
class AuditEntry:
    """Something that somebody may have to answer for.

    Attributes:
        action: Stable name of two words, such as `user.disabled`; pages translate it.
        actor_id: User who did it; None is the box itself, or somebody who was not signed in.
        actor_name: As it was then: names change, and people are removed.
        target_kind: What it was done to, such as `user`; empty if there is nothing to name.
        target_id: Which one.
        target_name: As it was then.
        outcome: Whether it was done or refused.
        address: Of the client; None if it was no request.
        details: Further facts. Never a secret, never what somebody wrote.
    """

    action: str
    actor_id: str | None
    actor_name: str
    target_kind: str = ""
    target_id: str = ""
    target_name: str = ""
    outcome: Outcome = Outcome.DONE
    address: str | None = None
    details: Mapping[str, str | int | bool] = field(default_factory=dict[str, str | int | bool])
