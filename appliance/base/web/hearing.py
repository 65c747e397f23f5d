"""Working only for who listens: work ends when its client has gone or may not listen any more."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.types import Receive, Scope

if TYPE_CHECKING:
    from appliance.base.identity import Identity
    from appliance.base.web.access import OpenAccess

BEAT_S = 10.0

Made = TypeVar("Made")
Beat = Callable[[], Awaitable[None]]


class AccessEndedError(Exception):
    """Whoever listens may not listen any more."""


class ClientGoneError(Exception):
    """Nobody listens any more."""


async def while_heard(
    scope: Scope,
    receive: Receive,
    work: Coroutine[Any, Any, Made],
    *,
    beat: Beat | None = None,
    beat_s: float = BEAT_S,
) -> Made:
    """Return what the work makes; it is cancelled where it waits when nobody listens any more.

    Args:
        scope: Of the request; the access of whoever asked is watched by `app.state.open_access`.
        receive: Of the request, whose body has been read.
        work: What is done for the client.
        beat: Called every `beat_s`.
        beat_s: Seconds between two beats.

    Raises:
        ClientGoneError: If the client has gone.
        AccessEndedError: If it is there, but its access has ended.
    """
    try:
        async with asyncio.TaskGroup() as group:
            watching = [
                group.create_task(_watch_client(receive, beat, beat_s)),
                group.create_task(_watch_access(scope)),
            ]
            made = await work
            for task in watching:
                task.cancel()
            return made
    except BaseExceptionGroup as failures:
        raise _foremost(failures) from failures
    finally:
        # If it was ended before it began.
        work.close()


async def _watch_client(receive: Receive, beat: Beat | None, beat_s: float) -> None:
    while True:
        try:
            async with asyncio.timeout(beat_s):
                message = await receive()
        except TimeoutError:
            if beat is not None:
                await beat()
            continue
        if message["type"] == "http.disconnect":
            raise ClientGoneError


async def _watch_access(scope: Scope) -> None:
    """Wait until the access of whoever asked ends; without anybody, do nothing."""
    access: OpenAccess | None = getattr(
        getattr(scope.get("app"), "state", None), "open_access", None
    )
    # Where `identity_of` left it.
    identity: Identity | None = scope.get("state", {}).get("identity")
    if access is None or identity is None:
        return
    with access.held(identity) as ended:
        await ended.wait()
    raise AccessEndedError


def _foremost(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the one failure to go by: the group is our own business."""
    ended, others = failures.split(AccessEndedError)
    _, others = others.split(ClientGoneError) if others else (None, None)
    if others is not None:
        return _single(others)
    return AccessEndedError() if ended is not None else ClientGoneError()


def _single(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _single(first) if isinstance(first, BaseExceptionGroup) else first
