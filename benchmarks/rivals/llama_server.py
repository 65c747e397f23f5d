"""llama.cpp's own server as an opponent, once with Ollama's flags and once tuned.

Unless asked otherwise its threads spin as briefly as ours: Ollama builds llama.cpp without OpenMP, and
with OpenMP's default one other busy process makes a token a hundred times slower, which would decide
every comparison on a box that is not quite idle.

Source of the flags:
    Ollama 0.33, `llm/server.go`; its engine is llama-server underneath. Ollama's further requests
    (template, tokens, health) are left out, which flatters it.
"""

import asyncio
import json
import os
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.rivals.processes import cpu_s_of, free_port
from benchmarks.rivals.questions import Answer, Question

_START_WITHIN_S = 180
_EVENT = "data: "
_SPIN_COUNT = "1000"


@dataclass(frozen=True)
class Flags:
    """One way of starting it.

    Attributes:
        name: For the tables.
        slots: Answers at the same time.
        more: Arguments beside the model, the context and the threads.
    """

    name: str
    slots: int
    more: tuple[str, ...]


_COMMON = ("-b", "512", "-ub", "512", "--flash-attn", "auto", "--no-webui", "--offline")
AS_OLLAMA = Flags("ollama flags", 1, (*_COMMON, "--context-shift", "--keep", "4"))
TUNED = Flags("tuned", 4, (*_COMMON, "--no-repack"))


class LlamaServer:
    """A running llama-server: an `Opponent`."""

    def __init__(self, name: str, pid: int, port: int) -> None:
        self.name = name
        self._process = psutil.Process(pid)
        self._client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            timeout=900,
            trust_env=False,
            # As Ollama asks it: it hangs up on connections that were quiet while others were asked.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def ask(self, question: Question, answer: Answer) -> None:
        """Fill the answer as it comes."""
        answer.asked_s = time.monotonic()
        async with self._client.stream(
            "POST", "/v1/chat/completions", json=_body(question)
        ) as events:
            async for line in events.aiter_lines():
                if line.startswith(_EVENT) and line != "data: [DONE]":
                    _note(answer, json.loads(line[len(_EVENT) :]))

    def rss_bytes(self) -> int:
        """Return the resident memory."""
        return self._process.memory_info().rss

    def cpu_s(self) -> float:
        """Return the processor seconds so far."""
        return cpu_s_of(self._process.pid)

    async def until_ready(self) -> None:
        """Wait until the model is loaded."""
        async with asyncio.timeout(_START_WITHIN_S):
            while not await self._is_ready():  # noqa: ASYNC110  # it tells by answering
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _is_ready(self) -> bool:
        try:
            return (await self._client.get("/health")).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


def _body(question: Question) -> Mapping[str, object]:
    return {
        "messages": [{"role": turn.role, "content": turn.content} for turn in question.turns],
        "max_tokens": question.tokens,
        "stream": True,
        "cache_prompt": True,
        "ignore_eos": True,
        "temperature": 0.8,
        "top_k": 40,
        "top_p": 0.9,
        "min_p": 0.0,
        "seed": question.seed,
    }


def _note(answer: Answer, event: Mapping[str, Any]) -> None:
    if "error" in event:
        raise RuntimeError(f"llama-server: {event['error']}")
    for choice in event["choices"]:
        if text := choice["delta"].get("content"):
            answer.words_s.append(time.monotonic())
            answer.text += text
    if timings := event.get("timings"):
        answer.written_tokens = timings["predicted_n"]
        answer.cached_tokens = timings["cache_n"]
        answer.prompt_tokens = timings["cache_n"] + timings["prompt_n"]


@asynccontextmanager
async def running_llama_server(
    program: Path,
    model: Path,
    flags: Flags,
    *,
    context_tokens: int,
    threads: int,
    spins_briefly: bool = True,
) -> AsyncIterator[LlamaServer]:
    """Give a server with the model loaded; it is ended afterwards."""
    environment = {**os.environ, **({"GOMP_SPINCOUNT": _SPIN_COUNT} if spins_briefly else {})}
    port = free_port()
    process = _started(
        program, "--model", model, "--host", "127.0.0.1", "--port", str(port),
        "-c", str(context_tokens * flags.slots), "-np", str(flags.slots),
        "-t", str(threads), *flags.more, environment=environment,
    )  # fmt: skip
    server = LlamaServer(flags.name, process.pid, port)
    try:
        await server.until_ready()
        yield server
    finally:
        await server.close()
        process.terminate()
        process.wait()


def _started(*arguments: str | Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
