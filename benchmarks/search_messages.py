"""How much processor time a search over many messages takes, and what the index costs.

python benchmarks/search_messages.py [--messages 10000] [--database postgresql://…]
"""

import argparse
import asyncio
import random
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from appliance.base.database.database import Database
from appliance.base.database.migrations import migrate
from appliance.base.database.opening import open_postgresql, open_sqlite
from appliance.base.database.transaction import Transaction
from appliance.chat.conversing import new_conversation
from appliance.chat.migrations import MIGRATIONS
from appliance.chat.model import Message, MessageRole, MessageState
from appliance.chat.searching import Searching
from appliance.chat.store import conversations, messages

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PER_CONVERSATION = 50
WORDS_PER_MESSAGE = 120
QUERIES = (
    "a",
    "el",
    "electricidad fac",
    "mañana",
    '"la luz"',
    "zanahoria",
    "noexiste",
    "de la luz",
)
COMMON = "de la que el en y a los se del las un por con no una su para es al".split()


def made_words(chance: random.Random) -> list[str]:
    """Return a vocabulary in which few words are frequent, as in any language."""
    letters = "aeiounsrltcdmpáéñ"
    rare = ["".join(chance.choices(letters, k=chance.randint(4, 10))) for _ in range(20_000)]
    known = ["luz", "electricidad", "factura", "mañana", "zanahoria"]
    return COMMON * 300 + known * 4 + rare


def filled(
    tx: Transaction, first: int, count: int, words: list[str], chance: random.Random
) -> None:
    """Write some conversations of one owner."""
    for number in range(first, first + count):
        place = number % PER_CONVERSATION
        conversation_id = f"c{number // PER_CONVERSATION}"
        if place == 0:
            conversation = new_conversation(conversation_id, title=f"n {number}", at=NOW)
            conversations.add_conversation(tx.connection, "ana", conversation, title_folded="")
        message = Message(
            id=f"m{number}",
            conversation_id=conversation_id,
            parent_id=f"m{number - 1}" if place else None,
            position=place + 1,
            role=MessageRole.ASSISTANT if place % 2 else MessageRole.USER,
            content=" ".join(chance.choices(words, k=WORDS_PER_MESSAGE)),
            state=MessageState.DONE,
            created_at=NOW,
        )
        messages.add_message(tx.connection, "ana", replace(message, finished_at=NOW))


async def measure(database: Database, count: int) -> None:
    """Fill the database, and search it."""
    chance = random.Random(1)
    words = made_words(chance)
    began_s = time.process_time()
    for first in range(0, count, 500):
        await database.write(
            lambda tx, first=first: filled(tx, first, min(500, count - first), words, chance)
        )
    cpu_ms = (time.process_time() - began_s) * 1000
    print(f"writing and indexing   {cpu_ms / count:8.2f} CPU ms a message")
    searching = Searching(database)
    for query in QUERIES:
        began_s, began_wall_s, times = time.process_time(), time.perf_counter(), 20
        found = await searching.search("ana", query, limit=20, cursor=None)
        for _ in range(times - 1):
            await searching.search("ana", query, limit=20, cursor=None)
        cpu_ms = (time.process_time() - began_s) * 1000 / times
        wall_ms = (time.perf_counter() - began_wall_s) * 1000 / times
        print(
            f"{query:22} {cpu_ms:8.2f} CPU ms {wall_ms:8.2f} ms, {len(found.page.items)} on the page"
        )


def main() -> None:
    """Measure on SQLite, or on the PostgreSQL that is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--database")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "nodo.db"
        database = open_postgresql(chosen.database) if chosen.database else open_sqlite(file)
        migrate(database, MIGRATIONS, applied_at=NOW, copy_to=None, sqlite_file=None)
        asyncio.run(measure(database, chosen.messages))
        database.close()
        if not chosen.database:
            print(f"file                   {file.stat().st_size / 2**20:8.1f} MiB")


if __name__ == "__main__":
    main()
