"""kill -9 in the middle of an answer, in a real process on a real file."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest

from appliance.base.database.database import Database
from appliance.chat.answer_events import Place
from appliance.chat.model import Message, MessageRole, MessageState
from appliance.chat.store import answers, messages
from tests.chat.box import Box
from tests.chat.dying_box import QUESTION, TOKEN
from tests.databases import sqlite_database
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds
from tests.fakes.text_engine import ScriptedEngine, script

ROOT = Path(__file__).resolve().parents[2]


async def killed_after(
    folder: Path, tokens: int, *, cut_after: int = 0, watched: str = "told"
) -> int:
    """Return how many tokens a client had seen (or the engine written) when the box was killed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.chat.dying_box"),
        *(str(folder), str(cut_after), watched),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        assert await process.stdout.readline() == b"asked\n"
        seen = 0
        while seen < tokens:
            seen += int(await process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        seen += sum(map(int, (await process.stdout.read()).split()))
        assert await process.wait() == -signal.SIGKILL
    return seen


def found_in(database: Database) -> tuple[Message, Message]:
    """Return question and answer as the kill left them."""
    unfinished = database.read_now(answers.list_all_unfinished)
    assert len(unfinished) == 1
    answer = unfinished[0][1]
    question = database.read_now(lambda c: messages.find_message(c, "ana", answer.parent_id or ""))
    assert question is not None
    return question, answer


@pytest.mark.parametrize("tokens", [0, 1, 2, 5, 17, 40, 80, 150, 300, 500])
async def test_question_and_text_survive_a_kill_and_the_answer_is_marked(
    tmp_path: Path, clock: ManualClock, ids: CountingIds, tokens: int
) -> None:
    seen = await killed_after(tmp_path, tokens)
    database = sqlite_database(tmp_path)
    question, answer = found_in(database)
    saved = answer.content.count(TOKEN)

    assert (question.role, question.content) == (MessageRole.USER, QUESTION)
    assert answer.content == TOKEN * saved
    # Nobody has seen a word that is gone.
    assert seen <= saved

    box = await Box(database, ScriptedEngine(script("Las 9")), clock, ids).start()
    tab = await box.follow(answer.id).ends()
    marked = await box.last_message(answer.conversation_id)
    await box.shut_down()
    database.close()

    expected = ("interrupted", answer.content) if saved else ("done", "Las 9")
    assert (marked["state"], marked["content"]) == expected
    assert tab.text == expected[1]


@pytest.mark.parametrize("tokens", [51, 55, 60, 90, 200])
async def test_a_kill_in_a_continued_answer_leaves_all_that_was_seen_and_it_goes_on(
    tmp_path: Path, clock: ManualClock, ids: CountingIds, tokens: int
) -> None:
    seen = await killed_after(tmp_path, tokens, cut_after=50)
    database = sqlite_database(tmp_path)
    _, answer = found_in(database)
    saved = answer.content.count(TOKEN)
    assert (answer.content, answer.run) == (TOKEN * saved, 1)
    assert 50 <= seen <= saved

    box = await Box(database, ScriptedEngine(script("y punto")), clock, ids).start()
    # What the client had when the box died, and where it comes back.
    last = Place(len(TOKEN) * seen, 4, 1).event_id
    back = await box.follow(answer.id, last).ends()
    again = await box.go_on(answer.id, back.last_event_id if back.events else last).ends()
    await box.shut_down()
    database.close()

    assert TOKEN * seen + back.text + again.text == TOKEN * saved + "y punto"
    ids_told = [last, *(event.id for event in [*back.events, *again.events])]
    assert ids_told == sorted(set(ids_told))


async def test_what_nobody_was_told_yet_is_what_a_kill_costs(tmp_path: Path) -> None:
    # That the engine is ahead of the disk shows that the kills above hit an answer in full flow.
    written = await killed_after(tmp_path, 300, watched="written")
    database = sqlite_database(tmp_path)
    _, answer = found_in(database)
    database.close()

    assert answer.state is MessageState.WRITING
    assert answer.content.count(TOKEN) < written
