from dataclasses import replace
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from appliance.accounts.migrations import MIGRATIONS
from appliance.accounts.model import Session, User
from appliance.accounts.purging import Purging
from appliance.accounts.store import box, people, sign_ins
from appliance.accounts.store import tables as described_tables
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from appliance.base.errors import ConflictError
from tests.accounts.house import Box
from tests.databases import migrated
from tests.fakes.clock import DEFAULT_START, ManualClock

TABLES = (
    described_tables.users,
    described_tables.sessions,
    described_tables.second_factors,
    described_tables.recovery_codes,
    described_tables.box_owner,
    described_tables.box_keys,
)
USER = User(
    id="u-1",
    email="ana@example.com",
    name="Ana",
    role="admin",
    language="es",
    password_hash="x",
    token_version=1,
    created_at=DEFAULT_START,
)
SESSION = Session(
    id="s-1",
    user_id="u-1",
    generation=1,
    created_at=DEFAULT_START,
    rotated_at=DEFAULT_START,
    expires_at=DEFAULT_START + timedelta(days=7),
)


@pytest.fixture
def tables(any_database: Database) -> Database:
    return migrated(any_database, MIGRATIONS)


def test_the_migrated_tables_are_the_described_ones(tables: Database):
    described = MetaData(naming_convention=described_tables.users.metadata.naming_convention)
    for table in TABLES:
        table.to_metadata(described)
    names = {table.name for table in TABLES}

    def differences(tx: Transaction) -> list[object]:
        options = {"include_name": lambda name, kind, _: kind != "table" or name in names}
        return compare_metadata(MigrationContext.configure(tx.connection, opts=options), described)

    assert tables.write_now(differences) == []


def test_a_person_comes_back_as_written(tables: Database):
    disabled = replace(USER, disabled_at=DEFAULT_START + timedelta(hours=1))

    tables.write_now(lambda tx: people.insert_user(tx.connection, disabled))

    assert tables.read_now(lambda connection: people.find_user(connection, "u-1")) == disabled


def test_a_second_owner_is_refused_and_not_written(tables: Database):
    tables.write_now(lambda tx: box.insert_owner(tx.connection, USER))
    other = replace(USER, id="u-2", email="bea@example.com")

    with pytest.raises(ConflictError):
        tables.write_now(lambda tx: box.insert_owner(tx.connection, other))
    assert tables.read_now(lambda connection: people.find_user(connection, "u-2")) is None


async def test_sign_ins_are_forgotten_a_week_after_they_were_over(tables: Database):
    ended = replace(SESSION, id="s-2", ended_at=DEFAULT_START + timedelta(days=3))

    def write(tx: Transaction) -> None:
        people.insert_user(tx.connection, USER)
        sign_ins.insert_session(tx.connection, SESSION)
        sign_ins.insert_session(tx.connection, ended)

    tables.write_now(write)
    clock = ManualClock()
    purging = Purging(database=tables, clock=clock)

    counts: list[int] = []
    for _ in range(3):
        clock.advance(5 * 24 * 3600 + 1)
        counts.append(await purging.purge())

    assert counts == [0, 1, 1]
    assert tables.read_now(sign_ins.count_sessions) == 0


async def test_the_purge_is_a_recurring_job(box: Box):
    async with box.running() as running:
        await running.set_up()
        kinds = {kind.name: kind for kind in running.accounts.job_kinds}
        await kinds["accounts.purge"].handler({}, 1)
    async with box.running() as running:
        names = [(entry.name, entry.kind) for entry in running.accounts.recurring]

    assert ("accounts.purge", "accounts.purge") in names


async def test_until_the_box_is_set_up_a_job_keeps_the_code_on_the_screen_valid(box: Box):
    async with box.running() as running:
        recurring = running.accounts.recurring[-1]
        kinds = {kind.name: kind for kind in running.accounts.job_kinds}
        box.clock.advance(30 * 60)
        await kinds[recurring.kind].handler({}, 1)
        answer = await running.set_up()
        await kinds[recurring.kind].handler({}, 1)

    assert (recurring.every_s, len(box.codes), answer.status_code) == (60.0, 2, 201)
