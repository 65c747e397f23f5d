from contextlib import asynccontextmanager

import pytest

from appliance.base.clock import SystemClock
from appliance.base.errors import ConflictError
from appliance.engine.providers.http_wire import HttpWire
from appliance.engine.providers.lm_studio import Level, StudioModel, load, look_at, unload
from appliance.engine.providers.model import ProviderFaultError, ProviderKind
from appliance.engine.providers.pinging import ping
from tests.engine.providers.asking_chain import made
from tests.servers.provider import Reply, json_reply, running_provider

UNKNOWN = json_reply({"error": "Unexpected endpoint"}, status=404)
V1 = {
    "models": [
        {
            "key": "qwen",
            "type": "llm",
            "loaded_instances": [{"id": "qwen:1"}],
            "max_context_length": 32768,
        },
        {"key": "gemma", "type": "llm", "loaded_instances": []},
    ]
}
V0 = {"data": [{"id": "qwen", "type": "llm", "state": "loaded", "max_context_length": 4096}]}


@asynccontextmanager
async def studio(**by_path):
    async with running_provider(UNKNOWN) as fake:
        fake.by_path = by_path
        wire = HttpWire(SystemClock())
        try:
            yield fake, wire, made("studio", ProviderKind.LM_STUDIO, fake.url)
        finally:
            await wire.close()


async def test_the_newest_one_says_what_is_loaded():
    async with studio(**{"/api/v1/models": json_reply(V1)}) as (_, wire, provider):
        found = await look_at(wire, provider)

    assert found.level is Level.MANAGES
    assert found.models == (
        StudioModel("qwen", "llm", ("qwen:1",), is_loaded=True, context_tokens=32768),
        StudioModel("gemma", "llm", (), is_loaded=False),
    )


async def test_an_older_one_lists_and_cannot_be_told_to_load():
    async with studio(**{"/api/v0/models": json_reply(V0)}) as (_, wire, provider):
        found = await look_at(wire, provider)
        with pytest.raises(ConflictError, match="cannot be told"):
            await load(wire, provider, "qwen", context_tokens=None)

    assert (found.level, found.models[0].is_loaded) == (Level.LISTS, True)


async def test_whatever_only_answers_is_taken_as_that():
    async with studio(**{"/v1/models": json_reply({"data": [{"id": "m"}]})}) as found:
        _, wire, provider = found
        looked = await look_at(wire, provider)

    assert (looked.level, looked.models) == (Level.ANSWERS, (StudioModel("m", ""),))


async def test_what_is_no_lm_studio_is_said_to_be_none():
    async with studio() as (_, wire, provider):
        with pytest.raises(ProviderFaultError):
            await look_at(wire, provider)


async def test_a_model_that_is_loaded_is_not_loaded_a_second_time():
    paths = {
        "/api/v1/models": json_reply(V1),
        "/api/v1/models/load": json_reply({"instance_id": "gemma:1"}),
        "/api/v1/models/unload": json_reply({}),
    }
    async with studio(**paths) as (fake, wire, provider):
        there = await load(wire, provider, "qwen", context_tokens=4096)
        loaded = await load(wire, provider, "gemma", context_tokens=4096)
        await unload(wire, provider, "gemma:1")

    assert (there, loaded) == ("qwen:1", "gemma:1")
    posted = [(one.path, one.body) for one in fake.asked if one.method == "POST"]
    assert posted == [
        ("/api/v1/models/load", {"model": "gemma", "context_length": 4096}),
        ("/api/v1/models/unload", {"instance_id": "gemma:1"}),
    ]


@pytest.mark.parametrize(
    ("reply", "light", "code"),
    [
        (json_reply({"data": [{"id": "m"}]}), "green", "ok"),
        (json_reply({"data": [{"id": "models/m"}]}), "green", "ok"),
        (json_reply({"data": [{"id": "other"}]}), "amber", "model_missing"),
        (json_reply({"error": "bad key"}, status=401), "red", "config"),
        (Reply([], 500), "red", "transient"),
        (Reply([b"<html>"], content_type="text/html"), "red", "transient"),
    ],
)
async def test_a_ping_is_a_light_and_why(reply, light, code):
    async with running_provider(reply) as fake:
        wire = HttpWire(SystemClock())
        found = await ping(wire, made("p", ProviderKind.GEMINI, fake.url), SystemClock())
        await wire.close()

    assert (found.light, found.code) == (light, code)


async def test_nobody_there_is_red():
    wire = HttpWire(SystemClock())
    found = await ping(wire, made("p", ProviderKind.OLLAMA, "http://127.0.0.1:9"), SystemClock())
    await wire.close()

    assert (found.light, found.code) == ("red", "transient")
