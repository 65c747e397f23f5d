"""`nodo secrets …`: where the keys of this box lie, and whether they can be read."""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path

from appliance.accounts.key_places import Place, Safes, find_placed_keys, place_of
from appliance.accounts.keys import FILE_NAME
from appliance.accounts.system_keyring import SystemKeyring
from appliance.base.errors import SettingError
from appliance.base.paths import DataFolder
from appliance.boot.settings import Settings, process_environment

_SESSION_BUS = "DBUS_SESSION_BUS_ADDRESS"
_SENTENCES: Mapping[Place | None, str] = {
    None: "No keys yet: they are made at the first start.",
    Place.CREDENTIAL: "The keys come as a credential of the service, from systemd.",
    Place.KEYRING: "The keys lie in the system's keyring.",
    Place.FILE: "The keys lie in the private file {file}.\n"
    "Whoever can read files of this user can read them: keep the disk encrypted, and its backups.",
}


def safes_of(environment: Mapping[str, str]) -> Safes:
    """Return what there is for keys beside the data folder."""
    credentials = environment.get("CREDENTIALS_DIRECTORY")
    # Without a session there is no keyring on Linux; looking for one takes part of a second.
    has_keyring = sys.platform != "linux" or _SESSION_BUS in environment
    return Safes(
        credentials=Path(credentials) if credentials else None,
        keyring=SystemKeyring() if has_keyring else None,
    )


def secrets_status(settings: Settings, arguments: argparse.Namespace) -> int:
    """Print where the keys lie; return 1 if they cannot be read."""
    folder, safes = DataFolder(settings.data_dir).secrets, safes_of(process_environment())
    place, fault = place_of(folder, safes), None
    try:
        find_placed_keys(folder, safes)
    except SettingError as error:
        fault = error
    if arguments.json:
        content = {
            "place": place and place.value,
            "is_readable": place is not None and fault is None,
            "fault": fault and fault.message,
        }
        print(json.dumps(content, ensure_ascii=False, indent=2))
    else:
        print(_SENTENCES[place].format(file=folder / FILE_NAME))
        if fault is not None:
            print(f"They cannot be used: {fault.message} {fault.hint}")
    return int(fault is not None)
