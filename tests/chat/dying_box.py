"""A box in a process of its own, made to be killed: asks one question and prints the answer.

Arguments: the database's folder, seconds and tokens after which text is saved.
"""

import asyncio
import sys
from pathlib import Path

from appliance.base.clock import SystemClock
from appliance.base.ids import SystemIds
from appliance.base.jobs.migrations import MIGRATIONS as JOBS
from appliance.base.jobs.queue import JobQueue
from appliance.base.jobs.worker import Worker
from appliance.chat.answering import SavingPace
from appliance.chat.asking import Asker, Question
from appliance.chat.build import build_chat
from appliance.chat.migrations import MIGRATIONS as CHAT
from appliance.engine.text.model import Piece, Writing
from tests.databases import migrated, sqlite_database
from tests.fakes.text_engine import Pause, ScriptedEngine

TOKEN = "palabra "
QUESTION = "¿Qué hora es?"


def say(what: object) -> None:
    """Tell the test, at once: nothing of it may wait in a buffer when the kill comes."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


async def run(folder: Path, pace: SavingPace) -> None:
    """Write an answer until somebody kills this process."""
    database = migrated(sqlite_database(folder), [*JOBS, *CHAT])
    clock = SystemClock()
    ids = SystemIds(clock)
    queue = JobQueue(clock, ids)
    tokens = [step for _ in range(10_000) for step in (Piece(TOKEN), Pause(0.002))]
    chat = build_chat(database, ScriptedEngine([Writing(), *tokens]), clock, ids, queue, pace=pace)
    await chat.start()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(Worker(database, queue, chat.job_kinds, clock).run())
        heading = await chat.activities.asking.ask(Asker("ana", "es"), Question(QUESTION))
        say("asked")
        following = chat.activities.following
        async for event in await following.events_of_new("ana", heading.message_id):
            if event.event == "token":
                say(str(event.data["text"]).count(TOKEN))


if __name__ == "__main__":
    asyncio.run(
        run(Path(sys.argv[1]), SavingPace(float(sys.argv[2]), every_tokens=int(sys.argv[3])))
    )
