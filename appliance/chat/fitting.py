"""Whether the files of a question fit into what the model can read, as pure arithmetic."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from appliance.base.errors import InvalidValueError
from appliance.chat.model import AttachedFile

# The instruction, the marks of turns, and the words around files.
_AROUND_TOKENS = 160
_AROUND_FILE_TOKENS = 40
# The engine keeps so much of a context for the answer at least.
_ANSWER_TOKENS, _ANSWER_SHARE = 128, 4
_BYTES_PER_TOKEN = 3
# Tokens are not spread evenly over a text: what is cut must surely fit.
_SAFE_SHARE = 0.9
_LEAST_TOKENS = 32


@dataclass(frozen=True)
class Room:
    """What is there for the files of one question.

    Attributes:
        context_tokens: What the model can read and write at once; 0 while unknown.
        question_bytes: Length of the question's own text in UTF-8.
    """

    context_tokens: int
    question_bytes: int

    @property
    def tokens(self) -> int:
        """Return how many tokens the files may have, without the words around each."""
        answer = min(_ANSWER_TOKENS, self.context_tokens // _ANSWER_SHARE)
        question = math.ceil(self.question_bytes / _BYTES_PER_TOKEN)
        return max(self.context_tokens - answer - question - _AROUND_TOKENS, 0)


def fitted(files: Sequence[AttachedFile], room: Room, *, may_cut: bool) -> tuple[AttachedFile, ...]:
    """Return the files as the model will read them: whole, or cut if that is wanted.

    Args:
        files: Whole files.
        room: What is there for them.
        may_cut: Whether long ones may be cut: short ones stay whole, the others share the rest.

    Raises:
        InvalidValueError: If they are too long (`files_too_long`).
    """
    total = sum(file.tokens + _AROUND_FILE_TOKENS for file in files)
    if not room.context_tokens or total <= room.tokens:
        return tuple(files)
    limit = max(room.tokens - _AROUND_FILE_TOKENS * len(files), 0)
    if not may_cut or limit < _LEAST_TOKENS * len(files):
        raise InvalidValueError(
            f"The files have {total:,} tokens; with this question the model reads {limit:,}.",
            code="files_too_long",
            hint="Attach fewer or shorter files, or have them cut (cut_files).",
            field="files",
            tokens=total,
            limit_tokens=limit,
        )
    shares = shares_of([file.tokens for file in files], limit)
    return tuple(_cut(file, share) for file, share in zip(files, shares, strict=True))


def shares_of(wanted: Sequence[int], limit: int) -> list[int]:
    """Return what each gets of `limit`: nobody more than wanted, those who go short the same."""
    shares = [0] * len(wanted)
    left = limit
    in_order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    for place, index in enumerate(in_order):
        shares[index] = min(wanted[index], left // (len(wanted) - place))
        left -= shares[index]
    return shares


def _cut(file: AttachedFile, share: int) -> AttachedFile:
    if share >= file.tokens:
        return file
    kept = _SAFE_SHARE * share / file.tokens
    return replace(
        file,
        characters=math.floor(file.characters * kept),
        tokens=math.floor(file.tokens * kept),
        tokens_estimated=True,
        is_cut=True,
    )
