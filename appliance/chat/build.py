"""Putting the chat together; the signature is all that it needs."""

from dataclasses import dataclass

from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.ids import Ids
from appliance.chat.answering import Answering, SavingPace
from appliance.chat.asking import Asking, OrderAnswer
from appliance.chat.conversing import Conversing
from appliance.chat.following import Following
from appliance.chat.live_answer import LiveAnswers
from appliance.chat.recording import Recording
from appliance.chat.routes import Activities, APIRouter, build_router
from appliance.chat.stopping import Stopping
from appliance.engine.text.port import TextEngine


@dataclass(frozen=True)
class Chat:
    """The chat slice, ready to be mounted and started."""

    router: APIRouter
    activities: Activities
    answering: Answering
    live: LiveAnswers


def build_chat(
    database: Database,
    engine: TextEngine,
    clock: Clock,
    ids: Ids,
    order_answer: OrderAnswer,
    *,
    pace: SavingPace | None = None,
) -> Chat:
    """Return the chat."""
    live = LiveAnswers(clock)
    recording = Recording(database, live)
    stopping = Stopping(database=database, clock=clock, live=live, recording=recording)
    activities = Activities(
        asking=Asking(
            database=database, clock=clock, ids=ids, live=live, order_answer=order_answer
        ),
        following=Following(database, live),
        stopping=stopping,
        conversing=Conversing(database=database, clock=clock, ids=ids, stopping=stopping),
    )
    answering = Answering(
        database=database,
        engine=engine,
        clock=clock,
        live=live,
        recording=recording,
        pace=pace or SavingPace(),
    )
    return Chat(build_router(activities), activities, answering, live)
