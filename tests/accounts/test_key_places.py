import json
from pathlib import Path

import pytest

from appliance.accounts.key_check import open_keys
from appliance.accounts.key_places import Place, Safes, find_placed_keys, make_placed_keys, place_of
from appliance.accounts.keys import FILE_NAME, make_keys, new_keys_text
from appliance.base.database.database import Database
from appliance.base.errors import SettingError
from appliance.base.ids import SystemIds
from tests.accounts.house import MIGRATIONS
from tests.databases import migrated
from tests.fakes.clock import ManualClock

IDS = SystemIds(ManualClock())


class FakeKeyring:
    """A keyring that can be locked, or forget."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.is_locked = False
        self.is_forgetful = False

    def find(self, name: str) -> str | None:
        if self.is_locked:
            raise SettingError("The system's keyring is locked or does not answer.")
        return self.kept.get(name)

    def keep(self, name: str, secret: str) -> bool:
        if self.is_locked:
            return False
        if not self.is_forgetful:
            self.kept[name] = secret
        return True


def test_with_a_keyring_the_keys_lie_there_and_not_in_a_file(tmp_path: Path):
    safes = Safes(keyring=FakeKeyring())

    made = make_placed_keys(tmp_path, IDS, safes)

    assert find_placed_keys(tmp_path, safes) == made
    assert place_of(tmp_path, safes) is Place.KEYRING
    assert not (tmp_path / FILE_NAME).exists()
    assert made.pepper.decode() not in (tmp_path / "keys-place.json").read_text()


def test_without_a_keyring_the_keys_lie_in_a_private_file(tmp_path: Path):
    made = make_placed_keys(tmp_path, IDS, Safes())

    assert find_placed_keys(tmp_path, Safes()) == made
    assert place_of(tmp_path, Safes()) is Place.FILE
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_keyring_that_only_seems_to_keep_secrets_is_not_trusted(tmp_path: Path):
    keyring = FakeKeyring()
    keyring.is_forgetful = True

    make_placed_keys(tmp_path, IDS, Safes(keyring=keyring))

    assert place_of(tmp_path, Safes()) is Place.FILE


def test_keys_in_a_file_stay_valid_when_there_is_a_keyring_later(tmp_path: Path):
    made = make_keys(tmp_path, IDS)
    keyring = FakeKeyring()

    assert find_placed_keys(tmp_path, Safes(keyring=keyring)) == made
    assert keyring.kept == {}


@pytest.mark.parametrize("what", ["locked", "gone", "emptied"])
def test_a_keyring_that_is_locked_later_leads_to_no_second_key(
    database: Database, tmp_path: Path, what: str
):
    keyring = FakeKeyring()
    migrated(database, MIGRATIONS)
    made = open_keys(database, tmp_path, IDS, Safes(keyring=keyring))
    kept = dict(keyring.kept)
    keyring.is_locked = what == "locked"
    if what == "emptied":
        keyring.kept.clear()

    with pytest.raises(SettingError, match="keyring"):
        open_keys(database, tmp_path, IDS, Safes() if what == "gone" else Safes(keyring=keyring))

    keyring.is_locked, keyring.kept = False, kept
    assert not (tmp_path / FILE_NAME).exists()
    assert open_keys(database, tmp_path, IDS, Safes(keyring=keyring)) == made


def test_a_service_may_bring_the_keys_as_its_credential(tmp_path: Path):
    folder, credentials = tmp_path / "secrets", tmp_path / "credentials"
    folder.mkdir()
    credentials.mkdir()
    (credentials / "nodo-keys").write_text(new_keys_text(IDS))

    keys = find_placed_keys(folder, Safes(credentials=credentials))

    assert keys is not None
    with pytest.raises(SettingError, match="credential"):
        find_placed_keys(folder, Safes())


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"place": "moon", "box_id": "x"}', "\x00"])
def test_a_damaged_note_of_where_the_keys_are_ends_in_a_sentence(tmp_path: Path, content: str):
    (tmp_path / "keys-place.json").write_text(content)

    with pytest.raises(SettingError, match=r"keys-place\.json"):
        find_placed_keys(tmp_path, Safes())


def test_the_note_says_which_box_and_no_more(tmp_path: Path):
    made = make_placed_keys(tmp_path, IDS, Safes(keyring=FakeKeyring()))

    note = json.loads((tmp_path / "keys-place.json").read_text())
    assert note == {"format": 1, "place": "keyring", "box_id": made.box_id}
