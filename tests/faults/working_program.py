"""Does jobs until it is killed; tells each begin, each effect and each acknowledged end.

`working_program FILE MODE`: MODE `durable` is the product's own worker. MODE `forgetful` is the
negative control: it takes jobs out of the table when it claims them, as a queue in memory does.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from appliance.base.clock import SystemClock
from appliance.base.database.opening import open_sqlite
from appliance.base.database.transaction import Transaction
from appliance.base.ids import SystemIds
from appliance.base.jobs.queue import ClaimedJob, JobQueue
from appliance.base.jobs.registry import JobKind
from appliance.base.jobs.worker import Worker


def tell(word: str, n: object) -> None:
    """Write one line in one piece."""
    os.write(1, f"{word} {n}\n".encode())


async def note(payload: Mapping[str, object], attempt: int) -> None:
    """Take a moment, so that the kill may come in the middle."""
    tell("begun", payload["n"])
    await asyncio.sleep(0.002)


class TellingQueue(JobQueue):
    """Tells when the end of a job is committed."""

    def complete(self, tx: Transaction, job: ClaimedJob) -> bool:
        """Complete it."""
        is_ours = super().complete(tx, job)
        if is_ours:
            tx.after_commit(lambda: tell("ended", job.payload["n"]))
        return is_ours


class ForgetfulQueue(TellingQueue):
    """Forgets a job as soon as it is claimed."""

    def claim(
        self, tx: Transaction, free: Mapping[str, int], *, lease_s: float
    ) -> list[ClaimedJob]:
        """Claim them."""
        claimed = super().claim(tx, free, lease_s=lease_s)
        for job in claimed:
            JobQueue.complete(self, tx, job)
        return claimed


async def main() -> None:
    """Work on the file."""
    clock = SystemClock()
    kind = {"durable": TellingQueue, "forgetful": ForgetfulQueue}[sys.argv[2]]
    database = open_sqlite(Path(sys.argv[1]))
    queue = kind(clock, SystemIds(clock))
    worker = Worker(database, queue, [JobKind("note", note, 8, max_attempts=1000)], clock)
    await worker.run()


if __name__ == "__main__":
    asyncio.run(main())
