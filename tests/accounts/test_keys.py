import os
import stat
from pathlib import Path

import pytest

from appliance.accounts.key_check import open_keys
from appliance.accounts.keys import Keys, find_keys, make_keys, own_signing_key
from appliance.accounts.migrations import MIGRATIONS
from appliance.base.database.database import Database
from appliance.base.errors import SettingError
from appliance.base.ids import SystemIds
from tests.accounts.house import ANA, Box, bearer
from tests.databases import migrated, sqlite_database
from tests.fakes.clock import ManualClock

IDS = SystemIds(ManualClock())


def test_keys_are_made_once_private_and_read_back(tmp_path: Path):
    made = make_keys(tmp_path, IDS)

    file = tmp_path / "keys.json"
    assert find_keys(tmp_path) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    assert min(len(key) for key in (made.signing_key, made.refresh_key, made.pepper)) >= 32


def test_keys_are_private_whatever_the_umask_says(tmp_path: Path):
    before = os.umask(0)
    try:
        make_keys(tmp_path, IDS)
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_two_boxes_have_different_keys(tmp_path: Path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = make_keys(tmp_path / "a", IDS), make_keys(tmp_path / "b", IDS)

    assert len({one.signing_key, one.refresh_key, one.pepper, other.signing_key}) == 4
    assert one.key_id != other.key_id


def test_keys_are_never_replaced(tmp_path: Path):
    made = make_keys(tmp_path, IDS)

    with pytest.raises(FileExistsError):
        make_keys(tmp_path, IDS)
    assert find_keys(tmp_path) == made


def test_what_a_crash_left_of_a_key_file_is_no_key(tmp_path: Path):
    (tmp_path / "keys.part").write_text('{"format": 1, "box')

    assert find_keys(tmp_path) is None
    assert make_keys(tmp_path, IDS) == find_keys(tmp_path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o666, 0o620])
def test_a_key_file_that_others_may_use_is_refused(tmp_path: Path, mode: int):
    make_keys(tmp_path, IDS)
    (tmp_path / "keys.json").chmod(mode)

    with pytest.raises(SettingError, match=f"mode {mode:04o}.*allowed is 0600") as caught:
        find_keys(tmp_path)

    assert "chmod 600 secrets/keys.json" in caught.value.hint


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_private_key_file_is_taken(tmp_path: Path, mode: int):
    made = make_keys(tmp_path, IDS)
    (tmp_path / "keys.json").chmod(mode)

    assert find_keys(tmp_path) == made


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        b"{}",
        b'{"format": 2}',
        b'{"format": 1, "box_id": "b", "signing_key": "short", "refresh_key": 1, "pepper": null}',
    ],
)
def test_a_damaged_key_file_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes):
    file = tmp_path / "keys.json"
    file.write_bytes(content)
    file.chmod(0o600)

    with pytest.raises(SettingError, match="cannot be read or is damaged"):
        find_keys(tmp_path)
    assert file.read_bytes() == content


def test_keys_do_not_show_themselves(tmp_path: Path):
    keys = make_keys(tmp_path, IDS)

    assert repr(keys) == f"Keys(box_id={keys.box_id!r})"
    assert keys.pepper.decode() not in f"{keys} {keys.key_id}"


@pytest.mark.parametrize("secret", ["", "12345", "x" * 31])
def test_a_short_jwt_secret_is_refused_with_the_reason(secret: str):
    with pytest.raises(SettingError, match=f"jwt_secret has {len(secret)} bytes; 32 or more"):
        own_signing_key(secret)


async def test_a_jwt_secret_of_five_bytes_stops_the_start(box: Box):
    box.jwt_secret = "12345"

    with pytest.raises(SettingError, match="has 5 bytes"):
        await box.running().__aenter__()


async def test_a_jwt_secret_signs_in_place_of_the_boxs_own_key(box: Box):
    async with box.running() as running:
        await running.set_up()
        with_own_key = await running.login()
    box.jwt_secret = "ñ" * 16
    async with box.running() as running:
        with_secret = await running.login()
        statuses = [
            await running.status_of_me(tokens["access_token"])
            for tokens in (with_own_key, with_secret)
        ]

    assert statuses == [401, 200]


async def test_tokens_of_another_box_open_nothing_even_with_the_same_secret(
    box: Box, tmp_path_factory: pytest.TempPathFactory
):
    box.jwt_secret = "the same secret on both boxes, oh no"
    async with box.running() as running:
        await running.set_up()
        here = await running.login()
    folder = tmp_path_factory.mktemp("other")
    elsewhere = Box(sqlite_database(folder), folder, jwt_secret=box.jwt_secret)
    async with elsewhere.running() as other:
        answer = await other.client.get("/auth/me", headers=bearer(here["access_token"]))
    elsewhere.database.close()

    assert answer.status_code == 401
    assert answer.json()["detail"] == "The access token is not one of this box."


def test_the_first_start_makes_keys_and_later_ones_find_them(database: Database, tmp_path: Path):
    migrated(database, MIGRATIONS)

    made = open_keys(database, tmp_path / "secrets", IDS)

    assert open_keys(database, tmp_path / "secrets", IDS) == made
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700


def test_before_anybody_has_an_account_lost_keys_are_made_anew(database: Database, tmp_path: Path):
    migrated(database, MIGRATIONS)
    made = open_keys(database, tmp_path, IDS)
    (tmp_path / "keys.json").unlink()

    anew = open_keys(database, tmp_path, IDS)

    assert anew != made
    assert open_keys(database, tmp_path, IDS) == anew


async def test_lost_keys_of_a_box_with_people_stop_the_start(box: Box):
    async with box.running() as running:
        await running.set_up()
    file = box.folder / "secrets" / "keys.json"
    kept = file.rename(box.folder / "kept.json")

    with pytest.raises(SettingError, match=r"keys\.json is missing, but people have accounts"):
        open_keys(box.database, file.parent, IDS)

    assert not file.exists()
    kept.rename(file)
    async with box.running() as running:
        assert (await running.login(ANA))["access_token"]


async def test_keys_of_another_box_stop_the_start(
    box: Box, tmp_path_factory: pytest.TempPathFactory
):
    async with box.running() as running:
        await running.set_up()
    others: Keys = make_keys(other := tmp_path_factory.mktemp("other"), IDS)

    with pytest.raises(SettingError, match="does not belong to this database"):
        open_keys(box.database, other, IDS)
    assert find_keys(other) == others
