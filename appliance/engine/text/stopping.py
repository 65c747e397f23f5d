"""Texts that end an answer: found across pieces, held back until it is sure they are not there."""

from collections.abc import Sequence


class StopTexts:
    """Watches an answer grow and lets through what surely comes before any stop text."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Watch for `texts`, none of which is empty."""
        self._texts = tuple(texts)
        self._held = ""
        self.found = ""

    @property
    def held_characters(self) -> int:
        """Return how many characters are held back, since a stop text may begin with them."""
        return len(self._held)

    def passed(self, text: str) -> str:
        """Return what may be told now that `text` has come; `found` says if the answer ends."""
        if not self._texts:
            return text
        grown = self._held + text
        places = [(grown.find(stop), stop) for stop in self._texts if stop in grown]
        if places:
            place, self.found = min(places, key=lambda found: (found[0], -len(found[1])))
            self._held = ""
            return grown[:place]
        held = max(_overlap(grown, stop) for stop in self._texts)
        self._held = grown[len(grown) - held :]
        return grown[: len(grown) - held]

    def rest(self) -> str:
        """Return what was held back, when nothing more comes."""
        rest, self._held = self._held, ""
        return rest


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest end of `text` that `stop` begins with."""
    most = min(len(text), len(stop) - 1)
    return next((n for n in range(most, 0, -1) if text.endswith(stop[:n])), 0)
