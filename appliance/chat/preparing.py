"""Reading files before anybody asks, so that the first question about one is answered at once."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Protocol

from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection
from appliance.base.errors import (
    ConflictError,
    EngineUnavailableError,
    InvalidValueError,
    NotFoundError,
    TooManyRequestsError,
)
from appliance.chat.attaching import Attaching
from appliance.chat.model import AttachedFile
from appliance.chat.preparations import Preparations
from appliance.chat.prompting import first_question
from appliance.chat.store import attachments
from appliance.engine.text.model import Sampling, TextRequest
from appliance.engine.text.port import ModelHost

# Less is read while somebody looks where the answer will be.
LEAST_TOKENS = 500
MOST_ATTEMPTS = 5
# Room for a question of two or three lines; a file that leaves less is not asked about whole.
_USUAL_QUESTION = "?" * 300

log = logging.getLogger(__name__)


class TellLanguage(Protocol):
    """Tells in which language the box speaks with a person."""

    async def __call__(self, owner_id: str, /) -> str | None:
        """Return `es` or `en`; None if there is no such person, or they may not come in."""
        ...


@dataclass(frozen=True)
class PreparingOrder:
    """What a job is told: which file is to be read, and whose it is."""

    file_id: str
    owner_id: str


class Preparing:
    """Has the engine read, in idle time, all that comes before a first question about a file."""

    def __init__(
        self,
        *,
        database: Database,
        host: ModelHost,
        language_of: TellLanguage,
        attaching: Attaching,
        preparations: Preparations,
    ) -> None:
        self._database = database
        self._host = host
        self._language_of = language_of
        self._attaching = attaching
        self._preparations = preparations
        # Jobs that wait for their turn count as running: health complains of those that do not.
        self._one_at_a_time = asyncio.Lock()

    async def prepare(self, order: PreparingOrder, *, attempt: int) -> None:
        """Read a file ahead; nothing happens if that is not worth it, or nobody wants it any more.

        Args:
            order: Which file.
            attempt: Which attempt this is, from 1; after some it is given up: it only saves time.

        Raises:
            EngineUnavailableError: If the engine cannot read now; the job is to be tried again.
            TooManyRequestsError: Likewise, if too many wait.
            UnavailableError: Likewise, if the database does not answer.
        """
        async with self._one_at_a_time, self._preparations.running(order.file_id):
            try:
                await self._read_ahead(order)
            except (NotFoundError, ConflictError, InvalidValueError) as reason:
                log.info("file not prepared", extra={"code": reason.code})
            except (EngineUnavailableError, TooManyRequestsError) as fault:
                if attempt < MOST_ATTEMPTS:
                    raise
                log.info("file not prepared", extra={"code": fault.code})

    async def _read_ahead(self, order: PreparingOrder) -> None:
        language = await self._language_of(order.owner_id)
        if language is None:
            return
        [file] = await self._attaching.prepared(
            order.owner_id, [order.file_id], question=_USUAL_QUESTION, may_cut=False
        )
        if file.tokens < LEAST_TOKENS:
            return
        beginning = await self._database.read(
            lambda connection: self._beginning(connection, order.owner_id, file, language)
        )
        if beginning:
            await self._host.prepare(_request_of(order, beginning, language))

    def _beginning(
        self, connection: Connection, owner_id: str, file: AttachedFile, language: str
    ) -> str:
        """Return what is to be read; empty if nothing is."""
        if attachments.is_in_temporary(connection, owner_id, file.id):
            # What is prepared stays on disk, and nothing of a temporary conversation may.
            return ""
        return self._attaching.read_before(connection, owner_id, file, language=language)


def _request_of(order: PreparingOrder, beginning: str, language: str) -> TextRequest:
    """Return the request whose beginning is that of a first question with this file."""
    return TextRequest(
        request_id=f"prepare-{order.file_id}",
        turns=first_question(beginning, language=language),
        fairness_key=order.owner_id,
        # Nothing is written, and no room is to be kept for it.
        sampling=Sampling(max_tokens=1),
        shared_turns=1,
        stays_local=True,
    )
