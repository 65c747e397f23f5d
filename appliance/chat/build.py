"""Putting the chat together; the signature is all that it needs."""

from dataclasses import dataclass

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.events import Events
from appliance.base.ids import Ids
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.registry import JobKind
from appliance.base.jobs.schedule import Recurring
from appliance.chat.answering import Answering, SavingPace
from appliance.chat.asking import Asking
from appliance.chat.attaching import Attaching, NoFiles, PeoplesFiles
from appliance.chat.continuing import Continuing
from appliance.chat.conversing import Conversing
from appliance.chat.exporting import Exporting
from appliance.chat.following import Following
from appliance.chat.indexing import Indexing
from appliance.chat.jobs import (
    RECURRING,
    AnswerOrders,
    IndexingOrders,
    job_kinds,
    preparing_kinds,
)
from appliance.chat.live_answer import LiveAnswers
from appliance.chat.overseeing import Audit, MayRead, Overseeing
from appliance.chat.preparations import Preparations
from appliance.chat.preparing import Preparing, TellLanguage
from appliance.chat.purging import Purging
from appliance.chat.rating import Rating
from appliance.chat.recording import Recording
from appliance.chat.resuming import Resuming
from appliance.chat.routes.activities import Activities
from appliance.chat.routes.router import APIRouter, build_router
from appliance.chat.searching import Searching
from appliance.chat.sending import Sending
from appliance.chat.stopping import Stopping
from appliance.chat.telling import Telling
from appliance.engine.text.port import ModelHost, TextEngine


@dataclass(frozen=True)
class Oversight:
    """What reading other people's conversations needs.

    Attributes:
        may_read: What the owner of the box has decided.
        audit: Where each look is noted.
    """

    may_read: MayRead
    audit: Audit


@dataclass(frozen=True)
class ReadingAhead:
    """What reading files before anybody asks needs.

    Attributes:
        host: Reads, and keeps what it has read.
        language_of: Tells in which language a first question would be put.
    """

    host: ModelHost
    language_of: TellLanguage


@dataclass(frozen=True)
class Chat:
    """The chat slice, ready to be mounted and started.

    Attributes:
        router: Its routes.
        activities: What the routes call, for bridges to other parts.
        job_kinds: What the worker must know how to do.
        recurring: What the schedule enqueues again and again.
        preparations: Which files are being read before anybody asks.
    """

    router: APIRouter
    activities: Activities
    job_kinds: tuple[JobKind, ...]
    recurring: tuple[Recurring, ...]
    preparations: Preparations
    _resuming: Resuming
    _indexing: Indexing
    _live: LiveAnswers

    async def start(self) -> None:
        """Settle what an earlier run left; after the migrations and before the worker."""
        await self._resuming.resume()
        await self._indexing.order_if_needed()

    def stop(self) -> None:
        """Let the readers of streams go; after the worker and before the listeners end."""
        self._live.abandon_all()


def build_chat(
    database: Database,
    engine: TextEngine,
    clock: Clock,
    ids: Ids,
    queue: JobQueue,
    *,
    events: Events,
    files: PeoplesFiles | None = None,
    oversight: Oversight | None = None,
    ahead: ReadingAhead | None = None,
    pace: SavingPace | None = None,
) -> Chat:
    """Return the chat.

    Args:
        database: Where conversations are kept.
        engine: What writes answers.
        clock: What time it is.
        ids: Names for new things.
        queue: Sees to it that answers are written.
        events: Where news are told.
        files: What people have uploaded; None is a chat without files.
        oversight: For administrators who read along; None is a chat that nobody oversees.
        ahead: For files that are read before anybody asks; None reads them with the question.
        pace: How much of an answer a crash may cost; None is as usual.
    """
    live = LiveAnswers(clock)
    telling = Telling(events)
    ground = _Ground(
        database=database,
        clock=clock,
        ids=ids,
        live=live,
        telling=telling,
        recording=Recording(database, live, telling),
        attaching=Attaching(files or NoFiles(), lambda: engine.state().context_tokens),
        preparations=Preparations(),
        orders=AnswerOrders(queue),
    )
    activities = _activities(ground, oversight)
    answering = Answering(
        database=database,
        engine=engine,
        clock=clock,
        live=live,
        recording=ground.recording,
        attaching=ground.attaching,
        pace=pace or SavingPace(),
    )
    indexing = Indexing(database, IndexingOrders(queue))
    return Chat(
        router=build_router(activities),
        activities=activities,
        job_kinds=(
            *job_kinds(answering, Purging(database, clock, ground.attaching), indexing),
            *_ahead_kinds(ground, ahead),
        ),
        recurring=RECURRING,
        preparations=ground.preparations,
        _resuming=Resuming(database, clock, ground.recording, ground.orders),
        _indexing=indexing,
        _live=live,
    )


@dataclass(frozen=True)
class _Ground:
    """What the chat's activities share."""

    database: Database
    clock: Clock
    ids: Ids
    live: LiveAnswers
    telling: Telling
    recording: Recording
    attaching: Attaching
    preparations: Preparations
    orders: AnswerOrders


def _ahead_kinds(ground: _Ground, ahead: ReadingAhead | None) -> tuple[JobKind, ...]:
    if ahead is None:
        return ()
    return preparing_kinds(
        Preparing(
            database=ground.database,
            host=ahead.host,
            language_of=ahead.language_of,
            attaching=ground.attaching,
            preparations=ground.preparations,
        )
    )


def _activities(ground: _Ground, oversight: Oversight | None) -> Activities:
    database, clock, live = ground.database, ground.clock, ground.live
    stopping = Stopping(database=database, clock=clock, live=live, recording=ground.recording)
    following = Following(database, live)
    asking = Asking(
        database=database,
        clock=clock,
        ids=ground.ids,
        live=live,
        telling=ground.telling,
        attaching=ground.attaching,
        preparations=ground.preparations,
        order_answer=ground.orders,
    )
    conversing = Conversing(
        database=database, clock=clock, ids=ground.ids, stopping=stopping, telling=ground.telling
    )
    return Activities(
        asking=asking,
        continuing=Continuing(
            database=database,
            clock=clock,
            live=live,
            telling=ground.telling,
            order_answer=ground.orders,
        ),
        following=following,
        stopping=stopping,
        conversing=conversing,
        rating=Rating(database),
        searching=Searching(database),
        exporting=Exporting(database),
        sending=Sending(
            database=database, asking=asking, following=following, conversing=conversing
        ),
        overseeing=oversight and Overseeing(database, oversight.may_read, oversight.audit),
    )
