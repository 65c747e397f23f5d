"""One person with two devices on a real box: what happens on one shows on the other, over restarts too."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.browsing import CHROMIUM, NEEDS_BROWSER, open_browser
from tests.servers.nodo import OWNER, ROOT, running_nodo

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
if not (ROOT / "ui/dist/index.html").exists():
    pytest.skip("the interface is not built", allow_module_level=True)

pytestmark = NEEDS_BROWSER


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = open_browser(playwright, CHROMIUM or "")
        yield opened
        opened.close()


def free_port() -> int:
    """Return a port that is free now: a box that starts again must have the same address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def signed_in(browser: Browser, url: str) -> Page:
    """Return a page of a device of its own."""
    page = browser.new_context(locale="en-GB").new_page()
    page.set_default_timeout(30_000)
    page.goto(url)
    page.locator("input[name=email]").fill(OWNER["email"])
    page.locator("input[name=password]").fill(OWNER["password"])
    page.locator("[type=submit]").click()
    page.locator(".welcome").wait_for()
    return page


def test_two_devices_of_a_person_know_of_each_other_also_after_a_crash(
    browser: Browser, tmp_path: Path
) -> None:
    settings = {"NODO_RATE_LIMIT_ENABLED": "off", "NODO_PORT": str(free_port())}
    expect.set_options(timeout=30_000)
    with running_nodo(tmp_path, settings) as first, httpx.Client(timeout=60) as client:
        first.set_up(client)
        desk, phone = signed_in(browser, first.url), signed_in(browser, first.url)
        desk.locator("[data-ref=composer]").fill("Hola")
        desk.locator("[data-ref=composer]").press("Enter")

        row = phone.locator(".history-row").first
        expect(row).to_contain_text("Hola")
        expect(desk.locator("article.answer .prose").last).not_to_be_empty()
        # It is read on the desk, where it was asked for: nowhere does it count as unread.
        expect(row.locator(".history-mark")).to_have_count(0)
        first.kill()
        expect(phone.locator(".banner")).not_to_be_empty()

    with running_nodo(tmp_path, settings) as second, httpx.Client(timeout=60) as client:
        expect(phone.locator(".banner")).to_be_empty()
        headers = second.sign_in(client)
        made = client.post(
            f"{second.url}/conversations", json={"title": "Nach dem Absturz"}, headers=headers
        )
        assert made.status_code == 201

        expect(phone.locator(".history-row").first).to_contain_text("Nach dem Absturz")
        expect(desk.locator(".history-row").first).to_contain_text("Nach dem Absturz")
