"""Files for questions: what the chat needs of them, and how a question takes them along."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import NotFoundError
from appliance.chat.fitting import Room, fitted
from appliance.chat.model import AttachedFile, Message
from appliance.chat.quoting import quote_before_question, with_quotes
from appliance.chat.store import attachments


class PeoplesFiles(Protocol):
    """The files that people have given to this box."""

    async def measured(self, owner_id: str, file_ids: Sequence[str], /) -> list[AttachedFile]:
        """Return this person's files in this order, whole, with their tokens.

        Raises:
            NotFoundError: If one of them is not there.
            ConflictError: If one of them is not read yet, or cannot be.
        """
        ...

    def use(self, tx: Transaction, owner_id: str, file_ids: Sequence[str], /) -> None:
        """Keep these files until they are released.

        Raises:
            NotFoundError: If one of them is not there any more.
        """
        ...

    def texts(
        self, connection: Connection, owner_id: str, file_ids: Sequence[str], /
    ) -> Mapping[str, str]:
        """Return the texts of those files that are this person's, by their ids."""
        ...

    def release(self, tx: Transaction, file_ids: Sequence[str], /) -> None:
        """Remove files that no question uses any more."""
        ...


class NoFiles:
    """For a chat without files."""

    async def measured(self, _owner_id: str, file_ids: Sequence[str]) -> list[AttachedFile]:
        """Return nothing for nothing.

        Raises:
            NotFoundError: If somebody names a file.
        """
        if file_ids:
            raise NotFoundError("There is no such file.", code="file_not_found", field="files")
        return []

    def use(self, _tx: Transaction, _owner_id: str, _file_ids: Sequence[str]) -> None:
        """Do nothing."""

    def texts(
        self, _connection: Connection, _owner_id: str, _file_ids: Sequence[str]
    ) -> Mapping[str, str]:
        """Return nothing."""
        return {}

    def release(self, _tx: Transaction, _file_ids: Sequence[str]) -> None:
        """Do nothing."""


class Attaching:
    """Takes files along with questions."""

    def __init__(self, files: PeoplesFiles, context_tokens: Callable[[], int]) -> None:
        """Take what it works with.

        Args:
            files: Where files are.
            context_tokens: Tells what the model in use can read and write; 0 while unknown.
        """
        self._files = files
        self._context_tokens = context_tokens

    async def prepared(
        self, owner_id: str, file_ids: Sequence[str], *, question: str, may_cut: bool
    ) -> tuple[AttachedFile, ...]:
        """Return the files as the model will read them.

        Raises:
            NotFoundError: If one of them is not there.
            ConflictError: If one of them is not read yet, or cannot be.
            InvalidValueError: If they are too long for the model (`files_too_long`).
        """
        if not file_ids:
            return ()
        files = await self._files.measured(owner_id, file_ids)
        room = Room(self._context_tokens(), len(question.encode("utf-8", "replace")))
        return fitted(files, room, may_cut=may_cut)

    def attach(
        self, tx: Transaction, owner_id: str, question_id: str, files: Sequence[AttachedFile]
    ) -> None:
        """Note that these files belong to a question that was just written.

        Raises:
            NotFoundError: If one of them is not there any more.
        """
        if files:
            self._files.use(tx, owner_id, [file.id for file in files])
            attachments.add_files(tx.connection, question_id, files)

    def read_along(
        self, connection: Connection, owner_id: str, path: Sequence[Message], *, language: str
    ) -> list[Message]:
        """Return the messages as the model reads them: each after the texts of its files."""
        complete = attachments.with_files(connection, path)
        file_ids = sorted({file.id for message in complete for file in message.files})
        if not file_ids:
            return complete
        texts = self._files.texts(connection, owner_id, file_ids)
        return with_quotes(complete, texts, language=language)

    def read_before(
        self, connection: Connection, owner_id: str, file: AttachedFile, *, language: str
    ) -> str:
        """Return what the model reads before a question with this one file; empty if it is gone."""
        texts = self._files.texts(connection, owner_id, [file.id])
        return quote_before_question([file], texts, language=language)

    def release_of(self, tx: Transaction, conversation_ids: Sequence[str]) -> None:
        """Let go of the files of conversations that are being removed for good."""
        released = attachments.take_files_of(tx.connection, conversation_ids)
        if released:
            self._files.release(tx, released)
