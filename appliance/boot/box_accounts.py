"""The accounts of this box for a command, which runs beside a running Nodo or without one."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from appliance import __version__
from appliance.accounts.build import Accounts, AccountsPlan, build_accounts
from appliance.accounts.key_check import open_keys
from appliance.base.audit.log import AuditLog
from appliance.base.clock import SystemClock
from appliance.base.database.database import Database
from appliance.base.database.migrations import migrate
from appliance.base.database.opening import open_postgresql, open_sqlite
from appliance.base.database.transaction import Transaction
from appliance.base.errors import ConflictError
from appliance.base.events import Events
from appliance.base.ids import SystemIds
from appliance.base.instance import Instance, find_running
from appliance.base.jobs.queue import JobQueue
from appliance.base.paths import DataFolder
from appliance.boot.house import MIGRATIONS
from appliance.boot.listening import host_in_address
from appliance.boot.secret_commands import safes_of
from appliance.boot.settings import Settings, process_environment
from appliance.chat.examples import Examples
from appliance.files import store as files_store
from appliance.files.jobs import PurgeOrders


@dataclass(frozen=True)
class BoxAccounts:
    """What commands about people work with.

    Attributes:
        accounts: Of this box; not started.
        examples: Conversations for trying out.
        address: Where the pages of this box are, or would be.
    """

    accounts: Accounts
    examples: Examples
    address: str


@contextmanager
def box_accounts(settings: Settings) -> Iterator[BoxAccounts]:
    """Give the accounts of this box; a running one notices what is changed within seconds.

    Raises:
        SettingError: If the data folder or the keys cannot be used.
    """
    folder = DataFolder(settings.data_dir)
    folder.make()
    clock = SystemClock()
    ids = SystemIds(clock)
    with ExitStack() as open_things:
        # Beside a running Nodo the tables are as it has made them.
        is_alone = _claimed(folder, open_things)
        database = _opened(settings, folder)
        open_things.callback(database.close)
        if is_alone:
            is_sqlite = settings.database_url is None
            migrate(
                database,
                MIGRATIONS,
                applied_at=clock.now(),
                copy_to=folder.backups,
                sqlite_file=folder.database if is_sqlite else None,
            )
        keys = open_keys(database, folder.secrets, ids, safes_of(process_environment()))
        accounts = build_accounts(
            AccountsPlan(folder.secrets, language=settings.language, version=__version__),
            keys=keys,
            audit=AuditLog(key=keys.derived("audit log"), clock=clock, ids=ids),
            events=Events(),
            database=database,
            clock=clock,
            ids=ids,
            announce_code=lambda _code: None,
        )
        order_purge = PurgeOrders(JobQueue(clock, ids))
        yield BoxAccounts(
            accounts=accounts,
            examples=Examples(
                release_files=lambda tx, file_ids: _release(tx, file_ids, order_purge),
                clock=clock,
                ids=ids,
            ),
            address=_address(settings, folder, is_running=not is_alone),
        )


def _claimed(folder: DataFolder, open_things: ExitStack) -> bool:
    """Return whether no Nodo runs on this folder; then none starts until the command ends."""
    try:
        open_things.callback(Instance.claim(folder.root).release)
    except ConflictError:
        return False
    return True


def _opened(settings: Settings, folder: DataFolder) -> Database:
    if settings.database_url is not None:
        return open_postgresql(settings.database_url.reveal())
    return open_sqlite(folder.database)


def _release(tx: Transaction, file_ids: Sequence[str], order_purge: PurgeOrders) -> None:
    if file_ids and files_store.delete_files(tx.connection, file_ids):
        order_purge(tx)


def _address(settings: Settings, folder: DataFolder, *, is_running: bool) -> str:
    running = find_running(folder.root) if is_running else None
    told = running.address if running is not None else ""
    return told or f"http://{host_in_address(settings.host)}:{settings.port}"
