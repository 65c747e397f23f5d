from collections.abc import Awaitable, Callable

import pytest
import uvloop

from tests.base.process import test_child as on_asyncio


@pytest.mark.parametrize(
    "behaviour",
    [
        on_asyncio.test_messages_go_there_and_come_back,
        on_asyncio.test_a_program_that_is_not_there_is_reported,
        on_asyncio.test_a_crash_gives_its_code_and_ends_the_messages,
        on_asyncio.test_a_killed_child_gives_its_signal,
        on_asyncio.test_sending_to_a_child_that_is_gone_says_so,
        on_asyncio.test_sending_to_a_child_that_dies_meanwhile_says_so,
        on_asyncio.test_a_hanging_child_is_told_to_end_when_its_grace_is_over,
        on_asyncio.test_a_child_that_ignores_sigterm_is_killed,
        on_asyncio.test_grandchildren_end_with_the_child_and_do_not_hold_its_messages_open,
        on_asyncio.test_a_stop_that_is_cancelled_still_kills_the_child,
    ],
)
def test_the_servers_event_loop_owns_children_the_same_way(
    behaviour: Callable[[], Awaitable[None]],
):
    async def run() -> None:
        await behaviour()

    uvloop.run(run())
