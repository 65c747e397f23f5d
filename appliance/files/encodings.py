"""How the characters of a text file are written, as far as its first bytes tell."""

import codecs

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # Before UTF-16, whose mark is how this one begins.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Of western text written in UTF-16 nearly every second byte is zero.
_LEAST_SHARE_OF_ZEROS = 0.6
_LEAST_PAIRS = 4


def encoding_by_head(head: bytes) -> str | None:
    """Return the encoding that a mark or a pattern of zeros gives away; None if neither does."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    pairs = len(head) // 2
    if pairs < _LEAST_PAIRS:
        return None
    high, low = head[0 : 2 * pairs : 2].count(0), head[1 : 2 * pairs : 2].count(0)
    if low >= _LEAST_SHARE_OF_ZEROS * pairs and not high:
        return "utf-16-le"
    if high >= _LEAST_SHARE_OF_ZEROS * pairs and not low:
        return "utf-16-be"
    return None
