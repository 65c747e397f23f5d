"""What OpenAI's routes take elsewhere and not here: refused by name, or named as passed over."""

from collections.abc import Collection, Iterable, Mapping
from itertools import chain, islice

from pydantic import BaseModel

from appliance.base.errors import BadRequestError

IGNORED_HEADER = "X-Nodo-Ignored-Fields"
_MOST_NAMED = 20
_LONGEST_NAME = 40


class UnsupportedError(BadRequestError):
    """A field asks for something that this box does not do."""

    code = "unsupported_parameter"


def refuse_more_than_one(name: str, number: int | None) -> None:
    """Do nothing if one answer is asked for.

    Raises:
        UnsupportedError: If it is another number.
    """
    if number is not None and number != 1:
        raise UnsupportedError(
            f"{name} is {str(number)[:20]}: one answer is written per request.",
            hint="Ask as often as you need answers; what they have in common is read once.",
            field=name,
        )


def refuse_given(body: BaseModel, reasons: Mapping[str, str]) -> None:
    """Do nothing if none of these fields asks for anything.

    Args:
        body: The request.
        reasons: Why each field is refused, by its name.

    Raises:
        UnsupportedError: If one does.
    """
    for name, reason in reasons.items():
        if getattr(body, name) not in (None, False, "", "none", [], {}):
            raise UnsupportedError(f"{name} is not supported: {reason}", field=name)


def ignored_headers(body: BaseModel, further: Iterable[str] = ()) -> dict[str, str]:
    """Return the header that names what was sent and passed over; empty if nothing was.

    Args:
        body: The request.
        further: Known fields that have no effect on this model.
    """
    given: Collection[str] = (body.model_extra or {}).keys()
    names = [_shown(name) for name in islice(chain(given, further), _MOST_NAMED)]
    return {IGNORED_HEADER: ", ".join(names)} if names else {}


def _shown(name: str) -> str:
    # A client's own words, in a header: only what cannot end it.
    return "".join(letter for letter in name[:_LONGEST_NAME] if letter.isalnum() or letter in "_-")
