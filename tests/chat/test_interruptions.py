"""The box goes down, the disk fills up: what was acknowledged is there afterwards."""

from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.engine.text.model import Piece
from tests.chat.conftest import StartBox
from tests.fakes.text_engine import FINISHED, Gate, script
from tests.waiting import until


async def test_an_answer_with_text_is_marked_interrupted_when_the_box_shuts_down(
    start_box: StartBox,
) -> None:
    box = start_box([*script("Hola, ", "mundo")[:-1], Gate()])
    tab = box.ask()
    await tab.shows("Hola, mundo")

    await box.shut_down()

    assert (await tab.ends()).events[-1].data["code"] == "answer_interrupted"
    answer = await start_box().last_message(tab.conversation_id)
    assert (answer["state"], answer["content"]) == ("interrupted", "Hola, mundo")
    assert box.engine.state().running == 0


async def test_an_answer_without_text_is_written_when_the_box_is_up_again(
    start_box: StartBox,
) -> None:
    gate = Gate()
    box = start_box([gate])
    tab = box.ask()
    await until(lambda: gate.reached)
    await box.shut_down()
    assert (await tab.ends()).names[-1] == "stage"

    box_again = start_box(script("Hola"))
    follower = box_again.follow(tab.message_id, tab.last_event_id)
    await follower.begins()
    box_again.work_on(box.orders[0])
    await follower.ends()

    assert follower.text == "Hola"
    assert all(event.id > tab.last_event_id for event in follower.events)
    assert (await box_again.last_message(tab.conversation_id))["state"] == "done"


async def test_an_answer_in_whose_middle_the_box_died_is_not_written_again(
    start_box: StartBox,
) -> None:
    box = start_box([*script("Hola, ", "mundo")[:-1], Gate()])
    tab = box.ask()
    await tab.shows("Hola, mundo")
    await box.saved(tab.conversation_id, "Hola, mundo")

    # Another box on the same file, as after a kill: the first one records nothing more.
    box_again = start_box(script("otra cosa"))
    follower = box_again.follow(tab.message_id, tab.last_event_id)
    box_again.work_on(box.orders[0])
    await follower.ends()

    assert box_again.engine.requests == []
    assert [event.data.get("code") for event in follower.events][-1] == "answer_interrupted"
    assert follower.text == ""
    answer = await box_again.last_message(tab.conversation_id)
    assert (answer["state"], answer["content"]) == ("interrupted", "Hola, mundo")


async def test_text_is_saved_before_anybody_sees_any(start_box: StartBox) -> None:
    box = start_box([*script("Hola")[:-1], Gate()])
    tab = box.ask()

    await until(lambda: tab.text)

    answer = await box.last_message(tab.conversation_id)
    assert (answer["state"], answer["content"]) == ("writing", "Hola")


async def test_a_job_that_is_given_out_twice_writes_once(start_box: StartBox) -> None:
    gate = Gate()
    box = start_box([*script("Hola")[:-1], gate, Piece("!"), FINISHED])
    tab = box.ask()
    await tab.shows("Hola")

    box.work_on(box.orders[0])
    await box.tasks[-1]
    gate.open()

    assert (await tab.ends()).text == "Hola!"
    assert len(box.engine.requests) == 1


async def test_a_full_disk_ends_the_stream_in_words_and_keeps_what_was_saved(
    start_box: StartBox, database: Database
) -> None:
    gate = Gate()
    box = start_box([*script("Hola")[:-1], gate, Piece("x" * 100_000), Gate()])
    tab = box.ask()
    await tab.shows("Hola")
    await database.write(fill_up)

    gate.open()
    await tab.ends()

    assert (tab.events[-1].event, tab.events[-1].data["code"]) == ("error", "storage_full")
    assert box.engine.state().running == 0
    question, answer = await box.messages(tab.conversation_id)
    assert (question["content"], answer["content"]) == ("¿Qué hora es?", "Hola")

    await database.write(make_room)
    box.work_on(box.orders[0])
    await box.settled()
    assert (await box.last_message(tab.conversation_id))["state"] == "interrupted"


async def test_a_question_that_cannot_be_saved_is_refused_and_not_answered(
    start_box: StartBox, database: Database
) -> None:
    box = start_box(script("Hola"))
    await database.write(fill_up)

    tab = await box.ask("x" * 100_000).ends()

    assert (tab.status, tab.problem["code"]) == (507, "storage_full")
    assert box.engine.requests == []
    await database.write(make_room)
    assert (await box.ask().ends()).text == "Hola"


def fill_up(tx: Transaction) -> None:
    """Let the database file not grow any more: SQLite then says that the disk is full."""
    pages = tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    tx.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def make_room(tx: Transaction) -> None:
    tx.connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
