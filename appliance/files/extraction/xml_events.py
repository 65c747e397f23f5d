"""XML from strangers, element by element: nothing is looked up, nothing is expanded."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from xml.parsers import expat

from appliance.files.extraction.refusals import damaged

Values = Mapping[str, str]


def parsed(
    chunks: Iterable[bytes],
    begin: Callable[[str, str, Values], None],
    end: Callable[[str, str], None],
    text: Callable[[str], None],
) -> Iterator[None]:
    """Yield after each chunk, when its elements were told.

    Args:
        chunks: The document.
        begin: Hears the namespace, name and attributes (without namespaces) of each element.
        end: Hears the same name at its end.
        text: Hears the characters between.

    Raises:
        UnreadableFileError: If it is no XML, or defines entities (which can grow without end).
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def on_begin(name: str, values: Mapping[str, str]) -> None:
        begin(*_split(name), {_split(key)[1]: value for key, value in values.items()})

    parser.StartElementHandler = on_begin
    parser.EndElementHandler = lambda name: end(*_split(name))
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)  # noqa: FBT003 - expat names no arguments
            yield
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise damaged("its XML is broken") from error


def elements_in(chunks: Iterable[bytes]) -> Iterator[tuple[str, Values]]:
    """Yield name and attributes of each element."""
    found: list[tuple[str, Values]] = []
    events = parsed(
        chunks, lambda _space, name, values: found.append((name, values)), _ignore, _ignore
    )
    for _ in events:
        yield from found
        found.clear()
    yield from found


def _split(name: str) -> tuple[str, str]:
    space, _, local = name.rpartition(" ")
    return space, local


def _refuse_doctype(*_what: object) -> None:
    # No Office program writes one; whoever does wants entities that grow or reach out.
    raise damaged("it defines XML entities, which documents do not")


def _ignore(*_what: str) -> None:
    """Nobody listens."""
