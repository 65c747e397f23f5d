"""A provider of models on this computer: it answers in recorded formats, late, half, or with lies.

Formats as OpenAI's, Google's, Anthropic's, xAI's, Ollama's and LM Studio's references and the
threads about them show them (November 2026).
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

_REASONS = {200: "OK", 302: "Found", 400: "Bad Request", 429: "Too Many Requests"}


@dataclass(frozen=True)
class Reply:
    """What is answered to one request.

    Attributes:
        chunks: Of the body, each sent on its own.
        status: Of HTTP.
        content_type: Of the body.
        headers: Further ones.
        hangs: Whether nothing more comes after the chunks, and the connection stays.
        breaks: Whether the connection is cut after the chunks, without the end of the body.
        gate: Waited for before the last chunk.
    """

    chunks: Sequence[bytes] = ()
    status: int = 200
    content_type: str = "text/event-stream"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    hangs: bool = False
    breaks: bool = False
    gate: asyncio.Event | None = None


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


class FakeProvider:
    """Answers one reply per request, the last one again and again."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.by_path: dict[str, Reply] = {}
        self.asked: list[Asked] = []
        self.hung_up = 0
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer whoever connects, as often as they ask."""
        try:
            while asked := await _read(reader):
                self.asked.append(asked)
                reply = self.by_path.get(asked.path) or self._next()
                if not await self._send(reply, reader, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            self.hung_up += 1
        except asyncio.CancelledError:
            # The test is over; a task of asyncio's server that is cancelled would be an error.
            return
        finally:
            writer.close()

    def _next(self) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    async def _send(
        self, reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        reason = _REASONS.get(reply.status, "Said")
        head = [f"HTTP/1.1 {reply.status} {reason}", "Transfer-Encoding: chunked"]
        head += [f"Content-Type: {reply.content_type}"]
        head += [f"{name}: {value}" for name, value in reply.headers.items()]
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
        for number, chunk in enumerate(reply.chunks):
            if reply.gate is not None and number == len(reply.chunks) - 1:
                await reply.gate.wait()
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            await writer.drain()
        if reply.hangs:
            await reader.read(1)
            self.hung_up += 1
            return False
        if reply.breaks:
            return False
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True


@asynccontextmanager
async def running_provider(*replies: Reply) -> AsyncIterator[FakeProvider]:
    """Run a provider for the length of the block."""
    fake = FakeProvider(*replies)
    server = await asyncio.start_server(fake.answer, "127.0.0.1", 0)
    fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield fake
    finally:
        server.close()


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    first, *lines = head.decode().rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.split(": ", 1) for line in lines)
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, path, headers, json.loads(body) if body else None)


def sse(*values: object, done: bool = True) -> list[bytes]:
    """Return values as server-sent events, one chunk each."""
    events = [f"data: {json.dumps(value)}\n\n".encode() for value in values]
    return [*events, b"data: [DONE]\n\n"] if done else events


def completion(*texts: str, reason: str | None = "stop") -> list[bytes]:
    """Return an answer as OpenAI streams it."""
    chunks = [_chunk({"content": text}) for text in texts]
    if reason is None:
        return sse(_chunk({"role": "assistant", "content": ""}), *chunks, done=False)
    usage = {
        "prompt_tokens": 20,
        "completion_tokens": len(texts),
        "prompt_tokens_details": {"cached_tokens": 4},
    }
    end: dict[str, object] = {**_chunk({}, reason)}
    last: dict[str, object] = {**_chunk({}), "choices": [], "usage": usage}
    return sse(_chunk({"role": "assistant", "content": ""}), *chunks, end, last)


def tool_call(**extra: object) -> list[bytes]:
    """Return a call of a function, its arguments in two pieces."""
    begin = {
        "index": 0,
        "id": "call_abc",
        "type": "function",
        "function": {"name": "book", "arguments": '{"da'},
        **extra,
    }
    more = {"index": 0, "function": {"arguments": 'y": "monday"}'}}
    return sse(
        _chunk({"tool_calls": [begin]}),
        _chunk({"tool_calls": [more]}),
        _chunk({}, "tool_calls"),
    )


def ollama(*texts: str, reason: str = "stop") -> list[bytes]:
    """Return an answer as Ollama streams it."""
    lines: list[dict[str, object]] = [
        {"model": "llama3", "message": {"role": "assistant", "content": text}, "done": False}
        for text in texts
    ]
    lines.append({
        "model": "llama3",
        "message": {"role": "assistant", "content": ""},
        "done": True,
        "done_reason": reason,
        "prompt_eval_count": 11,
        "eval_count": len(texts),
    })  # fmt: skip
    return [json.dumps(line).encode() + b"\n" for line in lines]


def claude(*texts: str, reason: str = "end_turn") -> list[bytes]:
    """Return an answer as Anthropic streams it."""
    message = {"model": "claude-test", "usage": {"input_tokens": 7, "cache_read_input_tokens": 3}}
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
        for text in texts
    ]
    values = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "ping"},
        *deltas,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": reason},
            "usage": {"output_tokens": len(texts)},
        },
        {"type": "message_stop"},
    ]
    return [f"event: {value['type']}\ndata: {json.dumps(value)}\n\n".encode() for value in values]


def json_reply(value: object, *, status: int = 200, **headers: str) -> Reply:
    """Return a JSON answer."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply([json.dumps(value).encode()], status, "application/json", named)


def _chunk(delta: Mapping[str, object], reason: str | None = None) -> dict[str, object]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "model": "gpt-test",
        "choices": [{"index": 0, "delta": delta, "finish_reason": reason}],
    }
