"""A box in a process of its own, made to be killed: asks one question and prints the answer.

Arguments: the database's folder, the tokens that the engine writes before somebody continues
the answer, and what is printed: `told`, what a client sees, or `written`, what the engine wrote.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from appliance.base.clock import SystemClock
from appliance.base.events import Events
from appliance.base.ids import SystemIds
from appliance.base.jobs.migrations import MIGRATIONS as JOBS
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.worker import Worker
from appliance.chat.answer_events import START, Place, place_of
from appliance.chat.asking import Asker, Question
from appliance.chat.build import Chat, build_chat
from appliance.chat.migrations import MIGRATIONS as CHAT
from appliance.chat.model import Heading
from appliance.engine.text.model import FinishReason, Piece, TextEvent, TextRequest, Writing
from tests.databases import migrated, sqlite_database
from tests.fakes.text_engine import FINISHED, Pause, ScriptedEngine, Step

TOKEN = "palabra "
QUESTION = "¿Qué hora es?"


def say(what: object) -> None:
    """Tell the test, at once: nothing of it may wait in a buffer when the kill comes."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


async def run(folder: Path, cut_after: int, watched: str) -> None:
    """Write an answer until somebody kills this process."""
    database = migrated(sqlite_database(folder), [*JOBS, *CHAT])
    clock = SystemClock()
    ids = SystemIds(clock)
    queue = JobQueue(clock, ids)
    cut = replace(FINISHED, reason=FinishReason.LENGTH)
    scripts = [[Writing(), *_words(10_000)]]
    if cut_after:
        scripts.insert(0, [Writing(), *_words(cut_after), cut])
    engine = Watched(*scripts) if watched == "written" else ScriptedEngine(*scripts)
    chat = build_chat(database, engine, clock, ids, queue, events=Events())
    await chat.start()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(Worker(database, queue, chat.job_kinds, clock).run())
        asking, continuing = chat.activities.asking, chat.activities.continuing
        heading = await asking.ask(Asker("ana", "es"), Question(QUESTION))
        say("asked")
        place = await _told(chat, heading, START, is_said=watched == "told")
        if cut_after:
            heading = await continuing.go_on("ana", heading.message_id)
            await _told(chat, heading, place, is_said=watched == "told")


class Watched(ScriptedEngine):
    """Prints each token that it writes."""

    async def generate(self, request: TextRequest) -> AsyncIterator[TextEvent]:
        async for event in super().generate(request):
            if isinstance(event, Piece):
                say(1)
            yield event


def _words(count: int) -> list[Step]:
    return [step for _ in range(count) for step in (Piece(TOKEN), Pause(0.002))]


async def _told(chat: Chat, heading: Heading, place: Place, *, is_said: bool) -> Place:
    """Return where the stream has ended; what comes is printed if `is_said`."""
    events = await chat.activities.following.events_of_new("ana", heading, place)
    async for event in events:
        place = place_of(str(event.id))
        if event.event == "token" and is_said:
            say(str(event.data["text"]).count(TOKEN))
    return place


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
