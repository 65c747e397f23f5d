from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from appliance.base.web.problems import install_problem_handlers
from appliance.boot.pages import pages_router, read_pages


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Nodo</title>", encoding="utf-8")
    (folder / "main-ABC123.js").write_text("export {}", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    return folder


def client_of(folder: Path) -> httpx.AsyncClient:
    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(pages_router(read_pages(folder)))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1")


@pytest.mark.parametrize("address", ["/", "/static/index.html"])
async def test_the_app_answers_at_both_its_addresses_and_is_asked_for_anew(
    dist: Path, address: str
) -> None:
    answer = await client_of(dist).get(address)

    assert "Nodo" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


async def test_files_with_a_hash_in_their_name_are_kept_for_ever(dist: Path) -> None:
    answer = await client_of(dist).get("/static/main-ABC123.js")

    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


async def test_a_page_that_has_not_changed_is_not_sent_again(dist: Path) -> None:
    client = client_of(dist)
    first = await client.get("/")

    again = await client.get("/", headers={"If-None-Match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize(
    "address", ["/static/../secret.txt", "/static/%2e%2e/secret.txt", "/static//etc/passwd"]
)
async def test_nothing_outside_the_built_pages_can_be_named(dist: Path, address: str) -> None:
    answer = await client_of(dist).get(address)

    assert answer.status_code == 404
    assert "secret" not in answer.text


async def test_pages_travel_compressed_to_those_who_take_it(dist: Path) -> None:
    (dist / "large-ABC123.js").write_text("export const a = 1;\n" * 500, encoding="utf-8")
    client = client_of(dist)

    small = await client.get("/static/large-ABC123.js", headers={"Accept-Encoding": "gzip, br"})
    plain = await client.get("/static/large-ABC123.js", headers={"Accept-Encoding": "gzip;q=0"})

    assert small.headers["content-encoding"] == "gzip"
    assert int(small.headers["content-length"]) < 500
    assert "content-encoding" not in plain.headers
    assert small.text == plain.text


async def test_without_a_built_interface_it_says_how_to_get_one(tmp_path: Path) -> None:
    answer = await client_of(tmp_path / "missing").get("/")

    assert answer.status_code == 503
    assert answer.json()["code"] == "pages_missing"
