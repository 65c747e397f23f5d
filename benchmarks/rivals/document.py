"""Measure what a prepared document is worth: its first word after a restart, against reading it again.

Run: python -m benchmarks.rivals.document FILE.gguf [--tokens 5000] [--threads 2]
The engine reads one document of made-up words as it comes and another in advance, ends, and is asked
about the second by its next process.
"""

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

from benchmarks.rivals.cases import asked, until_idle
from benchmarks.rivals.nodo_engine import Box, running_nodo_engine
from benchmarks.rivals.questions import Answer, Person, Question

_ROOM_FOR_REST = 512


async def measure(model: Path, box: Box, tokens: int) -> None:
    """Print the lines."""
    with tempfile.TemporaryDirectory() as kept:
        folder = Path(kept)
        async with running_nodo_engine(model, box, folder=folder) as nodo:
            await until_idle(nodo)
            unread = await asked(nodo, _about_document(1, tokens))
            _print("read as it comes", unread)
            began_s = time.monotonic()
            await nodo.engine.prepare(nodo.request(_about_document(2, tokens)))
            print(f"prepared in {time.monotonic() - began_s:.2f} s")
        print(f"kept on disk: {_size_bytes(folder) / 1e6:.0f} MB")
        async with running_nodo_engine(model, box, folder=folder) as nodo:
            prepared = await asked(nodo, _about_document(2, tokens))
            _print("prepared before a restart", prepared)
            again = await asked(nodo, _about_document(3, tokens))
            _print("another, read by the same process", again)
    print(f"ratio {prepared.first_word_s / again.first_word_s:.3f}")


def _about_document(number: int, tokens: int) -> Question:
    return Person(number, shared_tokens=0).question(tokens, tokens=8)


def _size_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _print(what: str, answer: Answer) -> None:
    print(
        f"{what}: first word after {answer.first_word_s:.2f} s, "
        f"{answer.cached_tokens} of {answer.prompt_tokens} tokens were there",
        flush=True,
    )


def main() -> None:
    """Measure from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=lambda text: Path(text).resolve())
    parser.add_argument("--tokens", type=int, default=5000)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    wishes = parser.parse_args()
    box = Box(wishes.tokens + _ROOM_FOR_REST, 2, wishes.threads)
    asyncio.run(measure(wishes.model, box, wishes.tokens))


if __name__ == "__main__":
    main()
