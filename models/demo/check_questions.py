"""Proof that the training text holds none of the evaluation questions."""

from __future__ import annotations

import argparse
import itertools
import sys
from typing import TYPE_CHECKING

from models.demo.dialogues import Message, dialogues
from models.demo.questions import held_out, load_questions, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable


class HeldOutQuestionError(Exception):
    """The training text holds an evaluation question, so the evaluation would not be honest."""


def refuse_held_out(dialogue: Iterable[Message], kept_back: frozenset[str]) -> None:
    """Do nothing if the dialogue holds no evaluation question.

    Raises:
        HeldOutQuestionError: If one of its messages is an evaluation question.
    """
    for message in dialogue:
        if normalised(message.content) in kept_back:
            hint = f"the generator wrote the evaluation question {message.content!r}; change its templates"
            raise HeldOutQuestionError(hint)


def main() -> None:
    """Check the first dialogues of one seed and say how many were read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200_000, help="how many dialogues to read")
    options = parser.parse_args()
    kept_back = held_out(load_questions())
    for dialogue in itertools.islice(dialogues(options.seed), options.count):
        refuse_held_out(dialogue, kept_back)
    sys.stdout.write(
        f"{options.count} dialogues of seed {options.seed} hold none of {len(kept_back)} questions\n"
    )


if __name__ == "__main__":
    main()
