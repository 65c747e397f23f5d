"""Words that a model of random weights knows as one token each."""

from collections.abc import Iterator

_LETTERS = "etaoinshrdlucmfw"
# Fewer than the model has: the last ones give way to learnt tokens.
_WORDS = 147_000
# Large and prime to their number: neighbours look different, and none comes twice.
_STRIDE = 7919


def made_up_word(number: int) -> str:
    """Return one of a million words of five letters; after a space it is one token."""
    digits = (number >> 4 * place & 0xF for place in range(5))
    return "".join(_LETTERS[digit] for digit in digits)


def words(count: int, *, start: int) -> str:
    """Return so many different words, each with a space before it; other starts give others."""
    return "".join(f" {word}" for word in _chosen(count, start))


def _chosen(count: int, start: int) -> Iterator[str]:
    for number in range(start, start + count):
        yield made_up_word(number * _STRIDE % _WORDS)
