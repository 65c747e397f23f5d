"""Compare Nodo's engine with llama-server, once with Ollama's flags and once tuned.

Run: python -m benchmarks.rivals FILE.gguf --llama-server PROGRAM [--threads 2] [--rounds 3]
         [--cases typical,people-4] [--against nodo,box,ollama,tuned] [--context 4096]
         [--repack auto|on|off]
FILE.gguf comes from benchmarks.make_random_model, PROGRAM is built from the llama.cpp sources inside
llama-cpp-python's sdist. All are loaded at once and asked in turn, in another order each round; only
one works at a time. The box should do nothing else meanwhile. `--json FILE` keeps every figure,
`--default-openmp` lets llama-server's threads spin as they come.
"""

import argparse
import asyncio
import json
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from benchmarks.rivals.cases import CASES, Figures, asked, until_idle
from benchmarks.rivals.llama_server import AS_OLLAMA, TUNED, running_llama_server
from benchmarks.rivals.nodo_box import running_nodo_box
from benchmarks.rivals.nodo_engine import Box, NodoEngine, running_nodo_engine
from benchmarks.rivals.questions import Opponent, Person
from benchmarks.rivals.tables import table

_FLAGS = {"ollama": AS_OLLAMA, "tuned": TUNED}
_AGAINST = ("nodo", "box", *_FLAGS)
# Whose words nobody asks again.
_WARM_UP = 69


async def _opponents(wishes: argparse.Namespace, stack: AsyncExitStack) -> list[Opponent]:
    box = Box(wishes.context, wishes.parallel, wishes.threads, wishes.repack)
    found: list[Opponent] = []
    for name in wishes.against:
        if name == "nodo":
            found.append(await stack.enter_async_context(running_nodo_engine(wishes.model, box)))
        elif name == "box":
            found.append(await stack.enter_async_context(running_nodo_box(wishes.model, box)))
        else:
            server = running_llama_server(
                wishes.llama_server,
                wishes.model,
                _FLAGS[name],
                context_tokens=wishes.context,
                threads=wishes.threads,
                spins_briefly=not wishes.default_openmp,
            )
            found.append(await stack.enter_async_context(server))
    return found


async def compare(wishes: argparse.Namespace) -> dict[str, dict[str, list[Figures]]]:
    """Print a table per case; return all figures by case and opponent."""
    results: dict[str, dict[str, list[Figures]]] = {}
    async with AsyncExitStack() as stack:
        opponents = await _opponents(wishes, stack)
        for opponent in opponents:
            await asked(opponent, Person(_WARM_UP).question(20, tokens=4))
            await until_idle(opponent)
        print(f"{wishes.model.name}, {wishes.threads} threads, load {os.getloadavg()[0]:.1f}")
        for place, case in enumerate(wishes.cases):
            results[case] = await _rounds(case, opponents, wishes.rounds, 10 * place)
            print(table(case, results[case], ours=NodoEngine.name), flush=True)
    return results


async def _rounds(
    case: str, opponents: Sequence[Opponent], rounds: int, first: int
) -> dict[str, list[Figures]]:
    figures: dict[str, list[Figures]] = {opponent.name: [] for opponent in opponents}
    for number in range(rounds):
        # Turned round, so that nobody is always first.
        shift = number % len(opponents)
        for opponent in (*opponents[shift:], *opponents[:shift]):
            figures[opponent.name].append(await CASES[case](opponent, first + number))
    return figures


def _names(allowed: Sequence[str], text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in allowed]:
        raise argparse.ArgumentTypeError(f"{unknown[0]} is not one of {', '.join(allowed)}")
    return names


def main() -> None:
    """Compare as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=lambda text: Path(text).resolve())
    parser.add_argument("--llama-server", type=Path, default=Path("llama-server"))
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--context", type=int, default=4096)
    parser.add_argument("--parallel", type=int, default=4)
    parser.add_argument("--cases", type=lambda text: _names(list(CASES), text), default=list(CASES))
    parser.add_argument(
        "--against", type=lambda text: _names(_AGAINST, text), default=["nodo", *_FLAGS]
    )
    parser.add_argument("--repack", choices=("auto", "on", "off"), default="off")
    parser.add_argument("--default-openmp", action="store_true")
    parser.add_argument("--json", type=Path)
    wishes = parser.parse_args()
    results = asyncio.run(compare(wishes))
    if wishes.json:
        wishes.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
