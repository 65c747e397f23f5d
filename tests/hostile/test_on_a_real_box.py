"""Hostile texts on a real box, with its policy: asked, answered, as titles, names and files."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from appliance.base.database.opening import open_sqlite
from appliance.chat.store.tables import messages
from tests.e2e.browsing import CHROMIUM, PAGES
from tests.hostile.texts import HostileText, one_of_each_family
from tests.hostile.watching import SETTLE, findings, watched
from tests.servers.nodo import OWNER, Nodo, running_nodo

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not (PAGES / "index.html").is_file(), reason="npm run build was not run"),
]
TEXTS = one_of_each_family()
_NO_LIMITS = {"NODO_RATE_LIMIT_ENABLED": "off"}
_SHORT = {"max_tokens": 1}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nodo]:
    """Give a box on which everything is hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    with running_nodo(folder, _NO_LIMITS) as first, httpx.Client(timeout=60) as client:
        client.headers.update(first.set_up(client))
        _ask_everything(client, first.url)
    _answer_with_the_questions(folder)
    with running_nodo(folder, _NO_LIMITS) as second:
        yield second


def _ask_everything(client: httpx.Client, url: str) -> None:
    for hostile in TEXTS:
        made = client.post(f"{url}/conversations", json={"title": hostile.text})
        assert made.status_code == 201
        client.post(f"{url}/auth/keys", json={"name": hostile.text[:60], "scopes": ["chat"]})
    name = {"name": TEXTS[0].text}
    assert client.patch(f"{url}/auth/me", json=name).status_code == 200
    talk = client.post(f"{url}/conversations", json={"title": TEXTS[0].text}).json()["id"]
    for hostile in TEXTS:
        # A file each would take longer than all the rest.
        attached = _uploaded(client, url, hostile) if hostile in TEXTS[:3] else []
        body = {"message": hostile.text, "options": _SHORT, "files": attached}
        asked = client.post(f"{url}/chat", json={**body, "conversation_id": talk})
        assert asked.status_code == 200


def _uploaded(client: httpx.Client, url: str, hostile: HostileText) -> list[str]:
    name = f"{hostile.text[:100]}.txt"
    sent = client.post(f"{url}/files", files={"file": (name, hostile.text * 3, "text/plain")})
    file = sent.json()
    while file.get("state") == "extracting":
        file = client.get(f"{url}/files/{file['id']}").json()
    return [file["id"]] if file.get("state") == "ready" else []


def _answer_with_the_questions(folder: Path) -> None:
    """Let the model have answered with hostile texts: no model can be told to."""
    database = open_sqlite(folder / "nodo.db")
    answers = messages.c.role == "assistant"
    for at, hostile in enumerate(TEXTS):
        where = answers & (messages.c.position == 2 * at + 2)
        values = {"content": hostile.text, "state": "done"}
        database.write_now(
            lambda tx, where=where, values=values: tx.connection.execute(
                update(messages).where(where).values(values)
            )
        )
    database.close()


def _sign_in(page: Page, box: Nodo) -> None:
    page.goto(box.url)
    page.locator("input[name=email]").fill(OWNER["email"])
    page.locator("input[name=password]").fill(OWNER["password"])
    page.locator("[type=submit]").click()
    page.locator(".welcome").wait_for()


def test_nothing_runs_and_nothing_is_fetched_on_a_real_box(browser: Browser, box: Nodo) -> None:
    context = browser.new_context(locale="es-ES")
    watch = watched(context, box.url)
    page = context.new_page()
    page.set_default_timeout(30_000)
    _sign_in(page, box)
    found = list(findings(page))

    page.locator(".history-link").first.click()
    expect(page.locator("article.answer")).to_have_count(len(TEXTS), timeout=20_000)
    for address in (
        "",
        "#/settings/keys",
        "#/settings/security",
        "#/admin/audit",
        "#/search?q=top",
    ):
        if address:
            page.goto(f"{box.url}/{address}")
        page.wait_for_load_state("networkidle")
        page.evaluate(SETTLE)
        found += findings(page)

    context.close()
    assert (found, watch.achieved()) == ([], [])
