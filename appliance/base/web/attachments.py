"""Answers that are files to be kept: never shown as a page of ours, whatever is in them."""

from collections.abc import Mapping
from urllib.parse import quote

# Whoever opens it in a tab all the same gets something that can run and load nothing.
_SANDBOX = "sandbox; default-src 'none'"
# RFC 9110 5.6.4: what a quoted string holds as it is; the percent sign confuses some browsers.
_QUOTABLE = frozenset(chr(code) for code in range(0x20, 0x7F)) - {'"', "\\", "%", "/"}
# RFC 8187 3.2.1.
_ATTRIBUTE_CHARACTERS = "!#$&+-.^_`|~"


def attachment_headers(name: str, *, media_type: str) -> Mapping[str, str]:
    """Return the headers of a file that a browser saves under this name (RFC 6266).

    Args:
        name: Any text; what a header cannot carry is replaced in the plain form of it.
        media_type: What the file is; sent as it stands, without a character set.
    """
    encodable = name.encode("utf-8", "replace").decode()
    plain = "".join(character if character in _QUOTABLE else "_" for character in encodable)
    disposition = f'attachment; filename="{plain}"'
    if plain != name:
        disposition += f"; filename*=UTF-8''{quote(encodable, safe=_ATTRIBUTE_CHARACTERS)}"
    return {
        "Content-Disposition": disposition,
        "Content-Security-Policy": _SANDBOX,
        "Content-Type": media_type,
    }
