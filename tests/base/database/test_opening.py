from pathlib import Path

import pytest

from appliance.base.database.database import Database
from appliance.base.database.opening import _refuse_unsafe_sqlite, open_postgresql, open_sqlite
from appliance.base.errors import SettingError, UnavailableError


def _settings(database: Database, of: str) -> dict[str, object]:
    wanted = ["journal_mode", "synchronous", "foreign_keys", "query_only"]

    def read(connection) -> dict[str, object]:
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}

    if of == "reader":
        return database.read_now(read)
    return database.write_now(lambda tx: read(tx.connection))


def test_commits_are_on_disk_and_readers_cannot_write(database: Database):
    database.write_now(lambda tx: tx.connection.exec_driver_sql("CREATE TABLE t (n INTEGER)"))

    # 2 is FULL.
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert _settings(database, "writer") == {**expected, "query_only": 0}
    assert _settings(database, "reader") == {**expected, "query_only": 1}


@pytest.mark.parametrize("version", [(3, 40, 1), (3, 51, 2)])
def test_a_sqlite_that_can_damage_its_file_is_refused(version: tuple[int, ...]):
    with pytest.raises(SettingError, match=r"3\.51\.3 or newer"):
        _refuse_unsafe_sqlite(version, ".".join(map(str, version)))


def test_the_oldest_safe_sqlite_is_accepted():
    _refuse_unsafe_sqlite((3, 51, 3), "3.51.3")


def test_a_folder_may_have_any_name(tmp_path: Path):
    folder = tmp_path / "año 100% ?x=1 #"
    folder.mkdir()
    database = open_sqlite(folder / "nodo.db")

    database.write_now(lambda tx: tx.connection.exec_driver_sql("CREATE TABLE t (n INTEGER)"))
    database.close()

    assert (folder / "nodo.db").stat().st_size > 0


@pytest.mark.parametrize("url", ["mysql://nodo:secret@db/nodo", "not an address secret"])
def test_an_address_of_something_else_is_refused_without_its_password(url: str):
    with pytest.raises(SettingError, match="database_url") as refused:
        open_postgresql(url)

    assert "secret" not in str(refused.value)


async def test_a_server_that_does_not_answer_is_named(tmp_path: Path):
    database = open_postgresql(f"postgresql://nodo@/nodo?host={tmp_path}")

    with pytest.raises(UnavailableError, match="database server does not answer"):
        await database.read(lambda connection: None)

    database.close()


async def test_after_a_restart_of_the_server_work_goes_on(postgresql_server, postgresql_database):
    await postgresql_database.read(lambda connection: None)

    postgresql_server.restart()

    def one(connection) -> int:
        return connection.exec_driver_sql("SELECT 1").scalar_one()

    assert await postgresql_database.read(one) == 1
    assert await postgresql_database.write(lambda tx: one(tx.connection)) == 1


async def test_a_connection_that_is_cut_in_the_middle_is_a_clear_fault(postgresql_database):
    def cut(tx) -> None:
        tx.connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(UnavailableError):
        await postgresql_database.write(cut)

    assert await postgresql_database.read(lambda c: c.exec_driver_sql("SELECT 2").scalar_one()) == 2
