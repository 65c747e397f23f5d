"""Who may change other people's accounts, and whose nobody may: asked inside the transaction."""

from collections.abc import Sequence

from appliance.accounts.acting import AT_THE_BOX, Actor
from appliance.accounts.model import User
from appliance.accounts.store import directory
from appliance.base.database.transaction import Connection
from appliance.base.errors import ConflictError, ForbiddenError
from appliance.base.identity import Role


def locked_administrators(connection: Connection, actor: Actor) -> Sequence[User]:
    """Return all administrators who may sign in, one of whom acts.

    They stay as they are until the transaction ends: of two who shut each other out at once,
    the second finds that it is no administrator any more.

    Raises:
        ForbiddenError: If the one who acts is none of them now.
    """
    administrators = directory.locked_administrators(connection, role=Role.ADMIN.value)
    if actor != AT_THE_BOX and actor.user_id not in {user.id for user in administrators}:
        raise ForbiddenError("This needs the role admin.", hint="Ask an administrator of this box.")
    return administrators


def refuse_without_administrator(administrators: Sequence[User], leaving: User) -> None:
    """Let somebody leave the administrators unless the box would have none then.

    Raises:
        ConflictError: If they are the last one.
    """
    if [user.id for user in administrators] == [leaving.id]:
        raise ConflictError(
            f"{leaving.name} is the last administrator of this box.",
            code="last_admin",
            hint="Make somebody else an administrator first.",
        )


def refuse_owner(target: User) -> None:
    """Let through everybody but the owner, who always is an administrator and may sign in.

    Raises:
        ConflictError: If it is the owner.
    """
    if target.is_owner:
        raise ConflictError(
            f"{target.name} owns this box; that cannot be done to the owner.",
            code="owner_protected",
            hint="The owner's account stays active and an administrator's.",
        )


def refuse_owner_to_others(target: User, actor: Actor) -> None:
    """Let through what only the owner may do to the owner's account.

    Raises:
        ConflictError: If somebody else does it, and not at the box itself.
    """
    if actor != AT_THE_BOX and actor.user_id != target.id:
        refuse_owner(target)
