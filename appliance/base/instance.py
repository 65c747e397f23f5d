"""One running Nodo per data folder: the second one is told where the first one is."""

import contextlib
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from appliance.base.errors import ConflictError, SettingError

_LOCK, _RUNTIME = "lock", "runtime.json"


@dataclass(frozen=True)
class Runtime:
    """What the running program tells other programs of the same box.

    Attributes:
        pid: Its process.
        host: Where its local door listens; empty until it does.
        port: Its local door's port; 0 until it listens.
    """

    pid: int
    host: str = ""
    port: int = 0

    @property
    def address(self) -> str:
        """Return the address for a browser on this computer; empty until it listens."""
        return f"http://{self.host}:{self.port}" if self.port else ""


class Instance:
    """The right to use a data folder; the system takes it back when the process ends, however."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self._folder = folder
        self._descriptor: int | None = descriptor

    @classmethod
    def claim(cls, folder: Path) -> "Instance":
        """Return the right to use this folder, for as long as this process lives.

        Raises:
            ConflictError: If another process has it.
            SettingError: If the folder is on a file system without locks, or takes no files.
        """
        try:
            # Not inheritable (the default of os.open): a child that outlives us must not keep it.
            descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unwritable(folder / _LOCK, error) from error
        try:
            is_ours = _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise SettingError(
                f"The data folder cannot be locked: {error.strerror}.",
                hint="Put it on a disk of this computer; some network drives know no locks.",
            ) from error
        if not is_ours:
            os.close(descriptor)
            raise _taken(find_running(folder))
        instance = cls(folder, descriptor)
        try:
            instance._write(Runtime(os.getpid()))
        except OSError as error:
            instance.release()
            raise _unwritable(folder / _RUNTIME, error) from error
        return instance

    def announce(self, *, host: str, port: int) -> None:
        """Tell other programs of this box where the local door is."""
        self._write(Runtime(os.getpid(), host, port))

    def release(self) -> None:
        """Give the folder free; harmless the second time."""
        if self._descriptor is None:
            return
        # The lock file stays: whoever removed it could remove a lock that another one holds.
        (self._folder / _RUNTIME).unlink(missing_ok=True)
        _unlock(self._descriptor)
        os.close(self._descriptor)
        self._descriptor = None

    def _write(self, runtime: Runtime) -> None:
        partial = self._folder / f"{_RUNTIME}.part"
        partial.write_text(json.dumps(asdict(runtime)), encoding="utf-8")
        partial.replace(self._folder / _RUNTIME)


def find_running(folder: Path) -> Runtime | None:
    """Return what the last program with this folder told; it may have died since."""
    try:
        told: Any = json.loads((folder / _RUNTIME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(told, dict):
        return None
    facts = cast("dict[str, Any]", told)
    with contextlib.suppress(KeyError, TypeError, ValueError):
        return Runtime(int(facts["pid"]), str(facts["host"]), int(facts["port"]))
    return None


def _taken(running: Runtime | None) -> ConflictError:
    where = "" if running is None else f" as process {running.pid}"
    if running is not None and running.address:
        where += f" at {running.address}"
    return ConflictError(
        f"Nodo runs already on this data folder{where}.",
        code="already_running",
        hint="Use that one, stop it first, or give this one another folder (NODO_DATA_DIR).",
    )


def _unwritable(file: Path, error: OSError) -> SettingError:
    return SettingError(
        f"{file} cannot be written: {error.strerror}.",
        hint="Free some space if the disk is full. If another user (root, perhaps) ran Nodo on "
        "this folder, give its files back to the one who runs it now.",
    )


def _lock(descriptor: int) -> bool:
    if sys.platform == "win32":
        return _lock_windows(descriptor)
    import fcntl  # noqa: PLC0415 - not there on Windows.

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlock(descriptor: int) -> None:
    if sys.platform == "win32":
        return  # Closing is enough there.
    import fcntl  # noqa: PLC0415 - not there on Windows.

    # Not only by closing: a child that is just being started has a copy for an instant.
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def _lock_windows(descriptor: int) -> bool:
    import msvcrt  # noqa: PLC0415 - only there on Windows.

    locking: Any = msvcrt
    try:
        locking.locking(descriptor, locking.LK_NBLCK, 1)
    except PermissionError:
        return False
    return True
