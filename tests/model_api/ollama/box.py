"""A box that speaks Ollama, with an engine that follows scripts."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import httpx
from fastapi import APIRouter

from appliance.base.errors import ApplianceError
from appliance.base.web.identity import Role
from appliance.engine.download.model import Download
from appliance.engine.text.model import TextRequest
from appliance.model_api.ollama.routes import ollama_router
from appliance.model_api.parts import ModelApiParts
from tests.fakes.library import EVERYTHING, known_library, library_model
from tests.fakes.signing_in import signed_in_as
from tests.fakes.text_engine import script
from tests.model_api.serving import Served, served

MODEL = "scripted"


class ToldDownloads:
    """Downloads that are as far as the test says, one after the other."""

    def __init__(self, *steps: Download, failure: ApplianceError | None = None) -> None:
        self.asked: list[str] = []
        self._steps = steps
        self._failure = failure

    async def pull(self, name: str) -> Download:
        """Return the first step."""
        self.asked.append(name)
        if self._failure is not None:
            raise self._failure
        return self._steps[0]

    async def follow(self, download_id: str) -> AsyncIterator[Download]:
        """Yield all steps."""
        for step in self._steps:
            assert step.id == download_id
            yield step


def client_of(box: Served, downloads: ToldDownloads | None = None) -> httpx.AsyncClient:
    """Return a client of Ollama's routes."""

    def router_of(parts: ModelApiParts) -> APIRouter:
        return ollama_router(parts, downloads or ToldDownloads())

    return replace(box, authenticator=signed_in_as("ana", Role.ADMIN)).client(router_of)


async def ask(box: Served, path: str, **fields: object) -> httpx.Response:
    """Return the answer to a body with these fields, and the model's name."""
    async with client_of(box) as client:
        return await client.post(path, json={"model": MODEL, **fields})


async def request_of(path: str, **fields: object) -> TextRequest:
    """Return what the engine is asked for this body, by a model that can do everything."""
    box = served(*script("x"), library=known_library(library_model(can=EVERYTHING)))
    answer = await ask(box, path, **fields)
    assert answer.status_code == 200, answer.text
    return box.engine.requests[0]


def lines_of(answer: httpx.Response) -> Sequence[dict[str, Any]]:
    """Return the objects of a stream; each line must be one, and end."""
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.splitlines()]
