"""What one slice needs of another, satisfied here: slices do not know each other."""

from collections.abc import Mapping, Sequence

from appliance.accounts.people import People
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import NotFoundError
from appliance.base.identity import AccessEnded
from appliance.chat.jobs import PreparingOrders
from appliance.chat.model import AttachedFile
from appliance.chat.preparations import Preparations
from appliance.chat.preparing import PreparingOrder
from appliance.engine.text.residency import Residency
from appliance.files.lending import Lending
from appliance.files.model import FileRemoved, StoredFile


class FilesForChat:
    """People's files, as questions take them along (`chat.attaching.PeoplesFiles`)."""

    def __init__(self, lending: Lending) -> None:
        self._lending = lending

    async def measured(self, owner_id: str, file_ids: Sequence[str], /) -> list[AttachedFile]:
        """Return this person's files in this order, whole, with their tokens."""
        model = self._lending.model
        files = await self._lending.measured(owner_id, file_ids)
        return [_attached(file, model) for file in files]

    def use(self, tx: Transaction, owner_id: str, file_ids: Sequence[str], /) -> None:
        """Keep these files until they are released."""
        self._lending.use(tx, owner_id, file_ids)

    def texts(
        self, connection: Connection, owner_id: str, file_ids: Sequence[str], /
    ) -> Mapping[str, str]:
        """Return the texts of those files that are this person's, by their ids."""
        return self._lending.texts(connection, owner_id, file_ids)

    def release(self, tx: Transaction, file_ids: Sequence[str], /) -> None:
        """Remove files that no question uses any more."""
        self._lending.release(tx, file_ids)


class FilesToPrepare:
    """Files that were just read, for the chat to read ahead (`files.extracting.WhenRead`)."""

    def __init__(self, orders: PreparingOrders) -> None:
        self._orders = orders

    def __call__(self, tx: Transaction, file: StoredFile, /) -> None:
        """Order it."""
        self._orders(tx, PreparingOrder(file.id, file.owner_id))


class RemovedFiles:
    """What is removed need not be read ahead any more."""

    def __init__(self, preparations: Preparations) -> None:
        self._preparations = preparations

    def hear(self, removed: FileRemoved) -> None:
        """End the reading of this file."""
        self._preparations.give_up(removed.file_id)


class LanguageOfPeople:
    """In which language a person asks (`chat.preparing.TellLanguage`)."""

    def __init__(self, people: People) -> None:
        self._people = people

    async def __call__(self, owner_id: str, /) -> str | None:
        """Return it; None if there is no such person, or they may not come in."""
        try:
            user = await self._people.user_of(owner_id)
        except NotFoundError:
            return None
        return user.language if user.may_sign_in else None


class PrefixForgetter:
    """What was read for a person goes with their access: it would only save them time."""

    def __init__(self, engine: Residency) -> None:
        self._engine = engine

    def hear(self, ended: AccessEnded) -> None:
        """Forget everything of a person all of whose access has ended."""
        if ended.session_ids is None:
            self._engine.forget(ended.user_id)


def _attached(file: StoredFile, model: str | None) -> AttachedFile:
    return AttachedFile(
        id=file.id,
        name=file.name,
        media_type=file.media_type,
        size_bytes=file.size_bytes,
        characters=file.characters or 0,
        tokens=file.tokens or 0,
        tokens_estimated=file.tokens_are_estimated_for(model),
        is_cut=file.is_cut,
    )
