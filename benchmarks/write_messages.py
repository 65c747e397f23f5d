"""How much processor time it takes to write a message down: committed, synced, and found by search.

    python -m benchmarks.write_messages [--exchanges 500] [--database postgresql://…]

All that the box does for it counts, from the use case to the commit, each message in a transaction
of its own; HTTP and the model do not. A bare commit of the same texts is measured in the same run:
on another machine, or on a busy one, compare the ratios.
"""

import argparse
import asyncio
import random
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from appliance.base.clock import SystemClock
from appliance.base.database.database import Database
from appliance.base.database.migrations import migrate
from appliance.base.database.opening import open_postgresql, open_sqlite
from appliance.base.events import Events
from appliance.base.ids import SystemIds
from appliance.base.jobs.migrations import MIGRATIONS as JOBS
from appliance.base.jobs.queue import JobQueue
from appliance.chat.asking import Asker, Asking, Question
from appliance.chat.build import build_chat
from appliance.chat.live_answer import LiveAnswers
from appliance.chat.migrations import MIGRATIONS as CHAT
from appliance.chat.model import Message, MessageState
from appliance.chat.recording import Recording
from appliance.chat.store import answers
from appliance.chat.telling import Telling
from benchmarks.search_messages import WORDS_PER_MESSAGE, made_words
from tests.fakes.text_engine import ScriptedEngine

EXCHANGES_PER_CONVERSATION = 25
# The next ones find everything prepared, as in a box that has run for a while.
FIRST_EXCHANGES = 25
ANA = Asker("0198c0de-0000-7000-8000-00000000000a", "es")


async def bare_commits(database: Database, texts: list[str]) -> float:
    """Return the processor seconds of committing these texts to a table without anything else."""
    insert = text("INSERT INTO bare (words) VALUES (:words)")
    await database.write(lambda tx: tx.connection.execute(text("CREATE TABLE bare (words text)")))
    began_s = time.process_time()
    for words in texts:
        await database.write(
            lambda tx, words=words: tx.connection.execute(insert, {"words": words})
        )
    return time.process_time() - began_s


async def exchanges(
    asking: Asking, database: Database, recording: Recording, texts: list[str]
) -> tuple[float, float]:
    """Return the processor seconds of asking these texts, and of ending answers with them."""
    asking_s = ending_s = 0.0
    conversation_id = None
    for number, words in enumerate(texts):
        if number % EXCHANGES_PER_CONVERSATION == 0:
            conversation_id = None
        began_s = time.process_time()
        heading = await asking.ask(ANA, Question(words, conversation_id))
        asking_s += time.process_time() - began_s
        conversation_id = heading.conversation_id
        ended = replace(await _place(database), content=words, state=MessageState.DONE)
        began_s = time.process_time()
        await recording.record(ANA.owner_id, replace(ended, finished_at=datetime.now(UTC)))
        ending_s += time.process_time() - began_s
    return asking_s, ending_s


async def _place(database: Database) -> Message:
    return (await database.read(lambda c: answers.list_unfinished(c, ANA.owner_id)))[0]


async def measure(database: Database, count: int) -> None:
    """Write as many exchanges, and print what they cost."""
    clock = SystemClock()
    ids = SystemIds(clock)
    chat = build_chat(database, ScriptedEngine(), clock, ids, JobQueue(clock, ids), events=Events())
    asking = chat.activities.asking
    recording = Recording(database, LiveAnswers(clock), Telling(Events()))
    chance = random.Random(1)
    words = made_words(chance)
    texts = [" ".join(chance.choices(words, k=WORDS_PER_MESSAGE)) for _ in range(count)]
    await exchanges(asking, database, recording, texts[:FIRST_EXCHANGES])
    bare_ms = 1000 * await bare_commits(database, texts) / count
    asking_s, ending_s = await exchanges(asking, database, recording, texts)
    question_ms, answer_ms = 1000 * asking_s / count, 1000 * ending_s / count
    message_ms = (question_ms + answer_ms) / 2
    print(f"bare commit                  {bare_ms:6.2f} CPU ms (1.0)")
    print(f"question, place of its answer{question_ms:6.2f} CPU ms ({question_ms / bare_ms:.1f})")
    print(f"end of an answer             {answer_ms:6.2f} CPU ms ({answer_ms / bare_ms:.1f})")
    print(f"a message                    {message_ms:6.2f} CPU ms ({message_ms / bare_ms:.1f})")
    print(f"messages per CPU-second      {1000 / message_ms:6.0f}")


def main() -> None:
    """Measure on SQLite, or on the PostgreSQL that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exchanges", type=int, default=500)
    parser.add_argument("--database")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "nodo.db"
        database = open_postgresql(chosen.database) if chosen.database else open_sqlite(file)
        steps = (*JOBS, *CHAT)
        migrate(database, steps, applied_at=datetime.now(UTC), copy_to=None, sqlite_file=None)
        asyncio.run(measure(database, chosen.exchanges))
        database.close()


if __name__ == "__main__":
    main()
