"""Who does something to other people's accounts, as the audit log names them."""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.accounts.model import User
from appliance.base.audit.model import AuditEntry


@dataclass(frozen=True)
class Actor:
    """Who acts.

    Attributes:
        user_id: Which person; None is a command at the box itself, or nobody who is signed in.
        name: For the audit log.
        address: From where; None without a request.
    """

    user_id: str | None
    name: str
    address: str | None = None

    def did(self, action: str, target: User, **details: str | int | bool) -> AuditEntry:
        """Return the entry for something that was done to a person."""
        return self.did_to(
            action, kind="user", target_id=target.id, target_name=target.name, details=details
        )

    def did_to(
        self,
        action: str,
        *,
        kind: str = "",
        target_id: str = "",
        target_name: str = "",
        details: Mapping[str, str | int | bool] | None = None,
    ) -> AuditEntry:
        """Return the entry for something that was done to another thing."""
        return AuditEntry(
            action=action,
            actor_id=self.user_id,
            actor_name=self.name,
            target_kind=kind,
            target_id=target_id,
            target_name=target_name,
            address=self.address,
            details=details or {},
        )


# Whoever runs commands on this computer may read its files anyway.
AT_THE_BOX = Actor(None, "nodo")
