"""The chain as a text engine: this box's own, and whoever else the owner lets answer."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Protocol

from appliance.base.clock import Clock
from appliance.base.errors import (
    ApplianceError,
    EngineUnavailableError,
    InvalidValueError,
    TooManyRequestsError,
)
from appliance.engine.providers.chain import Next, candidates, shortened, step_after
from appliance.engine.providers.habits import cost_eur
from appliance.engine.providers.model import (
    LOCAL,
    Fault,
    Habits,
    Provider,
    ProviderFaultError,
    Roster,
)
from appliance.engine.providers.standings import Standings
from appliance.engine.providers.wire import End, Told
from appliance.engine.text.model import (
    Finished,
    Origin,
    Piece,
    Queued,
    TextEvent,
    TextRequest,
    Thought,
    ToolCalled,
    Writing,
)
from appliance.engine.text.port import EngineState, TextEngine

_PAUSE_S = 0.3
# What is told of a provider that is left alone for now, beside the faults.
_RESTING = "resting"
# Faults of one box that cost no time: its neighbour may be asked as well.
_SAID_AT_ONCE = (Fault.CONFIG.value, Fault.OVERLOAD.value)
_WORDS = (Piece, Thought, ToolCalled)


class Wire(Protocol):
    """The way to the providers."""

    def answer(
        self, provider: Provider, address: str, habits: Habits, asked: TextRequest
    ) -> AsyncGenerator[Told | End]:
        """Yield what the provider tells; the last is its `End`."""
        ...


@dataclass(frozen=True)
class ChainParts:
    """What the chain works with.

    Attributes:
        local: This box's own engine.
        roster: Returns who may answer now.
        wire: Returns the way to the providers; asked for only when one is needed.
        standings: How they are doing.
        habits: What is known of a provider's model.
        clock: Measures what answers take.
        pause: Waits so many seconds before somebody is asked a second time.
    """

    local: TextEngine
    roster: Callable[[], Roster]
    wire: Callable[[], Wire]
    standings: Standings
    habits: Callable[[Provider], Habits]
    clock: Clock
    pause: Callable[[float], Awaitable[None]]


@dataclass
class _Course:
    """How one request has fared by now."""

    asked: TextRequest
    roster: Roster
    asked_in_all: int = 0
    has_spoken: bool = False
    # Who did not answer, and why: a fault, or that it is left alone.
    missed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    own_error: ApplianceError | None = None

    @property
    def origin(self) -> Origin:
        """Return what is said of whoever answers now."""
        reason = self.missed[0][1] if self.missed else ""
        return Origin(reason=reason, attempts=self.asked_in_all)


@dataclass
class _Turn:
    """One provider's turn, which may take several tries."""

    provider: Provider
    asked: TextRequest
    address: str = ""
    tries: int = 0
    was_shortened: bool = False
    why: str = _RESTING


class ChainEngine:
    """Asks one after the other until somebody answers; after the first word nobody else is asked."""

    def __init__(self, parts: ChainParts) -> None:
        self._parts = parts

    async def generate(self, request: TextRequest) -> AsyncIterator[TextEvent]:
        """Yield the events of the first one who answers; see `TextEngine.generate`.

        Raises:
            EngineUnavailableError: If nobody does (`no_provider_answered`), or who did broke off
                (`provider_stopped`).
            InvalidValueError: If a provider refuses the question (`provider_refused`), or it is
                too long (`question_too_long`).
            ApplianceError: What this box's own engine says, if nobody else may be asked.
        """
        roster = self._parts.roster()
        course = _Course(request, roster)
        names = candidates(roster, request)
        for name in names:
            provider = roster.provider(name)
            events = self._own(course) if provider is None else self._others(course, provider)
            async with aclosing(events):
                async for event in events:
                    course.has_spoken = course.has_spoken or isinstance(event, _WORDS)
                    yield event
                    if isinstance(event, Finished):
                        return
            if course.own_error is not None and names == [LOCAL]:
                raise course.own_error
        raise _nobody(course)

    async def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return what this box's own engine counts."""
        return await self._parts.local.count_tokens(texts)

    def state(self) -> EngineState:
        """Return how this box's own engine is."""
        return self._parts.local.state()

    async def _own(self, course: _Course) -> AsyncGenerator[TextEvent]:
        course.asked_in_all += 1
        events = self._parts.local.generate(course.asked)
        try:
            async for event in events:
                if isinstance(event, Finished) and (course.missed or course.asked_in_all > 1):
                    yield replace(event, origin=course.origin)
                else:
                    yield event
        except (EngineUnavailableError, TooManyRequestsError) as error:
            if course.has_spoken:
                raise
            is_busy = isinstance(error, TooManyRequestsError)
            course.missed.append((LOCAL, (Fault.OVERLOAD if is_busy else Fault.TRANSIENT).value))
            course.own_error = error
        finally:
            if isinstance(events, AsyncGenerator):
                await events.aclose()

    async def _others(self, course: _Course, provider: Provider) -> AsyncGenerator[TextEvent]:
        turn = _Turn(provider, course.asked)
        while address := self._parts.standings.find_address(provider, avoid=turn.address):
            turn.tries, turn.address = turn.tries + 1, address
            course.asked_in_all += 1
            is_probe = self._parts.standings.began(provider, address)
            try:
                async with aclosing(self._answer(course, turn)) as events:
                    async for event in events:
                        yield event
                return
            except ProviderFaultError as failure:
                then = self._after(course, turn, failure)
            finally:
                self._parts.standings.left(provider, address, is_probe=is_probe)
            if then is Next.SOMEBODY_ELSE and not self._has_neighbour(turn):
                break
            if then is Next.SAME_AGAIN:
                await self._parts.pause(_PAUSE_S)
        course.missed.append((provider.id, turn.why))

    def _has_neighbour(self, turn: _Turn) -> bool:
        """Return whether another box of a provider may be asked, after one that said no at once."""
        if turn.why not in _SAID_AT_ONCE or turn.tries >= len(turn.provider.addresses):
            return False
        found = self._parts.standings.find_address(turn.provider, avoid=turn.address)
        return found not in {None, turn.address}

    def _after(self, course: _Course, turn: _Turn, failure: ProviderFaultError) -> Next:
        """Return who is asked next.

        Raises:
            EngineUnavailableError: If it failed after its first word.
            InvalidValueError: If it failed because of the question.
        """
        step = step_after(failure, tries=turn.tries, was_shortened=turn.was_shortened)
        self._parts.standings.failed(turn.provider, turn.address, failure, step)
        turn.why = failure.fault.value
        if course.has_spoken:
            raise _broke_off(turn.provider) from failure
        shorter = shortened(turn.asked) if step.then is Next.SAME_SHORTER else turn.asked
        if step.then is Next.NOBODY or shorter is None:
            raise _about_the_question(turn.provider, failure) from failure
        if shorter is not turn.asked:
            turn.asked, turn.was_shortened = shorter, True
        return step.then

    async def _answer(self, course: _Course, turn: _Turn) -> AsyncGenerator[TextEvent]:
        provider, address, asked = turn.provider, turn.address, turn.asked
        standings, habits = self._parts.standings, self._parts.habits(provider)
        began_s, first_s = self._now_s, None
        yield Queued(ahead=0, eta_s=None)
        answer = self._parts.wire().answer(provider, address, habits, asked)
        async with aclosing(answer) as told_in_turn:
            async for told in told_in_turn:
                if first_s is None:
                    first_s = self._now_s
                    yield Writing()
                if not isinstance(told, End):
                    yield told
                    continue
                standings.succeeded(provider, address)
                yield replace(
                    _finished(provider, habits, told, course),
                    reading_s=first_s - began_s,
                    writing_s=self._now_s - first_s,
                    dropped_turns=len(course.asked.turns) - len(asked.turns),
                )

    @property
    def _now_s(self) -> float:
        return self._parts.clock.monotonic_s()


def _finished(provider: Provider, habits: Habits, end: End, course: _Course) -> Finished:
    cost = cost_eur(
        provider, habits, prompt_tokens=end.prompt_tokens, completion_tokens=end.completion_tokens
    )
    return Finished(
        reason=end.reason,
        model=end.model or provider.model,
        prompt_tokens=end.prompt_tokens or 0,
        completion_tokens=end.completion_tokens or 0,
        queued_s=0.0,
        reading_s=0.0,
        writing_s=0.0,
        cached_tokens=end.cached_tokens,
        origin=replace(course.origin, provider=provider.id, name=provider.name, cost_eur=cost),
    )


def _broke_off(provider: Provider) -> EngineUnavailableError:
    return EngineUnavailableError(
        f"{provider.name} stopped in the middle of the answer; the text up to then is kept.",
        hint="Ask for the answer again.",
        code="provider_stopped",
    )


def _about_the_question(provider: Provider, failure: ProviderFaultError) -> InvalidValueError:
    match failure.fault:
        case Fault.TOO_LONG:
            return InvalidValueError(
                f"The question is too long for {provider.name}.",
                hint="Shorten it, or take files out of it.",
                code="question_too_long",
            )
        case Fault.REFUSAL:
            return InvalidValueError(
                f"{provider.name} does not want to answer this.",
                hint="Ask in other words, or keep the conversation on this box.",
                code="provider_refused",
            )
        case _:
            return InvalidValueError(
                f"{provider.name} does not take this request: {failure.detail}.",
                hint="An administrator may check the model's name and its options.",
                code="provider_refused_request",
            )


def _nobody(course: _Course) -> EngineUnavailableError:
    return EngineUnavailableError(
        "Nobody could answer: " + "; ".join(f"{name}: {why}" for name, why in course.missed) + ".",
        hint="Try again in a moment. An administrator sees under Providers what is wrong.",
        code="no_provider_answered",
        missed=[{"provider": name, "why": why} for name, why in course.missed],
    )
