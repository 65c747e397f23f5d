"""A real Nodo in a process of its own, as a user starts it: for tests from outside."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import httpx

from tests.waiting import until_now

ROOT = Path(__file__).resolve().parents[2]
OWNER = {
    "email": "ana@taller.example",
    "name": "Ana",
    "password": "una puerta verde y 7 gatos",
    "language": "es",
}
START_LIMIT_S = 60


class Nodo:
    """One running Nodo.

    Attributes:
        url: Where it answers, without a slash at the end.
        output: All lines that it has printed so far.
    """

    def __init__(self, data_folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.data_folder = data_folder
        self.output: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "appliance", "serve"],
            cwd=ROOT,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith("NODO_")},
                "NODO_DATA_DIR": str(data_folder),
                "NODO_PORT": "0",
                # It would start a second process to measure with, and load the model once more.
                "NODO_ENGINE_REPACK": "off",
                # The keyring of whoever runs the tests is none of their business.
                "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
                **(environment or {}),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        until_now(
            lambda: self.match(r"http://\S+") or self._process.poll() is not None,
            within_s=START_LIMIT_S,
            what="Nodo's address on its output",
        )
        found = self.match(r"(http://[\d.:]+)")
        if not found:
            self.kill()
            raise AssertionError("\n".join(self.output))
        self.url = found.group(1)

    @property
    def pid(self) -> int:
        """Return the id of the web process."""
        return self._process.pid

    def match(self, pattern: str) -> re.Match[str] | None:
        """Return the first match in what was printed so far."""
        return re.search(pattern, "\n".join(self.output))

    def setup_code(self) -> str:
        """Return the one-time code that it printed."""
        until_now(lambda: self.match(r"#code=(\w{8})"), within_s=10, what="the set-up code")
        found = self.match(r"#code=(\w{8})")
        assert found, "\n".join(self.output)
        return found.group(1)

    def set_up(self, client: httpx.Client) -> dict[str, str]:
        """Make the owner; return the headers of a signed-in program."""
        answer = client.post(f"{self.url}/setup", json={"code": self.setup_code(), **OWNER})
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def sign_in(self, client: httpx.Client) -> dict[str, str]:
        """Sign the owner in; return the headers of a signed-in program."""
        answer = client.post(
            f"{self.url}/auth/login",
            json={"email": OWNER["email"], "password": OWNER["password"]},
        )
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self._process.kill()
        self._process.wait()
        self._close()

    def stop(self) -> int:
        """Ask it to end, as Ctrl-C does; return its exit status."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)
        try:
            status = self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        self._close()
        return status

    def _read(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self.output.append(line.rstrip("\n"))

    def _close(self) -> None:
        # The engine's process may hold the pipe a moment longer than its parent.
        self._reader.join(timeout=10)
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextlib.contextmanager
def running_nodo(data_folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[Nodo]:
    """Give a running Nodo; it is stopped afterwards."""
    nodo = Nodo(data_folder, environment)
    try:
        yield nodo
    finally:
        nodo.stop()
