import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData

from appliance.accounts.policy import Policies
from appliance.accounts.store.api_keys import api_keys
from appliance.accounts.store.codes import one_time_codes
from appliance.accounts.store.demo import demo_people
from appliance.accounts.store.policies import box_policies, policies_of
from appliance.accounts.store.tables import users
from appliance.base.audit.tables import audit_end, audit_entries
from appliance.base.database.database import Database
from appliance.base.database.transaction import Transaction
from tests.accounts.house import MIGRATIONS
from tests.databases import migrated

TABLES = (users, api_keys, one_time_codes, demo_people, box_policies, audit_end, audit_entries)


@pytest.fixture
def tables(any_database: Database) -> Database:
    return migrated(any_database, MIGRATIONS)


def test_the_migrated_tables_are_the_described_ones(tables: Database):
    described = MetaData(naming_convention=users.metadata.naming_convention)
    for table in TABLES:
        table.to_metadata(described)
    names = {table.name for table in TABLES}

    def differences(tx: Transaction) -> list[object]:
        options = {"include_name": lambda name, kind, _: kind != "table" or name in names}
        return compare_metadata(MigrationContext.configure(tx.connection, opts=options), described)

    assert tables.write_now(differences) == []


def test_a_new_box_takes_no_strangers_and_lets_nobody_read(tables: Database):
    assert tables.read_now(policies_of) == Policies()
