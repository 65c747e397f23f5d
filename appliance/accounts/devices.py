"""What somebody comes with, in a few words, and which devices a person has signed in with."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from appliance.accounts.model import User
from appliance.base.clock import Clock
from appliance.base.ids import Ids

COOKIE = "nodo_device"
KNOWN_FOR = timedelta(days=180)
_MOST_PEOPLE = 8
_LONGEST_COOKIE = 2048
_LONGEST_WORD = 24
# Browsers name those that they pretend to be as well: the more special ones come first.
_PROGRAMS: Mapping[str, str] = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS: Mapping[str, str] = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
_PROGRAM_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]*")


@dataclass(frozen=True)
class Visitor:
    """Who comes to the door, before anybody knows who it is.

    Attributes:
        address: Of the network; None if there is none.
        device: What they come with, in a few words; may be empty.
        device_cookie: What `KnownDevices` gave to this device; empty if nothing.
    """

    address: str | None = None
    device: str = ""
    device_cookie: str = ""


@dataclass(frozen=True)
class KnownDevice:
    """That somebody has signed in with a device.

    Attributes:
        device_id: Names it; one browser has one for all its people.
        user_id: Who.
        password_version: Of the password with which they signed in: it counts for that one only.
        expires_at_s: Unix time at which it is forgotten.
    """

    device_id: str
    user_id: str
    password_version: int
    expires_at_s: int


class KnownDevices:
    """Makes and reads the cookie by which a device is known: sealed, and kept nowhere else.

    Args:
        key: Of the seals.
        clock: Devices are forgotten after 180 days.
        ids: Names devices.
    """

    def __init__(self, key: bytes, *, clock: Clock, ids: Ids) -> None:
        self._key = key
        self._clock = clock
        self._ids = ids

    def find_device(self, cookie: str) -> str | None:
        """Return the id of the device if anybody has signed in with it; a seal is all it takes."""
        known = self._read(cookie)
        return known[0].device_id if known else None

    def find_known(self, cookie: str, user: User) -> KnownDevice | None:
        """Return that this person has signed in with this device by their present password."""
        for known in self._read(cookie):
            if (known.user_id, known.password_version) == (user.id, user.password_version):
                return known
        return None

    def renewed(self, cookie: str, user: User) -> str:
        """Return the cookie of a device with which this person has signed in just now."""
        others = [known for known in self._read(cookie) if known.user_id != user.id]
        device_id = self.find_device(cookie) or self._ids.new_id()
        expires_at_s = int((self._clock.now() + KNOWN_FOR).timestamp())
        mine = KnownDevice(device_id, user.id, user.password_version, expires_at_s)
        return "~".join(self._sealed(known) for known in [mine, *others[: _MOST_PEOPLE - 1]])

    def _read(self, cookie: str) -> list[KnownDevice]:
        if len(cookie) > _LONGEST_COOKIE or not cookie.isascii():
            return []
        now_s = self._clock.now().timestamp()
        found = [self._find(entry) for entry in cookie.split("~")[:_MOST_PEOPLE]]
        return [known for known in found if known is not None and now_s < known.expires_at_s]

    def _find(self, entry: str) -> KnownDevice | None:
        parts = entry.split(".")
        is_shaped = len(parts) == 5 and parts[2].isdecimal() and parts[3].isdecimal()  # noqa: PLR2004
        if not is_shaped:
            return None
        known = KnownDevice(parts[0], parts[1], int(parts[2]), int(parts[3]))
        return known if hmac.compare_digest(self._sealed(known), entry) else None

    def _sealed(self, known: KnownDevice) -> str:
        said = f"{known.device_id}.{known.user_id}.{known.password_version}.{known.expires_at_s}"
        seal = hmac.digest(self._key, f"nodo known device\n{said}".encode(), hashlib.sha256)
        return f"{said}.{base64.urlsafe_b64encode(seal).decode('ascii').rstrip('=')}"


def device_words(user_agent: str) -> str:
    """Return what a `User-Agent` says, such as `Chrome · Windows`; empty if nothing is in it."""
    program = next((word for mark, word in _PROGRAMS.items() if f"{mark}/" in user_agent), "")
    system = next((word for mark, word in _SYSTEMS.items() if mark in user_agent), "")
    if not program:
        named = _PROGRAM_NAME.match(user_agent.partition("/")[0])
        program = "" if named is None or system else named[0].strip()[:_LONGEST_WORD]
    return " · ".join(word for word in (program, system) if word)
