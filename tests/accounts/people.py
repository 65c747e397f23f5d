"""Further people of a box, written to its database as an administrator's page will."""

from appliance.accounts.keys import find_keys
from appliance.accounts.model import User
from appliance.accounts.passwords import hashed
from appliance.accounts.setting_up import NewOwner
from appliance.accounts.store import people
from tests.accounts.house import CHEAP, Box

BEA = NewOwner(email="bea@example.com", name="Bea", password="seven grey herons", language="en")
BEA_ID = "00000000-0000-7000-8000-0000000000be"


async def add_person(box: Box, *, password_hash: str | None = None) -> str:
    """Return the id of Bea, a worker who may sign in now."""
    keys = find_keys(box.folder / "secrets")
    assert keys is not None
    user = User(
        id=BEA_ID,
        email=BEA.email,
        name=BEA.name,
        role="worker",
        language=BEA.language,
        password_hash=password_hash or hashed(BEA.password, keys.pepper, cost=CHEAP),
        token_version=1,
        created_at=box.clock.now(),
    )
    await box.database.write(lambda tx: people.insert_user(tx.connection, user))
    return user.id
