"""A whole Nodo as an opponent, asked over HTTP as programs that speak Ollama ask it."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil

from benchmarks.rivals.nodo_engine import Box, settings_of
from benchmarks.rivals.processes import cpu_s_of
from benchmarks.rivals.questions import Answer, Question
from tests.servers.nodo import Nodo, running_nodo

_START_WITHIN_S = 180


class NodoBox:
    """A running box: an `Opponent`."""

    name = "nodo, HTTP"

    def __init__(self, nodo: Nodo, headers: Mapping[str, str], model: str) -> None:
        self._pid = nodo.pid
        self._model = model
        self._client = httpx.AsyncClient(
            base_url=nodo.url, headers=headers, timeout=900, trust_env=False
        )

    async def ask(self, question: Question, answer: Answer) -> None:
        """Fill the answer as it comes; all come from one key, as from one program."""
        answer.asked_s = time.monotonic()
        body = {
            "model": self._model,
            "messages": [{"role": turn.role, "content": turn.content} for turn in question.turns],
            "options": {
                "num_predict": question.tokens,
                "temperature": 0.8,
                "top_k": 40,
                "top_p": 0.9,
                "seed": question.seed,
            },
        }
        async with self._client.stream("POST", "/api/chat", json=body) as lines:
            async for line in lines.aiter_lines():
                _note(answer, json.loads(line))

    def rss_bytes(self) -> int:
        """Return the resident memory of the web process and its children."""
        return sum(process.memory_info().rss for process in self._processes())

    def cpu_s(self) -> float:
        """Return the processor seconds of all of them."""
        return sum(cpu_s_of(process.pid) for process in self._processes())

    async def until_ready(self) -> None:
        """Wait until the model is loaded."""
        async with asyncio.timeout(_START_WITHIN_S):
            while (await self._client.get("/api/engine")).json()["status"] != "ready":  # noqa: ASYNC110
                await asyncio.sleep(0.1)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _processes(self) -> list[psutil.Process]:
        web = psutil.Process(self._pid)
        return [web, *web.children(recursive=True)]


def _note(answer: Answer, line: Mapping[str, Any]) -> None:
    if "error" in line:
        raise RuntimeError(f"Nodo: {line['error']}")
    if text := line["message"]["content"]:
        answer.words_s.append(time.monotonic())
        answer.text += text
    if line["done"]:
        answer.written_tokens = line["eval_count"]
        answer.prompt_tokens = line["prompt_eval_count"]


@asynccontextmanager
async def running_nodo_box(model: Path, box: Box) -> AsyncIterator[NodoBox]:
    """Give a box with the model loaded; it is stopped afterwards."""
    settings = {**settings_of(model, box), "NODO_RATE_LIMIT_ENABLED": "off"}
    with tempfile.TemporaryDirectory() as folder, running_nodo(Path(folder), settings) as nodo:
        with httpx.Client(trust_env=False, timeout=60) as client:
            headers = nodo.set_up(client)
        opponent = NodoBox(nodo, headers, model.stem)
        try:
            await opponent.until_ready()
            yield opponent
        finally:
            await opponent.close()
