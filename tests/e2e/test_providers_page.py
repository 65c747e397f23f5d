"""Providers in a real browser: set up by the owner, told below each answer, kept out of a chat."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.servers.nodo import ROOT, Nodo, running_nodo
from tests.servers.provider import FakeProvider, Reply, completion, running_provider
from tools.screenshots import CHROMIUM, ask, open_page, set_up, texts

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
if not Path(CHROMIUM).exists():
    pytest.skip("Chromium is not installed", allow_module_level=True)
if not (ROOT / "ui/dist/index.html").exists():
    pytest.skip("the interface is not built", allow_module_level=True)

WORDS = texts("es")


@contextmanager
def provider_beside() -> Iterator[FakeProvider]:
    """Give a provider in a thread: Playwright's own loop has this one."""
    ready: Future[FakeProvider] = Future()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def serve() -> None:
        async with running_provider(Reply(completion("De ", "fuera."))) as fake:
            ready.set_result(fake)
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    try:
        yield ready.result(10)
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Nodo, FakeProvider]]:
    with provider_beside() as fake:
        said = {"NODO_PROVIDER_OPENAI_URL": fake.url, "NODO_RATE_LIMIT_ENABLED": "off"}
        with running_nodo(tmp_path_factory.mktemp("box"), said) as nodo:
            yield nodo, fake


@pytest.fixture(scope="module")
def page(browser: Browser, box: tuple[Nodo, FakeProvider]) -> Iterator[Page]:
    opened = open_page(browser, "es")
    set_up(opened, box[0], "es")
    yield opened
    opened.context.close()


def press(page: Page, key: str, of: str) -> None:
    page.get_by_role("button", name=f"{WORDS[key]}: {of}", exact=True).click()


def go(page: Page, nodo: Nodo, address: str) -> None:
    page.goto(f"{nodo.url}/#/{address}")


def add_openai(page: Page) -> None:
    page.get_by_label(WORDS["providers.kind"]).select_option("openai")
    page.get_by_label(WORDS["providers.name"], exact=True).fill("OpenAI")
    page.get_by_label(WORDS["providers.model"], exact=True).fill("gpt-tset")
    page.get_by_role("button", name=WORDS["providers.add"]).click()
    expect(page.get_by_text(WORDS["providers.missing"])).to_be_visible()
    page.get_by_label(WORDS["providers.key"], exact=True).fill("sk-0123456789")
    page.get_by_role("button", name=WORDS["providers.add"]).click()


def test_a_provider_is_added_corrected_put_first_and_allowed(
    page: Page, box: tuple[Nodo, FakeProvider]
) -> None:
    go(page, box[0], "admin/providers")
    add_openai(page)
    press(page, "providers.edit", "OpenAI")
    model = page.get_by_role("dialog").get_by_label(WORDS["providers.model"], exact=True)
    expect(model).to_be_focused()
    model.fill("gpt-test")
    model.press("Enter")
    expect(page.get_by_role("row").nth(2)).to_contain_text("gpt-test")
    press(page, "providers.earlier", "OpenAI")
    expect(page.get_by_role("row").nth(1)).to_contain_text("OpenAI")
    page.get_by_label(WORDS["providers.cloud_yes"]).check()
    page.get_by_role("dialog").get_by_role("button", name=WORDS["rules.allow"]).click()

    expect(page.get_by_role("row").nth(1)).to_contain_text(WORDS["providers.ready"])
    expect(page.get_by_label(WORDS["providers.cloud_yes"])).to_be_checked()


def test_an_answer_says_who_wrote_it_and_whether_it_was_written_before(
    page: Page, box: tuple[Nodo, FakeProvider]
) -> None:
    nodo, fake = box
    go(page, nodo, "")
    ask(page, "es", "¿Hora?")
    expect(page.locator(".details summary").last).to_have_text("OpenAI")
    go(page, nodo, "")
    ask(page, "es", "¿Hora?")

    expect(page.locator(".details summary").last).to_have_text(WORDS["details.cached"])
    # The header must not promise what is not so any more.
    expect(page.locator(".engine-badge")).to_be_hidden()
    assert [one.body["model"] for one in fake.asked if one.body] == ["gpt-test"]


def test_a_chat_that_is_kept_in_the_house_is_answered_by_this_box(
    page: Page, box: tuple[Nodo, FakeProvider]
) -> None:
    nodo, fake = box
    go(page, nodo, "")
    page.get_by_role("button", name=WORDS["chat.menu"]).click()
    page.get_by_role("button", name=WORDS["options.title"]).click()
    tick = page.get_by_label(WORDS["providers.house_only"])
    tick.check()
    wide_px = page.locator(".options").evaluate("box => box.scrollWidth - box.clientWidth")
    before = len(fake.asked)
    ask(page, "es", "Un secreto")

    expect(page.locator(".details summary").last).to_have_text(WORDS["details.name"])
    assert (len(fake.asked) - before, wide_px) == (0, 0)
