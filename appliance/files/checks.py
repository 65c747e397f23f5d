"""Whether files can be taken."""

import asyncio

from appliance.base.checks import CheckResult, CheckStatus
from appliance.files.blobs import Blobs


class FilesCheck:
    """Looks at the folder of the contents."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    async def check(self) -> CheckResult:
        """Return whether it can be written."""
        if await asyncio.to_thread(self._blobs.is_writable):
            return CheckResult("files", CheckStatus.OK)
        detail = "The folder of uploaded files cannot be written; check its rights."
        return CheckResult("files", CheckStatus.DEGRADED, detail)
