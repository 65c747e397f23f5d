from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.exc import StatementError

from appliance.base.database.database import Database
from appliance.base.database.types import UtcDateTime

events = Table(
    "events", MetaData(), Column("id", Integer, primary_key=True), Column("at", UtcDateTime)
)
MADRID_SUMMER = timezone(timedelta(hours=2))


def _stored(database: Database, *instants: datetime | None) -> None:
    def work(connection) -> None:
        events.create(connection, checkfirst=True)
        rows = [{"id": number, "at": instant} for number, instant in enumerate(instants)]
        connection.execute(insert(events), rows)

    database.write_now(lambda tx: work(tx.connection))


def test_an_instant_comes_back_in_utc(any_database: Database):
    _stored(any_database, datetime(2026, 7, 1, 12, 30, 0, 250, tzinfo=MADRID_SUMMER), None)

    found = any_database.read_now(
        lambda connection: connection.execute(select(events.c.at).order_by(events.c.id)).all()
    )

    assert [row.at for row in found] == [datetime(2026, 7, 1, 10, 30, 0, 250, tzinfo=UTC), None]
    assert found[0].at.tzinfo is UTC


def test_instants_of_different_zones_are_compared_as_instants(any_database: Database):
    _stored(
        any_database,
        datetime(2026, 7, 1, 12, 0, tzinfo=MADRID_SUMMER),
        datetime(2026, 7, 1, 11, 0, tzinfo=UTC),
    )
    limit = datetime(2026, 7, 1, 12, 30, tzinfo=MADRID_SUMMER)

    later = any_database.read_now(
        lambda connection: (
            connection.execute(select(events.c.id).where(events.c.at > limit)).scalars().all()
        )
    )

    assert later == [1]


def test_a_datetime_without_zone_is_refused(database: Database):
    with pytest.raises(StatementError, match="has no time zone"):
        _stored(database, datetime(2026, 7, 1, 12, 0))
