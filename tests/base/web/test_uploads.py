"""Forms with a file, as browsers send them, and as nobody should."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request

from appliance.base.web.problems import install_problem_handlers
from appliance.base.web.uploads import uploaded_file

FORM = {"Content-Type": "multipart/form-data; boundary=b"}
HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'


def app() -> FastAPI:
    made = FastAPI()
    install_problem_handlers(made)

    @made.post("/files")
    async def take(request: Request) -> list[object]:
        file = await uploaded_file(request)
        chunks = [len(chunk) async for chunk in file.chunks]
        return [file.sent_name, sum(chunks), max(chunks, default=0)]

    return made


async def answer_to(**request: object) -> httpx.Response:
    transport = httpx.ASGITransport(app=app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        return await client.post("/files", **request)  # type: ignore[arg-type]


async def test_a_file_comes_with_its_name_and_in_pieces() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield HEAD
        for _ in range(100):
            yield b"x" * 10_000
        yield b"\r\n--b--\r\n"

    answer = await answer_to(content=body(), headers=FORM)

    assert answer.json()[:2] == ["a.txt", 1_000_000]
    assert answer.json()[2] <= 20_000


async def test_small_fields_around_the_file_are_left_out() -> None:
    answer = await answer_to(data={"note": "hola"}, files={"file": ("ñ.txt", b"abc")})

    assert answer.json()[:2] == ["ñ.txt", 3]


async def test_a_boundary_in_pieces_is_still_found() -> None:
    async def body() -> AsyncIterator[bytes]:
        for byte in HEAD + b"a\r\n-\r\n--\r\n--b--\r\n":
            yield bytes([byte])

    assert (await answer_to(content=body(), headers=FORM)).json()[:2] == ["a.txt", 8]


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{}", {"Content-Type": "application/json"}, 415, "unsupported_media_type"),
        (b"abc", {"Content-Type": "multipart/form-data"}, 415, "unsupported_media_type"),
        (b"abc", {}, 415, "unsupported_media_type"),
        (b"", FORM, 400, "form_invalid"),
        (b"--b--\r\n", FORM, 422, "file_missing"),
        (HEAD.replace(b'; filename="a.txt"', b"") + b"a\r\n--b--\r\n", FORM, 422, "file_missing"),
        (HEAD + b"a\r\n" + HEAD + b"a\r\n--b--\r\n", FORM, 422, "too_many_files_at_once"),
        (HEAD + b"the end is missing", FORM, 400, "form_invalid"),
        (HEAD.replace(b"a.txt", b"a" * 9000) + b"a\r\n--b--\r\n", FORM, 400, "form_invalid"),
        (HEAD.replace(b"a.txt", b"\xff") + b"a\r\n--b--\r\n", FORM, 400, "form_invalid"),
        (b"x" * 100_000, FORM, 400, "form_invalid"),
    ],
)
async def test_what_is_no_form_with_one_file_is_refused_with_a_word(
    content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await answer_to(content=content, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
