"""Who is asked, in which order, and who next: pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from appliance.engine.providers.breaker import LONGEST_S
from appliance.engine.providers.model import (
    LOCAL,
    Fault,
    Place,
    ProviderFaultError,
    ProviderKind,
    Roster,
)
from appliance.engine.text.model import GrammarOutput, JsonOutput, TextRequest, ToolUse

# Nobody waits for more: each further one costs the person its time.
_MOST_ASKED = 5
_OVERLOAD_REST_S = 30.0


class Next(StrEnum):
    """What happens after a failure."""

    SAME_AGAIN = "same_again"
    SAME_SHORTER = "same_shorter"
    SOMEBODY_ELSE = "somebody_else"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Step:
    """What a failure leads to.

    Attributes:
        then: Who is asked next.
        counts: Whether the breaker hears of it.
        rest_s: So long it is left alone at once; None leaves that to the breaker's window.
    """

    then: Next
    counts: bool
    rest_s: float | None = None


def candidates(roster: Roster, request: TextRequest) -> list[str]:
    """Return the ids of those who may be asked, the first one first.

    What only this box's own engine can do is asked of it alone, and so is what names a model.
    """
    if request.model is not None or needs_own_engine(request):
        return [LOCAL]
    known = [LOCAL, *(provider.id for provider in roster.providers)]
    ordered = sorted(known, key=_place_in(roster.order))
    return [one for one in ordered if _may_answer(roster, request, one)][:_MOST_ASKED]


def needs_own_engine(request: TextRequest) -> bool:
    """Return whether a request asks for what travels to no provider."""
    return (
        request.raw_prompt is not None
        or bool(request.prompt_before)
        or request.continues
        or request.wants_context
        or request.context_tokens is not None
        or request.top_logprobs is not None
        or bool(request.sampling.logit_bias)
        or isinstance(request.output, GrammarOutput)
    )


def step_after(failure: ProviderFaultError, *, tries: int, was_shortened: bool) -> Step:
    """Return what happens after a failure before the first word.

    Args:
        failure: What happened.
        tries: How often this one was asked by now.
        was_shortened: Whether the question was shortened for it already.
    """
    match failure.fault:
        case Fault.CONFIG:
            return Step(Next.SOMEBODY_ELSE, counts=True, rest_s=LONGEST_S)
        case Fault.OVERLOAD:
            rest_s = _OVERLOAD_REST_S if failure.retry_after_s is None else failure.retry_after_s
            return Step(Next.SOMEBODY_ELSE, counts=True, rest_s=rest_s)
        case Fault.TRANSIENT:
            then = Next.SAME_AGAIN if tries <= 1 else Next.SOMEBODY_ELSE
            return Step(then, counts=True)
        case Fault.TOO_LONG:
            return Step(Next.NOBODY if was_shortened else Next.SAME_SHORTER, counts=False)
        case Fault.REQUEST | Fault.REFUSAL:
            return Step(Next.NOBODY, counts=False)


def shortened(request: TextRequest) -> TextRequest | None:
    """Return the request without the older half of its conversation; None if nothing can go."""
    first = 1 if request.turns and request.turns[0].role == "system" else 0
    talk = request.turns[first:]
    # The question stays, and what it begins with is a question too, never an answer or a result.
    begins = [i for i in range(max(len(talk) // 2, 1), len(talk)) if talk[i].role == "user"]
    if len(talk) <= 1 or not begins:
        return None
    return replace(request, turns=(*request.turns[:first], *talk[begins[0] :]))


def least_loaded(
    loads: Sequence[tuple[str, int]], *, is_resting: Callable[[str], bool]
) -> str | None:
    """Return the address with the least work that is not left alone; None if all are.

    Args:
        loads: Addresses and the answers that each is writing for us, in the owner's order.
        is_resting: Whether an address is left alone now.
    """
    awake = [
        (work, place, address)
        for place, (address, work) in enumerate(loads)
        if not is_resting(address)
    ]
    return min(awake)[2] if awake else None


def _place_in(order: Sequence[str]) -> Callable[[str], tuple[int, str]]:
    places = {name: place for place, name in enumerate(order)}
    # Whom nobody placed comes last; this box before them.
    return lambda one: (places.get(one, -1 if one == LOCAL else len(places)), one)


def _may_answer(roster: Roster, request: TextRequest, provider_id: str) -> bool:
    provider = roster.provider(provider_id)
    if provider is None:
        return provider_id == LOCAL
    if not provider.is_enabled:
        return False
    leaves = provider.place is Place.CLOUD
    if leaves and (request.stays_local or not roster.cloud_allowed):
        return False
    return not _would_be_ignored(request, provider.kind)


def _would_be_ignored(request: TextRequest, kind: ProviderKind) -> bool:
    """Return whether something is asked for which this kind has no word."""
    if kind is ProviderKind.ANTHROPIC:
        return isinstance(request.output, JsonOutput) and request.output.schema is None
    must_call = bool(request.must_call) or request.tool_use is ToolUse.REQUIRED
    return kind is ProviderKind.OLLAMA and must_call
