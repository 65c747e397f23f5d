"""Keys and database belong together: found out at start, before a wrong pair does harm."""

from pathlib import Path

from appliance.accounts.key_places import (
    FILE_ONLY,
    Safes,
    find_placed_keys,
    make_placed_keys,
)
from appliance.accounts.keys import FILE_NAME, Keys
from appliance.accounts.store import box, people
from appliance.base.database.database import Database
from appliance.base.errors import SettingError
from appliance.base.ids import Ids


def open_keys(database: Database, folder: Path, ids: Ids, safes: Safes = FILE_ONLY) -> Keys:
    """Return the keys of this box, made now if nobody has an account yet.

    Call it at start, after the migrations: it asks the database in the calling thread.

    Args:
        database: Its accounts were made with these keys, or there are none.
        folder: Of secrets.
        ids: Makes new keys.
        safes: Where keys may lie beside that folder.

    Raises:
        SettingError: If there are accounts, and their keys are missing or others; if the file
            is damaged or may be read by others. Nothing was changed then.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    has_users = database.read_now(people.has_users)
    keys = find_placed_keys(folder, safes)
    if keys is None and has_users:
        raise SettingError(
            f"The key file secrets/{FILE_NAME} is missing, but people have accounts on this box.",
            hint="Bring it back from a backup. With other keys no password would be right, "
            "so Nodo makes none.",
        )
    keys = keys or make_placed_keys(folder, ids, safes)
    known_id = database.read_now(box.find_key_id)
    if known_id == keys.key_id:
        return keys
    if has_users and known_id is not None:
        raise SettingError(
            f"The key file secrets/{FILE_NAME} does not belong to this database.",
            hint="Bring both back from the same backup.",
        )
    key_id = keys.key_id
    database.write_now(lambda tx: box.write_key_id(tx.connection, key_id))
    return keys
