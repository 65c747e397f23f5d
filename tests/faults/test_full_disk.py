"""A full disk under a running box: said in words, nothing lost, over when there is room again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.streams import ask
from tests.servers.nodo import Nodo, running_nodo

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root on Linux")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)], check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this machine does not let tests mount a small disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fill the disk to the last byte."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(b"x" * 4096)
        except OSError:
            return ballast


def history(client: httpx.Client, nodo: Nodo, headers: dict[str, str]) -> list[str]:
    """Return the titles of all conversations."""
    items = client.get(f"{nodo.url}/conversations", headers=headers).json()["items"]
    return [item["title"] for item in items]


def test_a_full_disk_is_a_507_reading_goes_on_and_room_heals_it(small_disk: Path) -> None:
    with running_nodo(small_disk) as nodo, httpx.Client(timeout=30) as client:
        headers = nodo.set_up(client)
        ask(client, nodo.url, headers, "Hola, antes")
        before = history(client, nodo, headers)
        ballast = fill(small_disk)
        refused = None
        # The write-ahead log may still have some room of its own.
        for _ in range(60):
            answer = client.post(
                f"{nodo.url}/conversations", json={"title": "x" * 60}, headers=headers
            )
            if answer.status_code != 201:
                refused = answer
                break
        while_full = history(client, nodo, headers)
        ballast.unlink()
        after = ask(client, nodo.url, headers, "Hola, después")

    assert refused is not None
    assert refused.status_code == 507
    assert refused.json()["code"] == "storage_full"
    assert before[0] in while_full
    assert after[-1].event == "done"
