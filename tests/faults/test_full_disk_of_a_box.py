"""A whole box on a disk that gets full."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.faults.disks import fill, small_disk
from tests.servers.nodo import OWNER, Nodo, running_nodo
from tests.waiting import until_now

_DISK_BYTES = 160 * 1024 * 1024
_GIVEN_UP = "the disk is full, the reserve was given up"
_CREDENTIALS = {"email": OWNER["email"], "password": OWNER["password"]}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", _DISK_BYTES) as folder:
        yield folder


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as opened:
        yield opened


def _prepared(box: Nodo, disk: Path, client: httpx.Client) -> dict[str, str]:
    """Set the box up and let it make its reserve; return who is signed in."""
    owner = box.set_up(client)
    until_now((disk / "data" / "reserve").exists, within_s=15)
    return owner


def _sign_in(box: Nodo, client: httpx.Client) -> httpx.Response:
    return client.post(f"{box.url}/auth/login", json=_CREDENTIALS)


def _is_disk_down(box: Nodo, client: httpx.Client) -> bool:
    checks = client.get(f"{box.url}/health").json()["checks"]
    return {"name": "disk", "status": "down"} in checks


def test_on_a_full_disk_people_sign_in_and_tidy_up_but_begin_nothing(
    disk: Path, client: httpx.Client
) -> None:
    with running_nodo(disk / "data") as box:
        owner = _prepared(box, disk, client)
        made = client.post(f"{box.url}/conversations", json={"title": "Old"}, headers=owner)
        fill(disk / "filler")

        signed_in = _sign_in(box, client)
        asked = client.post(f"{box.url}/chat", json={"message": "Hola"}, headers=owner)
        deleted = client.delete(f"{box.url}/conversations/{made.json()['id']}", headers=owner)

        assert (signed_in.status_code, deleted.status_code) == (200, 204)
        assert (asked.status_code, asked.json()["code"]) == (507, "storage_full")
        until_now(lambda: _is_disk_down(box, client), within_s=5)
        log = disk / "data" / "logs" / "nodo.log"
        until_now(lambda: _GIVEN_UP in log.read_text(encoding="utf-8"), within_s=10)

        (disk / "filler").unlink()
        until_now((disk / "data" / "reserve").exists, within_s=25)
        asked = client.post(f"{box.url}/chat", json={"message": "Hola"}, headers=owner)
        assert asked.status_code == 200


def test_a_box_starts_on_a_full_disk_and_lets_its_owner_in(
    disk: Path, client: httpx.Client
) -> None:
    with running_nodo(disk / "data") as box:
        _prepared(box, disk, client)
    fill(disk / "filler")

    with running_nodo(disk / "data") as box:
        assert _sign_in(box, client).status_code == 200


def test_without_the_reserve_nobody_could_sign_in(disk: Path, client: httpx.Client) -> None:
    # The negative control: it is the reserve that makes the difference.
    with running_nodo(disk / "data") as box:
        _prepared(box, disk, client)
        (disk / "data" / "reserve").unlink()
        fill(disk / "filler")

        assert _sign_in(box, client).status_code == 507
