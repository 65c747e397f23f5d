"""The SQL of the files on SQLite and on PostgreSQL alike."""

from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from appliance.base.database.database import Database
from appliance.base.database.tables import metadata
from appliance.base.errors import ConflictError, NotFoundError
from appliance.base.jobs.migrations import MIGRATIONS as JOBS
from appliance.files import store
from appliance.files.migrations import MIGRATIONS as FILES
from appliance.files.model import Fault, FileKind, FileState, ReadText, StoredFile
from tests.databases import migrated
from tests.fakes.clock import DEFAULT_START, ManualClock
from tests.fakes.ids import CountingIds
from tests.files.box import Box

READ = ReadText("Señal 🙂\n", is_cut=False, pages=2)


@pytest.fixture
def tables(any_database: Database) -> Database:
    return migrated(any_database, [*JOBS, *FILES])


def put(database: Database, file_id: str, *, owner_id: str = "ana", age_s: float = 0) -> StoredFile:
    """Return a new file."""
    file = StoredFile(
        id=file_id,
        owner_id=owner_id,
        name="a.txt",
        kind=FileKind.TEXT,
        media_type="text/plain",
        size_bytes=9,
        blob=f"blob-{file_id}",
        state=FileState.EXTRACTING,
        created_at=DEFAULT_START - timedelta(seconds=age_s),
    )
    database.write_now(lambda tx: store.add_file(tx.connection, file))
    return file


def ready(database: Database, file_id: str) -> bool:
    """Return whether the file became ready by this."""
    return database.write_now(
        lambda tx: store.set_ready(tx.connection, file_id, READ, tokens=7, tokens_model="m")
    )


def test_the_migrations_make_the_tables_that_the_code_describes(tables: Database) -> None:
    found = tables.read_now(
        lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
    )

    assert [change for change in found if "file" in str(change).split("(")[0]] == []
    assert not [change for change in found if "'files'" in str(change)]
    assert not [change for change in found if "'file_texts'" in str(change)]


def test_what_was_read_comes_back(tables: Database) -> None:
    put(tables, "1")
    assert ready(tables, "1")

    file = tables.read_now(lambda connection: store.find_file(connection, "ana", "1"))
    texts = tables.read_now(lambda connection: store.texts_of(connection, "ana", ["1", "2"]))

    assert file is not None
    assert (file.state, file.pages, file.characters, file.tokens, file.tokens_model) == (
        FileState.READY, 2, 8, 7, "m",
    )  # fmt: skip
    assert texts == {"1": READ.text}
    assert tables.read_now(lambda c: store.texts_of(c, "luis", ["1"])) == {}


def test_a_file_is_settled_once(tables: Database) -> None:
    put(tables, "1")
    fault = Fault("file_damaged", "Broken.", "")

    first = tables.write_now(lambda tx: store.set_failed(tx.connection, "1", fault))

    assert (first, ready(tables, "1")) == (True, False)
    found = tables.read_now(lambda connection: store.find_file(connection, "ana", "1"))
    assert found is not None
    assert found.fault == fault


def test_a_used_file_is_neither_removed_nor_purged(tables: Database) -> None:
    put(tables, "1", age_s=90_000)
    put(tables, "2", age_s=90_000)
    put(tables, "3")
    ready(tables, "1")
    tables.write_now(lambda tx: store.mark_used(tx.connection, "ana", ["1"]))

    removed = tables.write_now(lambda tx: store.delete_unused(tx.connection, "ana", "1"))
    purged = tables.write_now(
        lambda tx: store.purge_unused(
            tx.connection, created_before=DEFAULT_START - timedelta(days=1), limit=10
        )
    )

    left = tables.read_now(lambda connection: store.list_files(connection, "ana", ["1", "2", "3"]))
    assert (removed, purged) == (False, 1)
    assert sorted(file.id for file in left) == ["1", "3"]


def test_files_are_counted_by_person_and_state(tables: Database) -> None:
    for file_id in ("1", "2", "3"):
        put(tables, file_id)
    put(tables, "4", owner_id="luis")
    ready(tables, "1")
    tables.write_now(lambda tx: store.mark_used(tx.connection, "ana", ["1"]))

    counts = tables.read_now(
        lambda connection: (
            store.count_files(connection, "ana"),
            store.count_files(connection, "ana", state=FileState.EXTRACTING),
            store.count_files(connection, "luis"),
        )
    )

    assert counts == (2, 2, 1)


def test_blobs_without_a_file_are_told_apart(tables: Database) -> None:
    put(tables, "1")

    known = tables.read_now(lambda connection: store.known_blobs(connection, ["blob-1", "stray"]))

    assert known == {"blob-1"}


async def test_a_whole_upload_works_on_this_database(
    tables: Database, tmp_path: Path, clock: ManualClock, ids: CountingIds
) -> None:
    box = await Box(tables, tmp_path / "blobs", clock, ids).start()
    file = await box.read("señal.csv", "Año;€\n".encode("cp1252"))
    file_id = str(file["id"])
    lent = await box.files.lending.measured("ana", [file_id])
    await tables.write(lambda tx: box.files.lending.use(tx, "ana", [file_id]))
    in_use = await box.delete(file_id)
    await tables.write(lambda tx: box.files.lending.release(tx, [file_id]))
    gone = await box.get(f"/files/{file_id}")
    await box.shut_down()

    assert (file["state"], lent[0].tokens, in_use.status_code, gone.status_code) == (
        "ready", 1, 409, 404,
    )  # fmt: skip


async def test_a_file_that_is_gone_or_not_read_cannot_be_used(
    tables: Database, tmp_path: Path, clock: ManualClock, ids: CountingIds
) -> None:
    box = await Box(tables, tmp_path / "blobs", clock, ids).start(works=False)
    put(tables, "1")

    with pytest.raises(ConflictError) as unread:
        await box.files.lending.measured("ana", ["1"])
    with pytest.raises(NotFoundError) as gone:
        await tables.write(lambda tx: box.files.lending.use(tx, "ana", ["2"]))

    assert (unread.value.code, gone.value.code) == ("file_not_ready", "file_not_found")
