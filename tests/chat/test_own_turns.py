"""One answer at a time per person, in the order in which they were asked for."""

import asyncio

from appliance.chat.own_turns import OwnTurns
from tests.waiting import until


class Visit:
    """One answer in a line."""

    def __init__(self, turns: OwnTurns, owner_id: str) -> None:
        self.ahead: list[int] = []
        self.is_in = False
        self.leave = asyncio.Event()
        self.task = asyncio.create_task(self._run(turns, owner_id))

    async def _run(self, turns: OwnTurns, owner_id: str) -> None:
        async with turns.turn(owner_id, self.ahead.append):
            self.is_in = True
            await self.leave.wait()


async def test_the_second_and_third_wait_and_are_told_their_place() -> None:
    turns = OwnTurns()
    first, second, third = (Visit(turns, "ana") for _ in range(3))
    await until(lambda: third.ahead)

    first.leave.set()
    await until(lambda: second.is_in and third.ahead[-1] == 1)

    assert (second.ahead, third.ahead, third.is_in) == ([1], [2, 1], False)
    second.leave.set()
    third.leave.set()
    await asyncio.gather(first.task, second.task, third.task)


async def test_one_that_is_cancelled_while_it_waits_leaves_the_line() -> None:
    turns = OwnTurns()
    first, second, third = (Visit(turns, "ana") for _ in range(3))
    await until(lambda: third.ahead)

    second.task.cancel()
    await until(lambda: third.ahead[-1] == 1)
    first.leave.set()
    await until(lambda: third.is_in)

    assert not second.is_in
    third.leave.set()
    await asyncio.gather(first.task, third.task)


async def test_people_do_not_wait_for_each_other() -> None:
    turns = OwnTurns()
    hers, his = Visit(turns, "ana"), Visit(turns, "luis")

    await until(lambda: hers.is_in and his.is_in)

    assert (hers.ahead, his.ahead) == ([], [])
    hers.leave.set()
    his.leave.set()
    await asyncio.gather(hers.task, his.task)
