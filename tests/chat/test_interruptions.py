"""The box goes down, the disk fills up: what was acknowledged is there afterwards."""

from sqlalchemy import delete, update

from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.jobs.queue import count_jobs
from appliance.base.jobs.tables import jobs
from appliance.engine.text.model import Piece
from tests.chat.conftest import StartBox
from tests.fakes.clock import ManualClock
from tests.fakes.text_engine import FINISHED, Gate, script
from tests.waiting import until


async def test_an_answer_with_text_is_marked_interrupted_when_the_box_shuts_down(
    start_box: StartBox,
) -> None:
    box = await start_box([*script("Hola, ", "mundo")[:-1], Gate()])
    tab = box.ask()
    await tab.shows("Hola, mundo")

    await box.shut_down()

    assert (await tab.ends()).events[-1].data["code"] == "answer_interrupted"
    answer = await (await start_box()).last_message(tab.conversation_id)
    assert (answer["state"], answer["content"]) == ("interrupted", "Hola, mundo")
    assert box.engine.state().running == 0


async def test_an_answer_without_text_is_written_when_the_box_is_up_again(
    start_box: StartBox,
) -> None:
    gate = Gate()
    box = await start_box([gate])
    tab = box.ask()
    await until(lambda: gate.reached)
    await box.shut_down()
    assert (await tab.ends()).names[-1] == "stage"

    box_again = await start_box(script("Hola"), works=False)
    follower = box_again.follow(tab.message_id, tab.last_event_id)
    await follower.begins()
    await box_again.start()
    await follower.ends()

    assert follower.text == "Hola"
    assert all(event.id > tab.last_event_id for event in follower.events)
    assert (await box_again.last_message(tab.conversation_id))["state"] == "done"


async def test_an_answer_in_whose_middle_the_box_died_is_not_written_again(
    start_box: StartBox,
) -> None:
    box = await start_box([*script("Hola, ", "mundo")[:-1], Gate()])
    tab = box.ask()
    await tab.shows("Hola, mundo")
    await box.saved("Hola, mundo")

    # Another box on the same file, as after a kill: the first one has recorded nothing more.
    box_again = await start_box(script("otra cosa"))
    follower = await box_again.follow(tab.message_id, tab.last_event_id).ends()

    assert box_again.engine.requests == []
    assert [event.data.get("code") for event in follower.events] == ["answer_interrupted"]
    answer = await box_again.last_message(tab.conversation_id)
    assert (answer["state"], answer["content"]) == ("interrupted", "Hola, mundo")


async def test_an_answer_whose_job_was_lost_is_ordered_again(
    start_box: StartBox, database: Database
) -> None:
    box = await start_box(script("Hola"), works=False)
    tab = box.ask()
    await tab.begins()
    await database.write(lambda tx: tx.connection.execute(delete(jobs)))

    await box.start()

    assert (await tab.ends()).text == "Hola"


async def test_a_question_on_which_the_box_dies_is_given_up_after_five_attempts(
    start_box: StartBox, database: Database
) -> None:
    box = await start_box(script("Hola"), works=False)
    tab = box.ask()
    await tab.begins()
    await database.write(lambda tx: tx.connection.execute(update(jobs).values(attempts=5)))

    await box.start()

    assert (await tab.ends()).events[-1].data["code"] == "answer_interrupted"
    assert box.engine.requests == []


async def test_text_is_saved_before_anybody_sees_any(start_box: StartBox) -> None:
    box = await start_box([*script("Hola")[:-1], Gate()])
    tab = box.ask()

    await until(lambda: tab.text)

    answer = await box.last_message(tab.conversation_id)
    assert (answer["state"], answer["content"]) == ("writing", "Hola")


async def test_a_job_that_is_given_out_twice_writes_once(
    start_box: StartBox, database: Database
) -> None:
    gate = Gate()
    box = await start_box([*script("Hola")[:-1], gate, Piece("!"), FINISHED])
    tab = box.ask()
    await tab.shows("Hola")

    await database.write(lambda tx: tx.connection.execute(update(jobs).values(state="waiting")))
    box.look_for_jobs()
    await box.ask(user="luis").shows("Hola")
    gate.open()

    assert (await tab.ends()).text == "Hola!"
    assert [request.fairness_key for request in box.engine.requests] == ["ana", "luis"]


async def test_a_full_disk_ends_the_stream_in_words_and_keeps_what_was_saved(
    start_box: StartBox, database: Database, clock: ManualClock
) -> None:
    gate = Gate()
    box = await start_box([*script("Hola")[:-1], gate, Piece("x" * 100_000), Gate()])
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
    await until(lambda: waiting_jobs(database))
    clock.advance(60)
    box.look_for_jobs()
    await box.all_written()
    assert (await box.last_message(tab.conversation_id))["state"] == "interrupted"


async def test_a_question_that_cannot_be_saved_is_refused_and_not_answered(
    start_box: StartBox, database: Database
) -> None:
    box = await start_box(script("Hola"))
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


def waiting_jobs(database: Database) -> int:
    return database.read_now(count_jobs).get(("chat.answer", "waiting"), 0)
