"""What every part of Nodo stands on, and what several of them use."""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.accounts.key_check import open_keys
from appliance.accounts.keys import Keys
from appliance.accounts.open_sign_ins import OpenSignIns
from appliance.base.audit.log import AuditLog
from appliance.base.ballast import Ballast
from appliance.base.clock import Clock
from appliance.base.database.database import Database
from appliance.base.database.soundness import Soundness
from appliance.base.events import Events
from appliance.base.ids import Ids
from appliance.base.jobs.queue import JobQueue
from appliance.base.live.hub import LiveHub
from appliance.base.paths import DataFolder
from appliance.base.web.access import OpenAccess
from appliance.boot.secret_commands import safes_of
from appliance.boot.settings import Settings


@dataclass(frozen=True)
class Ground:
    """What everything stands on: opened before, closed after all else."""

    settings: Settings
    folder: DataFolder
    clock: Clock
    ids: Ids
    database: Database
    soundness: Soundness
    ballast: Ballast


@dataclass(frozen=True)
class Shared:
    """What several slices use, one of each."""

    keys: Keys
    audit: AuditLog
    events: Events
    live: LiveHub
    open_access: OpenAccess
    queue: JobQueue


def shared_parts(ground: Ground, environment: Mapping[str, str]) -> Shared:
    """Return what several slices use."""
    clock, ids = ground.clock, ground.ids
    safes = safes_of(environment)
    keys = open_keys(ground.database, ground.folder.secrets, ids, safes)
    events, sign_ins = Events(), OpenSignIns(database=ground.database, clock=clock)
    return Shared(
        keys=keys,
        audit=AuditLog(key=keys.derived("audit log"), clock=clock, ids=ids),
        events=events,
        live=LiveHub(events, clock),
        open_access=OpenAccess(events, sign_ins),
        queue=JobQueue(clock, ids),
    )
