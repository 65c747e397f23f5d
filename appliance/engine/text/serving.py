"""One process of the engine at work, from its first order until it ends or must be given up."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from appliance.base.clock import Clock
from appliance.base.errors import TooLargeError
from appliance.base.process.child import Child, ChildGoneError
from appliance.engine.text.frames import Frame
from appliance.engine.text.pulse import Pulse, Vitals, vitals_of

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.5
# If a look comes so late, it was us who stood still (a suspended computer), not the child.
_LATE_LOOK_S = 3.0
_END_WAIT_S = 0.5
_STOP_GRACE_S = 2.0
_NOTHING_DONE = Vitals(cpu_s=0.0, read_bytes=0, is_stopped=False)


class Serving:
    """The conversation with one child. `run` returns when it is over."""

    def __init__(
        self,
        child: Child,
        *,
        clock: Clock,
        pause: Callable[[float], Awaitable[None]],
        has_work: Callable[[], bool],
    ) -> None:
        """Begin with a child that was just started.

        Args:
            child: The process.
            clock: For its silence.
            pause: Waits the given seconds.
            has_work: Whether the child owes anybody a word.
        """
        self.child = child
        self._clock = clock
        self._pause = pause
        self._has_work = has_work
        self._orders: asyncio.Queue[Frame] = asyncio.Queue()
        self._fault = ""
        now_s = clock.monotonic_s()
        self._pulse = Pulse(heard_s=now_s, worked_s=now_s, vitals=_NOTHING_DONE)

    def order(self, frame: Frame) -> None:
        """Send an order after those before it; without effect once the child has gone."""
        self._orders.put_nowait(frame)

    async def run(self, hear: Callable[[Frame], None]) -> str:
        """Return why the child's service is over, in a clause such as `killed by signal 9`.

        Args:
            hear: Takes each event of the child.
        """
        async with asyncio.TaskGroup() as group:
            sending = group.create_task(self._send_all())
            watching = group.create_task(self._watch())
            async for frame in self.child.messages():
                self._pulse = self._pulse.after_words(self._clock.monotonic_s())
                if not self._understood(frame, hear):
                    break
            sending.cancel()
            watching.cancel()
        return self._fault or await self._reason_of_end()

    async def end(self) -> None:
        """Return once the child is gone, even if we are cancelled meanwhile; seconds at most."""
        loop = asyncio.get_running_loop()
        stopping = loop.create_task(self.child.stop(grace_s=_STOP_GRACE_S))
        try:
            await asyncio.shield(stopping)
        except asyncio.CancelledError:
            await stopping
            raise

    def _understood(self, frame: Frame, hear: Callable[[Frame], None]) -> bool:
        """Return False, and kill the child, if it says what our engine never says."""
        try:
            hear(frame)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # A hostile model may have taken the child over; it must not take us along. Its words
            # may be people's, so only the kind of the error is logged.
            facts = {"child_pid": self.child.pid, "error": type(error).__name__}
            log.error("engine said nonsense", extra=facts)  # noqa: TRY400  # without its words
            self._give_up("said what the engine never says")
            return False
        return True

    async def _reason_of_end(self) -> str:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_WAIT_S):
                return (await self.child.wait()).reason
        return "closed its pipe"

    async def _send_all(self) -> None:
        with contextlib.suppress(ChildGoneError):
            while True:
                order = await self._orders.get()
                try:
                    await self.child.send(order)
                except TooLargeError:
                    # Whoever asked should have been refused; nobody else may suffer for it.
                    log.exception("order too large for the engine", extra={"do": order["do"]})

    async def _watch(self) -> None:
        """End, and kill the child, once it hangs."""
        looked_s = self._clock.monotonic_s()
        while True:
            await self._pause(_LOOK_EVERY_S)
            vitals = await asyncio.to_thread(vitals_of, self.child.pid)
            late_s = self._clock.monotonic_s() - looked_s
            looked_s += late_s
            if vitals is None:
                continue
            if late_s > _LATE_LOOK_S or not self._has_work():
                self._pulse = Pulse(heard_s=looked_s, worked_s=looked_s, vitals=vitals)
                continue
            self._pulse = self._pulse.after_look(vitals, looked_s)
            if self._pulse.hangs(looked_s):
                log.error("engine hangs", extra={"child_pid": self.child.pid})
                self._give_up("did not answer any more")
                return

    def _give_up(self, fault: str) -> None:
        self._fault = fault
        self.child.kill()
