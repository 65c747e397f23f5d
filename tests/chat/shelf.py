"""People's files as the chat sees them, with texts that the test gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import NotFoundError
from appliance.chat.model import AttachedFile


@dataclass
class Shelf:
    """Files of one person; words count as tokens."""

    owner_id: str = "ana"
    by_id: dict[str, str] = field(default_factory=dict[str, str])
    used: list[str] = field(default_factory=list[str])
    released: list[str] = field(default_factory=list[str])

    def put(self, file_id: str, text: str) -> str:
        """Return the id of a new file."""
        self.by_id[file_id] = text
        return file_id

    async def measured(self, owner_id: str, file_ids: Sequence[str], /) -> list[AttachedFile]:
        """Return the files."""
        if owner_id != self.owner_id or not set(file_ids) <= set(self.by_id):
            raise NotFoundError("There is no such file.", code="file_not_found")
        return [_file(file_id, self.by_id[file_id]) for file_id in file_ids]

    def use(self, _tx: Transaction, _owner_id: str, file_ids: Sequence[str], /) -> None:
        """Note that they are used."""
        self.used += file_ids

    def texts(
        self, _connection: Connection, owner_id: str, file_ids: Sequence[str], /
    ) -> Mapping[str, str]:
        """Return their texts."""
        return {key: self.by_id[key] for key in file_ids if owner_id == self.owner_id}

    def release(self, _tx: Transaction, file_ids: Sequence[str], /) -> None:
        """Note that they are not used any more."""
        self.released += file_ids


def _file(file_id: str, text: str) -> AttachedFile:
    return AttachedFile(
        id=file_id,
        name=f"{file_id[-4:]}.txt",
        media_type="text/plain",
        size_bytes=len(text),
        characters=len(text),
        tokens=len(text.split()),
        tokens_estimated=False,
        is_cut=False,
    )
