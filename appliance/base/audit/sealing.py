"""How entries are chained: each seal covers its entry and the seal before it.

Whoever can write to the database but does not have the box's keys cannot change, remove or add
an entry unnoticed. Putting back an older copy of the whole database cannot be noticed.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

FIRST_SEAL = ""
SEALED_COLUMNS = (
    "number",
    "id",
    "at",
    "action",
    "actor_id",
    "actor_name",
    "target_kind",
    "target_id",
    "target_name",
    "outcome",
    "address",
    "details",
)


def seal_of_entry(key: bytes, before: str, row: Mapping[str, object]) -> str:
    """Return the seal of an entry that follows one with the seal `before`.

    Args:
        key: Of this box.
        before: `FIRST_SEAL` for the first entry.
        row: Its columns, as they are or will be stored.
    """
    return _seal(key, ["entry", before, *(_plain(row[name]) for name in SEALED_COLUMNS)])


def seal_of_end(key: bytes, number: int, entry_seal: str) -> str:
    """Return the seal of a log whose newest entry is this one; of an empty log, a new box's."""
    return FIRST_SEAL if number == 0 else _seal(key, ["end", number, entry_seal])


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _seal(key: bytes, values: Sequence[object]) -> str:
    return hmac.digest(key, json.dumps(values).encode("ascii"), hashlib.sha256).hex()
