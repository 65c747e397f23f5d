"""Asking over HTTP: one request, its deadlines, and what comes back piece by piece."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from appliance.base.clock import Clock
from appliance.engine.providers.anthropic_messages import AnthropicMessages
from appliance.engine.providers.chat_completions import ChatCompletions
from appliance.engine.providers.classification import fault_of
from appliance.engine.providers.framing import Cutter, json_object
from appliance.engine.providers.model import (
    Fault,
    Habits,
    Place,
    Provider,
    ProviderFaultError,
    ProviderKind,
)
from appliance.engine.providers.ollama_chat import OllamaChat
from appliance.engine.providers.wire import Dialect, End, Framing, Told, WireRequest, bad_answer
from appliance.engine.text.model import TextRequest

_CONNECT_S = 5.0
# Once it talks, so long it may be silent between two words.
_SILENCE_S = 45.0
_MOST_ERROR_BYTES = 64 * 1024
_MOST_ANSWER_BYTES = 64 * 1024 * 1024
_MOST_WHOLE_BYTES = 8 * 1024 * 1024

_OWN_DIALECTS: Mapping[ProviderKind, Dialect] = {
    ProviderKind.OLLAMA: OllamaChat(),
    ProviderKind.ANTHROPIC: AnthropicMessages(),
}
_COMPLETIONS = ChatCompletions()


class HttpWire:
    """Asks providers, with one pool of connections for those at home and one for the others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._clients: dict[Place, httpx.AsyncClient] = {}
        self._opening = asyncio.Lock()

    async def answer(
        self, provider: Provider, address: str, habits: Habits, asked: TextRequest
    ) -> AsyncGenerator[Told | End]:
        """Yield what the provider tells; the last is its `End`.

        Args:
            provider: Who is asked.
            address: Which of its addresses.
            habits: How its model wants to be asked.
            asked: What.

        Raises:
            ProviderFaultError: If it does not answer as it should, or not in time.
        """
        dialect = _OWN_DIALECTS.get(provider.kind, _COMPLETIONS)
        request, reader = dialect.request(provider, habits, asked), dialect.reader()
        deadline_s = self._clock.monotonic_s() + provider.first_word_s
        async with _told_faults(), self._opened(provider, address, request) as (response, cutter):
            chunks = response.aiter_raw()
            size = 0
            while True:
                patience_s = max(deadline_s - self._clock.monotonic_s(), 0.0)
                chunk = await _next(chunks, patience_s)
                size += len(chunk or b"")
                if size > _MOST_ANSWER_BYTES:
                    raise bad_answer()
                for value in cutter.rest() if chunk is None else cutter.take(chunk):
                    for told in reader.take(value):
                        deadline_s = self._clock.monotonic_s() + _SILENCE_S
                        yield told
                if chunk is None:
                    break
        held, end = reader.end()
        for told in held:
            yield told
        yield end

    async def json(
        self,
        provider: Provider,
        path: str,
        *,
        body: dict[str, object] | None = None,
        within_s: float,
    ) -> dict[str, object]:
        """Return what the provider answers to a small question, such as which models it has.

        Args:
            provider: Who is asked, at its first address.
            path: After the base address.
            body: What is posted; None only gets.
            within_s: Seconds in which it must have answered.

        Raises:
            ProviderFaultError: If it does not answer as it should, or not in time.
        """
        return await self.json_at(
            provider, provider.addresses[0], path, body=body, within_s=within_s
        )

    async def json_at(
        self,
        provider: Provider,
        address: str,
        path: str,
        *,
        body: dict[str, object] | None = None,
        within_s: float,
    ) -> dict[str, object]:
        """Return the same of one of its addresses; see `json`."""
        client = await self._client(provider.place)
        async with _told_faults():
            try:
                async with asyncio.timeout(within_s):
                    method = "GET" if body is None else "POST"
                    async with client.stream(
                        method, address + path, json=body, headers=_key_headers(provider)
                    ) as response:
                        await self._refuse_error(response)
                        return json_object(await _whole(response, _MOST_WHOLE_BYTES))
            except TimeoutError as error:
                raise _too_slow() from error

    async def close(self) -> None:
        """Close all connections."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()

    @asynccontextmanager
    async def _opened(
        self, provider: Provider, address: str, request: WireRequest
    ) -> AsyncIterator[tuple[httpx.Response, Cutter]]:
        client = await self._client(provider.place)
        built = client.build_request(
            "POST", address + request.path, json=request.body, headers=dict(request.headers)
        )
        try:
            async with asyncio.timeout(provider.first_word_s):
                response = await client.send(built, stream=True)
        except TimeoutError as error:
            raise _too_slow() from error
        try:
            await self._refuse_error(response)
            kind = response.headers.get("content-type", "")
            if "html" in kind:
                raise bad_answer()
            # Some that know no streams answer in one piece.
            is_whole = request.framing is Framing.SSE and kind.startswith("application/json")
            yield response, Cutter(Framing.WHOLE if is_whole else request.framing)
        finally:
            # Leaving an answer in its middle closes the connection: that ends the work there.
            await response.aclose()

    async def _refuse_error(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        body = await _whole(response, _MOST_ERROR_BYTES)
        headers = {name.lower(): value for name, value in response.headers.items()}
        raise fault_of(response.status_code, headers, body, now=self._clock.now())

    async def _client(self, place: Place) -> httpx.AsyncClient:
        async with self._opening:
            if place not in self._clients:
                # Reading the certificates of all authorities takes a while.
                self._clients[place] = await asyncio.to_thread(_new_client, place)
        return self._clients[place]


def _new_client(place: Place) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        timeout=httpx.Timeout(None, connect=_CONNECT_S, pool=_CONNECT_S),
        # A redirect would carry what people wrote to somebody whom the owner did not name.
        follow_redirects=False,
        # Whoever is at home is asked directly; the way out may lead through the owner's proxy.
        trust_env=place is Place.CLOUD,
        # Not compressed: a small answer must not unfold to a huge one.
        headers={"accept-encoding": "identity", "user-agent": "nodo"},
        verify=ssl.create_default_context() if place is Place.CLOUD else True,
    )


def _key_headers(provider: Provider) -> dict[str, str]:
    if provider.key is None:
        return {}
    key = provider.key.reveal()
    if provider.kind is ProviderKind.ANTHROPIC:
        return {"x-api-key": key, "anthropic-version": "2023-06-01"}
    return {"authorization": f"Bearer {key}"}


async def _next(chunks: AsyncIterator[bytes], patience_s: float) -> bytes | None:
    try:
        async with asyncio.timeout(patience_s):
            return await anext(chunks)
    except StopAsyncIteration:
        return None
    except TimeoutError as error:
        raise _too_slow() from error


async def _whole(response: httpx.Response, most_bytes: int) -> bytes:
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > most_bytes:
            return body[:most_bytes]
    return body


def _too_slow() -> ProviderFaultError:
    return ProviderFaultError(Fault.TRANSIENT, "it did not answer in time")


@asynccontextmanager
async def _told_faults() -> AsyncIterator[None]:
    """Translate what httpx raises; its texts may hold addresses, so they stay here."""
    try:
        yield
    except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as error:
        raise ProviderFaultError(Fault.CONFIG, "its address or key cannot be used") from error
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise ProviderFaultError(Fault.TRANSIENT, "it cannot be reached") from error
    except httpx.TransportError as error:
        raise ProviderFaultError(Fault.TRANSIENT, "the connection to it broke") from error
