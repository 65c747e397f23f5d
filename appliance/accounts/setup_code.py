"""The one-time code that proves that somebody sits at this box: set-up is for them only."""

import contextlib
import hmac
import logging
from collections.abc import Callable
from pathlib import Path

from appliance.accounts.keys import write_private
from appliance.base.clock import Clock
from appliance.base.errors import ForbiddenError
from appliance.base.ids import Ids

FILE_NAME = "setup-code"
VALID_S = 30 * 60.0
MOST_WRONG_TRIES = 5

log = logging.getLogger(__name__)


class SetupCode:
    """A code that is told to the person at the box, and replaced when it is old or guessed at.

    Args:
        folder: Where the code lies in a private file, for a box without a screen.
        clock: Its age is measured on the monotonic clock: setting the time changes nothing.
        ids: Makes codes.
        announce: Told every new code; prints it where Nodo was started.
    """

    def __init__(
        self, *, folder: Path, clock: Clock, ids: Ids, announce: Callable[[str], None]
    ) -> None:
        self._file = folder / FILE_NAME
        self._clock = clock
        self._ids = ids
        self._announce = announce
        self._code = ""
        self._made_at_s = 0.0
        self._wrong_tries = 0

    def renew_if_old(self) -> None:
        """Make and announce a code if there is none, or if it is older than 30 minutes."""
        if not self._code or self._clock.monotonic_s() - self._made_at_s >= VALID_S:
            self._renew()

    def check(self, typed: str) -> None:
        """Let the right code pass, typed in any case, with spaces and hyphens or without.

        Raises:
            ForbiddenError: If it is another one.
        """
        self.renew_if_old()
        came = "".join(typed.split()).replace("-", "").upper()
        if hmac.compare_digest(came.encode("utf-8", errors="replace"), self._code.encode()):
            return
        self._wrong_tries += 1
        tries_left = MOST_WRONG_TRIES - self._wrong_tries
        if tries_left <= 0:
            log.warning("set-up code replaced after wrong tries")
            self._renew()
        raise ForbiddenError(
            "The set-up code is wrong."
            if tries_left > 0
            else "The set-up code is wrong; a new one was made, because this was the last try.",
            code="setup_code_wrong",
            hint="It is shown where Nodo was started, and in the file secrets/setup-code of the "
            "data folder. It changes after 30 minutes and after 5 wrong tries.",
            field="code",
            tries_left=max(0, tries_left),
        )

    def withdraw(self) -> None:
        """Forget the code: the box is set up."""
        self._code = ""
        self._file.unlink(missing_ok=True)

    def _renew(self) -> None:
        self._code = self._ids.new_code()
        self._made_at_s = self._clock.monotonic_s()
        self._wrong_tries = 0
        self._write_file()
        self._announce(self._code)

    def _write_file(self) -> None:
        draft = self._file.with_suffix(".part")
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
        try:
            write_private(draft, self._code + "\n")
            draft.replace(self._file)
        except OSError:
            # A full disk: the code is announced all the same, so set-up goes on.
            log.warning("set-up code not written to its file", exc_info=True)
