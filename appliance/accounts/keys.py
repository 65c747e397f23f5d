"""The secret keys of this box: one private file, made once, never replaced silently."""

import hashlib
import hmac
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from appliance.accounts.tokens import SHORTEST_KEY_BYTES
from appliance.base.errors import SettingError
from appliance.base.ids import Ids

FILE_NAME = "keys.json"
_FORMAT = 1
_PRIVATE_MODE = 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Keys:
    """What this box signs, seals and hashes with.

    Attributes:
        box_id: Name of this box in tokens; not a secret.
        signing_key: For access tokens.
        refresh_key: For refresh tokens.
        pepper: For the pre-hash of passwords.
    """

    box_id: str
    signing_key: bytes
    refresh_key: bytes
    pepper: bytes

    @property
    def key_id(self) -> str:
        """Return a name for these keys, to be kept in the database; it tells nothing of them."""
        digest = hmac.new(self.pepper, self.refresh_key + self.box_id.encode(), hashlib.sha256)
        return digest.hexdigest()[:32]

    def derived(self, purpose: str) -> bytes:
        """Return 32 bytes for one purpose, which tell nothing of these keys or of other ones."""
        return hmac.digest(self.pepper, f"nodo key: {purpose}".encode(), hashlib.sha256)

    def __repr__(self) -> str:
        return f"Keys(box_id={self.box_id!r})"


def find_keys(folder: Path) -> Keys | None:
    """Return the keys in the folder of secrets; None if none were made yet.

    Raises:
        SettingError: If others may read the file, or if it is damaged.
    """
    file = folder / FILE_NAME
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(_named(file)) from error
    _refuse_readable_by_others(file)
    return keys_of_text(text, _named(file))


def make_keys(folder: Path, ids: Ids) -> Keys:
    """Return new keys, safely on disk in a file that only this user may read.

    Raises:
        FileExistsError: If there are keys already.
        OSError: If the folder cannot be written.
    """
    file = folder / FILE_NAME
    content = new_keys_text(ids)
    # Complete before it gets its name: a power cut must not leave half a key file behind.
    draft = file.with_suffix(".part")
    draft.unlink(missing_ok=True)
    write_private(draft, content)
    _named_once(draft, file)
    return keys_of_text(content, _named(file))


def new_keys_text(ids: Ids) -> str:
    """Return new keys as the text that is kept."""
    content = {
        "format": _FORMAT,
        "box_id": ids.new_id(),
        "signing_key": ids.new_secret(),
        "refresh_key": ids.new_secret(),
        "pepper": ids.new_secret(),
    }
    return json.dumps(content, indent=2) + "\n"


def write_private(file: Path, text: str) -> None:
    """Write a new file, on disk when this returns, that only this user may read.

    Raises:
        FileExistsError: If the file is there already.
        OSError: If it cannot be written.
    """
    descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())


def own_signing_key(secret: str) -> bytes:
    """Return the signing key of the setting `jwt_secret`.

    Raises:
        SettingError: If it is too short to be safe.
    """
    key = secret.encode("utf-8", errors="surrogateescape")
    if len(key) < SHORTEST_KEY_BYTES:
        raise SettingError(
            f"jwt_secret has {len(key)} bytes; {SHORTEST_KEY_BYTES} or more are needed.",
            hint="Set 32 or more random characters, or leave it out: Nodo then makes its own key.",
        )
    return key


def _named_once(draft: Path, file: Path) -> None:
    # A link, unlike a renaming, fails if somebody else has made keys in the meantime.
    try:
        file.hardlink_to(draft)
    except FileExistsError:
        draft.unlink()
        raise
    except OSError:  # A file system without hard links, such as exFAT.
        if file.exists():
            raise
        draft.rename(file)
    draft.unlink(missing_ok=True)
    if os.name != "nt":
        descriptor = os.open(file.parent, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def _refuse_readable_by_others(file: Path) -> None:
    if os.name == "nt":
        return  # Windows keeps a person's folder private by other means than these bits.
    mode = stat.S_IMODE(file.stat().st_mode)
    if mode & _OTHERS:
        raise SettingError(
            f"Other users of this computer may use the key file {file.name} (mode {mode:04o}); "
            "allowed is 0600.",
            hint=f"Run: chmod 600 secrets/{file.name} in the data folder, then start Nodo again.",
        )


def keys_of_text(text: str, place: str) -> Keys:
    """Return the keys of a text that was kept.

    Args:
        text: As `new_keys_text` makes it.
        place: Where it was, for the refusal.

    Raises:
        SettingError: If it is damaged.
    """
    try:
        values: object = json.loads(text)
    except ValueError as error:
        raise _damaged(place) from error
    if not isinstance(values, dict) or values.get("format") != _FORMAT:
        raise _damaged(place)
    names = ("box_id", "signing_key", "refresh_key", "pepper")
    found = [values.get(name) for name in names]
    box_id, signing_key, refresh_key, pepper = [
        value if isinstance(value, str) else "" for value in found
    ]
    keys = Keys(box_id, signing_key.encode(), refresh_key.encode(), pepper.encode())
    is_whole = all(
        len(key) >= SHORTEST_KEY_BYTES for key in (keys.signing_key, keys.refresh_key, keys.pepper)
    )
    if not is_whole or not box_id:
        raise _damaged(place)
    return keys


def _named(file: Path) -> str:
    return f"the key file secrets/{file.name}"


def _damaged(place: str) -> SettingError:
    return SettingError(
        f"{place[0].upper()}{place[1:]} cannot be read or is damaged.",
        hint="Bring it back from a backup. If nobody has an account on this box yet, delete it.",
    )
