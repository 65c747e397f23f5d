"""What the audit log says: who did what to whom, and whether it was allowed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
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


@dataclass(frozen=True)
class LoggedEntry:
    """An entry as it stands in the log.

    Attributes:
        number: Its place, from 1, without gaps.
        id: UUIDv7.
        at: When it was written.
        entry: What it says.
    """

    number: int
    id: str
    at: datetime
    entry: AuditEntry


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are wanted; what is None does not matter.

    Attributes:
        actor: Id of a user, or a part of a name.
        action: A whole action, or its first word, such as `user`.
        outcome: What became of it.
        since: Not before this instant.
        until: Before this instant.
    """

    actor: str | None = None
    action: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class ChainReport:
    """What was found when all seals were looked at.

    Attributes:
        ok: Whether all is as it was written.
        entries: How many were looked at.
        first_broken_id: The first entry that is not as it was written, or that follows a gap;
            None if there is none, or if what is missing is the end.
    """

    ok: bool
    entries: int
    first_broken_id: str | None = None
