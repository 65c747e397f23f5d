"""Text to tokens and back: a byte-level BPE that splits exactly as llama.cpp's "qwen2" pre-tokenizer does."""

from __future__ import annotations

import itertools
import json
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from models.demo.chance import happens

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable
    from pathlib import Path

END_OF_TEXT = "<|endoftext|>"
TURN_START = "<|im_start|>"
TURN_END = "<|im_end|>"
SPECIAL_TOKENS = (END_OF_TEXT, TURN_START, TURN_END)

_SPECIAL = re.compile("|".join(re.escape(token) for token in SPECIAL_TOKENS))


@cache
def byte_letters() -> dict[int, str]:
    """Return the printable letter that stands for each byte, as GPT-2's vocabulary files write them.

    Source:
        Radford et al. (2019), "Language Models are Unsupervised Multitask Learners", released encoder.
    """
    printable = [
        *range(ord("!"), ord("~") + 1),
        *range(ord("¡"), ord("¬") + 1),
        *range(ord("®"), ord("ÿ") + 1),
    ]
    letters = {byte: chr(byte) for byte in printable}
    others = (byte for byte in range(256) if byte not in letters)
    letters.update({byte: chr(256 + place) for place, byte in enumerate(others)})
    return letters


@cache
def _split_pattern() -> re.Pattern[str]:
    # Python's \w also takes numbers that are no digits (½, Ⅳ) for letters; Qwen2's \p{N} takes them for numbers.
    odd_numbers = "".join(
        chr(code)
        for code in range(sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in {"Nl", "No"}
    )
    number = rf"[\d{re.escape(odd_numbers)}]"
    letter = rf"[^\W\d_{re.escape(odd_numbers)}]"
    neither = r"(?:[^\s\w]|_)"
    return re.compile(
        rf"'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])"
        rf"|(?:(?![\r\n])(?:\W|_))?{letter}+"
        rf"|{number}"
        rf"| ?{neither}+[\r\n]*"
        rf"|\s*[\r\n]+|\s+(?!\S)|\s+"
    )


def split_words(text: str) -> list[str]:
    """Return the pieces that no merge may cross, in order; joined they are the text again."""
    return [match.group() for match in _split_pattern().finditer(text)]


def _spelled(word: str) -> tuple[str, ...]:
    letters = byte_letters()
    return tuple(letters[byte] for byte in word.encode("utf-8"))


@dataclass(slots=True)
class Tokenizer:
    """A vocabulary and its merges.

    Attributes:
        tokens: Every token by id, in byte letters; the special tokens come last.
        merges: Pairs that may be joined, most wanted first.
    """

    tokens: list[str]
    merges: list[tuple[str, str]]
    _ids: dict[str, int] = field(init=False, repr=False)
    _ranks: dict[tuple[str, str], int] = field(init=False, repr=False)
    _known: dict[str, tuple[int, ...]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._ids = {token: place for place, token in enumerate(self.tokens)}
        self._ranks = {pair: rank for rank, pair in enumerate(self.merges)}

    def id_of(self, token: str) -> int:
        """Return the id of a token of the vocabulary."""
        return self._ids[token]

    def encode(
        self, text: str, *, drop_merges: float = 0.0, rng: random.Random | None = None
    ) -> list[int]:
        """Return the ids of a text that holds no special token.

        Args:
            text: Plain text; `<|im_end|>` in it is read as ordinary characters.
            drop_merges: Share of merges left out by chance, so that training sees unusual splits of known words.
            rng: Where chance comes from; needed when merges are dropped.
        """
        if drop_merges and rng is not None:
            return [
                self._ids[p]
                for word in split_words(text)
                for p in self._merged(word, drop_merges, rng)
            ]
        ids: list[int] = []
        for word in split_words(text):
            known = self._known.get(word)
            if known is None:
                known = tuple(self._ids[piece] for piece in self._merged(word, 0.0, None))
                self._known[word] = known
            ids.extend(known)
        return ids

    def encode_with_specials(self, text: str) -> list[int]:
        """Return the ids of a text whose special tokens count as such."""
        ids: list[int] = []
        at = 0
        for match in _SPECIAL.finditer(text):
            ids += [*self.encode(text[at : match.start()]), self._ids[match.group()]]
            at = match.end()
        return ids + self.encode(text[at:])

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of some ids; special tokens are written out, broken bytes become U+FFFD."""
        byte_of = {letter: byte for byte, letter in byte_letters().items()}
        raw = bytearray()
        for token in (self.tokens[i] for i in ids):
            if token in SPECIAL_TOKENS:
                raw += token.encode()
            else:
                raw += bytes(byte_of[letter] for letter in token)
        return raw.decode("utf-8", errors="replace")

    def save(self, path: Path) -> None:
        """Write the vocabulary as JSON."""
        text = json.dumps({"tokens": self.tokens, "merges": self.merges}, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")

    def _merged(self, word: str, drop_merges: float, rng: random.Random | None) -> list[str]:
        pieces = list(_spelled(word))
        while len(pieces) > 1:
            candidates = [
                (rank, at)
                for at, pair in enumerate(itertools.pairwise(pieces))
                if (rank := self._ranks.get(pair)) is not None
                and not (rng and happens(drop_merges, rng))
            ]
            if not candidates:
                break
            _, at = min(candidates)
            pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]
        return pieces


def load(path: Path) -> Tokenizer:
    """Return the tokenizer that `Tokenizer.save` wrote."""
    saved = json.loads(path.read_text(encoding="utf-8"))
    return Tokenizer(
        tokens=saved["tokens"], merges=[(left, right) for left, right in saved["merges"]]
    )


def learn(texts: Iterable[str], *, vocabulary: int) -> Tokenizer:
    """Return a tokenizer whose merges are the most frequent pairs of the texts.

    Args:
        texts: What to learn from.
        vocabulary: Number of tokens to end with, bytes and special tokens included.

    Source:
        Sennrich et al. (2016), "Neural Machine Translation of Rare Words with Subword Units".
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(split_words(text))
    words = [(list(_spelled(word)), count) for word, count in counts.items()]

    pair_counts: Counter[tuple[str, str]] = Counter()
    places: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for place, (pieces, count) in enumerate(words):
        for pair in itertools.pairwise(pieces):
            pair_counts[pair] += count
            places[pair].add(place)

    tokens = [byte_letters()[byte] for byte in range(256)]
    merges: list[tuple[str, str]] = []
    while len(tokens) + len(SPECIAL_TOKENS) < vocabulary and pair_counts:
        # The pair itself breaks ties, so that the same texts always give the same vocabulary.
        best = max(pair_counts, key=lambda pair: (pair_counts[pair], pair))
        if pair_counts[best] < 2:
            break
        merges.append(best)
        if best[0] + best[1] not in tokens:
            tokens.append(best[0] + best[1])
        for place in list(places[best]):
            _merge_in_word(words[place], place, best, pair_counts, places)
        pair_counts.pop(best, None)
        places.pop(best, None)
    return Tokenizer(tokens=[*tokens, *SPECIAL_TOKENS], merges=merges)


def _merge_in_word(
    word: tuple[list[str], int],
    place: int,
    best: tuple[str, str],
    pair_counts: Counter[tuple[str, str]],
    places: defaultdict[tuple[str, str], set[int]],
) -> None:
    pieces, count = word
    for pair in itertools.pairwise(pieces):
        pair_counts[pair] -= count
        if pair_counts[pair] <= 0:
            del pair_counts[pair]
        places[pair].discard(place)
    at = 0
    while at < len(pieces) - 1:
        if (pieces[at], pieces[at + 1]) == best:
            pieces[at : at + 2] = [best[0] + best[1]]
        at += 1
    for pair in itertools.pairwise(pieces):
        pair_counts[pair] += count
        places[pair].add(place)
