"""Where the keys of this box lie: with the service, in the system's keyring, or in a private file.

Whichever it was when they were made, it stays: a keyring that is locked today must not lead to a
second key, with which no password of yesterday would be right.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from appliance.accounts.keys import (
    FILE_NAME,
    Keys,
    find_keys,
    keys_of_text,
    make_keys,
    new_keys_text,
    write_private,
)
from appliance.base.errors import SettingError
from appliance.base.ids import Ids

CREDENTIAL = "nodo-keys"
MARKER_NAME = "keys-place.json"
_FORMAT = 1


class Place(StrEnum):
    """Where keys can lie."""

    CREDENTIAL = "credential"  # handed over by systemd (LoadCredential=, systemd.exec(5))
    KEYRING = "keyring"
    FILE = "file"


class Keyring(Protocol):
    """A keyring of the system, of the person who runs Nodo."""

    def find(self, name: str) -> str | None:
        """Return the secret of this name; None if there is none.

        Raises:
            SettingError: If the keyring is locked or not there.
        """
        ...

    def keep(self, name: str, secret: str) -> bool:
        """Return whether the secret is kept from now on; False if there is no keyring."""
        ...


@dataclass(frozen=True)
class Safes:
    """What there is beside the data folder.

    Attributes:
        credentials: Folder of the service's credentials; None outside of systemd.
        keyring: Of the system; None if it is not to be asked.
    """

    credentials: Path | None = None
    keyring: Keyring | None = None


FILE_ONLY = Safes()


def place_of(folder: Path, safes: Safes) -> Place | None:
    """Return where the keys of this box lie; None if there are none yet.

    Args:
        folder: Of secrets.
        safes: What there is beside it.

    Raises:
        SettingError: If the note of where they are is damaged.
    """
    if (folder / FILE_NAME).exists():
        return Place.FILE
    noted = _noted_place(folder)
    if noted is None and _credential(safes) is not None:
        return Place.CREDENTIAL
    return noted


def find_placed_keys(folder: Path, safes: Safes) -> Keys | None:
    """Return the keys of this box, wherever they lie; None if none were made yet.

    Raises:
        SettingError: If they should be there and cannot be read.
    """
    match place_of(folder, safes):
        case None:
            return None
        case Place.FILE:
            return find_keys(folder)
        case Place.CREDENTIAL:
            return _from_credential(folder, safes)
        case Place.KEYRING:
            return _from_keyring(folder, safes)


def make_placed_keys(folder: Path, ids: Ids, safes: Safes) -> Keys:
    """Return new keys, kept in the safest place that there is.

    Raises:
        OSError: If the folder cannot be written.
    """
    if safes.keyring is not None:
        text = new_keys_text(ids)
        keys = keys_of_text(text, "the keyring")
        name = _name_in_keyring(keys.box_id)
        # Read back: a keyring that only seems to keep secrets would cost all accounts.
        if safes.keyring.keep(name, text) and safes.keyring.find(name) == text:
            _note(folder, Place.KEYRING, keys.box_id)
            return keys
    return make_keys(folder, ids)


def _from_credential(folder: Path, safes: Safes) -> Keys:
    file = _credential(safes)
    if file is None:
        raise SettingError(
            f"The keys of this box come as the service's credential {CREDENTIAL!r}, "
            "which is not there.",
            hint="Start Nodo by its systemd unit with LoadCredential or LoadCredentialEncrypted. "
            "Nodo makes no second key: no password would be right with it.",
        )
    keys = keys_of_text(file.read_text(encoding="utf-8"), f"the credential {CREDENTIAL}")
    if _noted_place(folder) is None:
        _note(folder, Place.CREDENTIAL, keys.box_id)
    return keys


def _from_keyring(folder: Path, safes: Safes) -> Keys:
    text = None
    if safes.keyring is not None:
        text = safes.keyring.find(_name_in_keyring(_noted(folder)["box_id"]))
    if text is None:
        raise SettingError(
            "The keys of this box lie in the system's keyring, and are not to be found there.",
            hint="Start Nodo as the same user as before, signed in, with the keyring unlocked; or "
            f"bring secrets/{FILE_NAME} back from a backup. Nodo makes no second key: no password "
            "would be right with it.",
        )
    return keys_of_text(text, "the keyring")


def _credential(safes: Safes) -> Path | None:
    if safes.credentials is None:
        return None
    file = safes.credentials / CREDENTIAL
    return file if file.is_file() else None


def _name_in_keyring(box_id: str) -> str:
    return f"keys of box {box_id}"


def _note(folder: Path, place: Place, box_id: str) -> None:
    content = {"format": _FORMAT, "place": place.value, "box_id": box_id}
    write_private(folder / MARKER_NAME, json.dumps(content) + "\n")


def _noted_place(folder: Path) -> Place | None:
    if not (folder / MARKER_NAME).exists():
        return None
    return Place(_noted(folder)["place"])


def _noted(folder: Path) -> dict[str, str]:
    file = folder / MARKER_NAME
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        place, box_id = Place(values["place"]), str(values["box_id"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingError(
            f"The file secrets/{MARKER_NAME}, which says where the keys are, cannot be read or "
            "is damaged.",
            hint="Bring it back from a backup.",
        ) from error
    return {"place": place.value, "box_id": box_id}
