"""Listeners: they take their port or say why not, and end when they are told to."""

import asyncio
import os
import shutil
import signal
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
from starlette.types import Receive, Scope, Send

from appliance.base.errors import ConflictError, SettingError
from appliance.base.web.connections import ConnectionGate
from appliance.base.web.protocol import Deadlines
from appliance.base.web.server import DoorServer, serving
from tests.servers.edge import SHORT, Wire, ask, our_server, tiny_app
from tests.waiting import until

_UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


async def test_any_free_port_is_taken_and_told() -> None:
    async with serving(DoorServer(tiny_app(), host="127.0.0.1", port=0)) as port:
        answer = await ask(port)

    assert port > 0
    assert answer.endswith(b"hello")
    assert b"server:" not in answer.lower()


async def test_two_listeners_serve_beside_each_other() -> None:
    async with our_server() as one, our_server() as other:
        answers = [await ask(one), await ask(other)]

    assert [answer[-5:] for answer in answers] == [b"hello", b"hello"]


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConflictError, match=f"Port {port} on 127.0.0.1 is taken") as caught:
            DoorServer(tiny_app(), host="127.0.0.1", port=port).bind()

    assert caught.value.code == "port_taken"
    assert "NODO_PORT=0" in caught.value.hint


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-name.invalid"])
def test_an_address_that_is_not_of_this_computer_is_refused(host: str) -> None:
    with pytest.raises(SettingError, match="no such address"):
        DoorServer(tiny_app(), host=host, port=0).bind()


async def test_after_a_stop_the_port_can_be_taken_again_at_once() -> None:
    async with our_server() as port:
        await ask(port)

    again = DoorServer(tiny_app(), host="127.0.0.1", port=port, last_answers_s=1)
    async with serving(again):
        answer = await ask(port)

    assert answer.endswith(b"hello")


async def test_a_stop_lets_a_running_request_end() -> None:
    began, may_end = asyncio.Event(), asyncio.Event()

    async def slow(_scope: Scope, _receive: Receive, send: Send) -> None:
        began.set()
        await may_end.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})

    server = DoorServer(slow, host="127.0.0.1", port=0)
    port = server.bind()
    async with asyncio.TaskGroup() as group:
        group.create_task(server.run())
        asking = group.create_task(ask(port))
        await began.wait()
        server.stop()
        may_end.set()

    assert b"done" in asking.result()


async def test_signals_are_left_to_the_program() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        async with our_server() as port:
            os.kill(os.getpid(), signal.SIGTERM)
            answer = await ask(port)
    finally:
        signal.signal(signal.SIGTERM, before)

    assert heard == [signal.SIGTERM]
    assert answer.endswith(b"hello")


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": scope["path"]})


async def test_a_websocket_outlives_the_deadlines_of_requests_and_leaves_the_gate() -> None:
    gate = ConnectionGate()
    async with our_server(_echo, deadlines=Deadlines(head_s=0.05, idle_s=0.05), gate=gate) as port:
        wire = await Wire.open(port)
        await wire.send(_UPGRADE)
        head = await wire.read_head()
        is_closed = await wire.is_closed_by_server(within_s=0.3)
        open_count = gate.open_count()
        wire.close()
        await until(lambda: gate.open_count() == 0)

    assert head.startswith(b"HTTP/1.1 101 ")
    assert (is_closed, open_count) == (False, 1)


async def test_a_foreign_page_is_refused_a_websocket_by_a_real_answer() -> None:
    async with our_server() as port:
        wire = await Wire.open(port)
        await wire.send(_UPGRADE.replace(b"\r\n\r\n", b"\r\nOrigin: https://evil.example\r\n\r\n"))
        answer = await wire.read_all()

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"origin_refused" in answer


async def test_a_client_beyond_its_share_is_closed_without_a_word() -> None:
    # No address counts as foreign on a test machine, so the total stands in for the share.
    gate = ConnectionGate(in_all=0)
    async with our_server(gate=gate, deadlines=SHORT) as port:
        wire = await Wire.open(port)
        closed = await wire.is_closed_by_server(within_s=2)

    assert closed


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("the program openssl is not installed")
    file = tmp_path / "both.pem"
    key_and_certificate = ["-keyout", str(file), "-out", str(tmp_path / "certificate.pem")]
    request = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
    ]
    names = ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [program, *request, *names, *key_and_certificate], check=True, capture_output=True
    )
    file.write_bytes(file.read_bytes() + (tmp_path / "certificate.pem").read_bytes())
    return file


async def test_a_listener_with_tls_serves_and_lets_silent_handshakes_go(certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    server = DoorServer(
        tiny_app(), host="127.0.0.1", port=0, tls=tls, deadlines=SHORT, last_answers_s=1
    )
    async with serving(server) as port:
        silent = await Wire.open(port)
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=trusting, server_hostname="localhost"
        )
        writer.write(b"GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        closed = await silent.is_closed_by_server(within_s=3)

    assert answer.endswith(b"hello")
    assert closed
