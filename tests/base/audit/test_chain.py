import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, select, update

from appliance.base.audit.checking import ChainCheck
from appliance.base.audit.log import AuditLog
from appliance.base.audit.migrations import MIGRATIONS
from appliance.base.audit.model import AuditEntry, AuditFilter, ChainReport
from appliance.base.audit.reading import list_newest
from appliance.base.audit.tables import audit_end, audit_entries
from appliance.base.audit.watching import AuditWatch
from appliance.base.checks import CheckStatus
from appliance.base.database.database import Database
from appliance.base.database.transaction import Connection, Transaction
from appliance.base.errors import ConflictError
from appliance.base.events import Events
from appliance.base.identity import Role
from appliance.base.live.model import LiveEvent, ToRole
from tests.databases import migrated
from tests.fakes.clock import ManualClock
from tests.fakes.ids import CountingIds

KEY = b"k" * 32


@pytest.fixture
def tables(any_database: Database) -> Database:
    return migrated(any_database, MIGRATIONS)


@pytest.fixture
def audit(clock: ManualClock, ids: CountingIds) -> AuditLog:
    return AuditLog(key=KEY, clock=clock, ids=ids)


def entry(name: str = "Ana") -> AuditEntry:
    return AuditEntry("login.done", "u-1", name, details={"device": "Firefox", "count": 2})


def fill(tables: Database, audit: AuditLog, count: int = 3) -> None:
    for number in range(count):
        tables.write_now(lambda tx, n=number: audit.record(tx, entry(f"Ana {n}")))


async def verified(tables: Database) -> ChainReport:
    return await ChainCheck(tables, key=KEY).verified()


async def test_what_was_written_is_whole(tables: Database, audit: AuditLog):
    fill(tables, audit)

    assert await verified(tables) == ChainReport(ok=True, entries=3)


async def test_an_empty_log_is_whole(tables: Database):
    assert await verified(tables) == ChainReport(ok=True, entries=0)


def test_an_entry_comes_back_as_written(tables: Database, audit: AuditLog, clock: ManualClock):
    tables.write_now(lambda tx: audit.record(tx, entry()))

    [logged] = tables.read_now(lambda c: list_newest(c, AuditFilter(), before=None, limit=9))

    assert (logged.number, logged.at, logged.entry) == (1, clock.now(), entry())


def test_what_did_not_happen_is_not_noted(tables: Database, audit: AuditLog):
    def fails(tx: Transaction) -> None:
        audit.record(tx, entry())
        raise ConflictError("no")

    with pytest.raises(ConflictError):
        tables.write_now(fails)

    assert tables.read_now(lambda c: list_newest(c, AuditFilter(), before=None, limit=9)) == []


def changed_name(connection: Connection) -> None:
    connection.execute(update(audit_entries).values(actor_name="Bea").where(_number() == 2))


def changed_details(connection: Connection) -> None:
    connection.execute(update(audit_entries).values(details="{}").where(_number() == 2))


def removed_middle(connection: Connection) -> None:
    connection.execute(delete(audit_entries).where(_number() == 2))


def swapped(connection: Connection) -> None:
    connection.execute(update(audit_entries).values(number=99).where(_number() == 2))
    connection.execute(update(audit_entries).values(number=2).where(_number() == 3))
    connection.execute(update(audit_entries).values(number=3).where(_number() == 99))


def removed_last(connection: Connection) -> None:
    connection.execute(delete(audit_entries).where(_number() == 3))


def removed_last_and_set_the_end_back(connection: Connection) -> None:
    removed_last(connection)
    seal = connection.execute(select(audit_entries.c.seal).where(_number() == 2)).scalar_one()
    connection.execute(update(audit_end).values(number=2, entry_seal=seal))


def appended(connection: Connection) -> None:
    last = connection.execute(select(audit_entries).where(_number() == 3)).mappings().one()
    connection.execute(insert(audit_entries).values({**last, "number": 4, "id": "forged"}))


def removed_end(connection: Connection) -> None:
    connection.execute(delete(audit_end))


def _number():
    return audit_entries.c.number


@pytest.mark.parametrize(
    ("tamper", "first_broken_id"),
    [
        (changed_name, "00000000-0000-7000-8000-000000000002"),
        (changed_details, "00000000-0000-7000-8000-000000000002"),
        (removed_middle, "00000000-0000-7000-8000-000000000003"),
        (swapped, "00000000-0000-7000-8000-000000000003"),
        (removed_last, None),
        (removed_last_and_set_the_end_back, None),
        (appended, None),
        (removed_end, None),
    ],
)
async def test_whatever_is_done_to_it_is_noticed(
    tables: Database,
    audit: AuditLog,
    tamper: Callable[[Connection], None],
    first_broken_id: str | None,
):
    fill(tables, audit)

    tables.write_now(lambda tx: tamper(tx.connection))

    report = await verified(tables)
    assert (report.ok, report.first_broken_id) == (False, first_broken_id)


async def test_another_key_does_not_verify_it(tables: Database, audit: AuditLog):
    fill(tables, audit)

    assert not (await ChainCheck(tables, key=b"x" * 32).verified()).ok


async def test_many_who_write_at_once_write_one_chain(tables: Database, audit: AuditLog):
    await asyncio.gather(
        *(
            tables.write(lambda tx, n=number: audit.record(tx, entry(str(n))))
            for number in range(40)
        )
    )

    assert await verified(tables) == ChainReport(ok=True, entries=40)


def test_names_that_no_database_holds_are_noted_all_the_same(tables: Database, audit: AuditLog):
    hostile = AuditEntry("login.refused", None, "a\x00b\ud800c", target_name="x" * 999)

    tables.write_now(lambda tx: audit.record(tx, hostile))

    [logged] = tables.read_now(lambda c: list_newest(c, AuditFilter(), before=None, limit=9))
    assert (logged.entry.actor_name, len(logged.entry.target_name)) == ("a\ufffdb\ufffdc", 254)


async def test_administrators_hear_once_that_the_log_was_changed(
    tables: Database, audit: AuditLog, clock: ManualClock
):
    events, told = Events(), list[LiveEvent]()
    events.subscribe(LiveEvent, told.append)
    watch = AuditWatch(audit.chain_of(tables), events=events, clock=clock)
    fill(tables, audit)
    await watch.verify_if_due()
    before = (await watch.check()).status

    tables.write_now(lambda tx: changed_name(tx.connection))
    await watch.verify_if_due()
    unnoticed = (await watch.check()).status
    clock.advance(24 * 3600)
    await watch.verify_if_due()
    await watch.verify()

    assert (before, unnoticed) == (CheckStatus.OK, CheckStatus.OK)
    assert (await watch.check()).status is CheckStatus.DEGRADED
    assert told == [LiveEvent(ToRole(Role.ADMIN), "notice", {"code": "audit_broken"})]
