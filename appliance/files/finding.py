"""Files that a person names by id; what is not theirs does not exist for them."""

from collections.abc import Sequence

from appliance.base.database.transaction import Connection
from appliance.base.errors import ApplianceError, ConflictError, NotFoundError
from appliance.files import store
from appliance.files.model import FileState, StoredFile


def file_of(connection: Connection, owner_id: str, file_id: str) -> StoredFile:
    """Return the person's file.

    Raises:
        NotFoundError: If there is none, or it is somebody else's.
    """
    found = store.find_file(connection, owner_id, file_id)
    if found is None:
        raise _no_file(file_id)
    return found


def ready_files_of(
    connection: Connection, owner_id: str, file_ids: Sequence[str]
) -> list[StoredFile]:
    """Return the person's files in this order.

    Raises:
        NotFoundError: If one of them is not there.
        ConflictError: If one of them is not read, or cannot be.
    """
    found = {file.id: file for file in store.list_files(connection, owner_id, file_ids)}
    for file_id in file_ids:
        if file_id not in found:
            raise _no_file(file_id)
        if found[file_id].state is not FileState.READY:
            raise _not_ready(found[file_id])
    return [found[file_id] for file_id in file_ids]


def _no_file(file_id: str) -> NotFoundError:
    return NotFoundError(
        "There is no such file.",
        code="file_not_found",
        hint="Files that are in no question are removed after 24 hours; upload it again.",
        field="files",
        value=file_id[:100],
    )


def _not_ready(file: StoredFile) -> ApplianceError:
    if file.fault is not None:
        return ConflictError(
            f"The file “{file.name}” cannot be read: {file.fault.detail}",
            code="file_unreadable",
            hint="Ask without it, or upload another copy.",
            field="files",
            value=file.id,
        )
    return ConflictError(
        f"The file “{file.name}” is still being read.",
        code="file_not_ready",
        hint="Wait until it is ready.",
        field="files",
        value=file.id,
    )
