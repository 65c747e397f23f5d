"""Processor time of the web process per 1,000 tokens that programs are sent as they are written.

Run: python -m benchmarks.program_streams [--readers 20] [--tokens 1000]
The server runs in this process behind a whole door, with an engine that costs nothing; a child
process reads. `plain` sends the same tokens as `data:` lines and nothing else: the floor.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime

from starlette.types import ASGIApp, Receive, Scope, Send

from appliance.base.clock import SystemClock
from appliance.base.ids import SystemIds
from appliance.base.web.doors import DoorParts, DoorPolicy, protected
from appliance.base.web.rate_counters import RateCounters
from appliance.base.web.server import DoorServer, serving
from appliance.base.web.streaming import ByteStream
from appliance.engine.text.model import (
    Finished,
    FinishReason,
    Piece,
    TextEvent,
    Writing,
)
from appliance.model_api.anthropic.answers import MessageEvents
from appliance.model_api.framing import EVENT_STREAM, data_frame
from appliance.model_api.gathering import Writer, written
from appliance.model_api.openai.chat_answers import ChatChunks
from appliance.model_api.openai.envelope import envelope
from appliance.model_api.openai.response_answers import Naming
from appliance.model_api.openai.response_events import ResponseEvents
from appliance.model_api.openai.schemas.responses import ResponseBody

_END = Finished(FinishReason.STOP, "model", 12, 0, 0.0, 0.0, 0.0)
_CLIENT = """
import asyncio, sys
async def read(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET / HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\nConnection: close\\r\\n\\r\\n".encode())
    while await reader.read(65536):
        pass
    writer.close()
async def main(port, count):
    await asyncio.gather(*(read(port) for _ in range(count)))
asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
"""


class _Plain:
    """Writes tokens and nothing else."""

    def take(self, event: TextEvent) -> bytes:
        """Return a line for each piece."""
        return data_frame(event.text) if isinstance(event, Piece) else b""


def main() -> None:
    """Print the milliseconds per 1,000 tokens of each interface."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=1000)
    arguments = parser.parse_args()
    figures = asyncio.run(_figures(arguments.readers, arguments.tokens))
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


async def _figures(readers: int, tokens: int) -> dict[str, float]:
    around = envelope("x-", "1", datetime.now(UTC), shown="model", model="model")
    body = ResponseBody(model="model", input="x")
    writers: dict[str, Callable[[], Writer]] = {
        "plain": _Plain,
        "/v1/chat/completions": lambda: ChatChunks(around),
        "/v1/responses": lambda: ResponseEvents(around, body, Naming("1")),
        "/v1/messages": lambda: MessageEvents("msg_1", "model"),
    }
    return {
        f"{name}, ms of processor per 1,000 tokens": await _cost_ms(make, readers, tokens)
        for name, make in writers.items()
    }


async def _cost_ms(make: Callable[[], Writer], readers: int, tokens: int) -> float:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        stream = ByteStream(
            written(_talk(tokens), make()), media_type=EVENT_STREAM, last_word=lambda _: b""
        )
        await stream(scope, receive, send)

    server = DoorServer(_behind_a_door(app), host="127.0.0.1", port=0, last_answers_s=1)
    async with serving(server) as port:
        began_s = time.process_time()
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _CLIENT, str(port), str(readers)
        )
        await client.wait()
        cost_s = time.process_time() - began_s
    return round(cost_s * 1000 / (readers * tokens / 1000), 1)


async def _talk(tokens: int) -> AsyncIterator[TextEvent]:
    yield Writing()
    for _ in range(tokens):
        # An engine's events come one by one: each is sent by itself.
        await asyncio.sleep(0)
        yield Piece(" palabra")
    yield replace(_END, completion_tokens=tokens)


def _behind_a_door(app: ASGIApp) -> ASGIApp:
    clock = SystemClock()
    parts = DoorParts(clock=clock, ids=SystemIds(clock), counters=RateCounters(clock))
    return protected(app, DoorPolicy(name="local", rate_rules=()), parts)


if __name__ == "__main__":
    main()
