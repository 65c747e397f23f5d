"""Fixtures of the tests in a browser: one browser for a file, a stand-in and a tab for each test."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.browsing import CHROMIUM, PAGES, Tab, open_browser, open_tab
from tests.servers.fake_nodo import FakeNodo, running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = open_browser(playwright, CHROMIUM or "")
        yield opened
        opened.close()


@pytest.fixture
def nodo() -> FakeNodo:
    return FakeNodo(PAGES)


@pytest.fixture
def open_new(browser: Browser, nodo: FakeNodo) -> Iterator[Callable[..., Tab]]:
    """Give a function that opens a tab in a browser context of its own."""
    contexts = []
    with running(nodo) as url:

        def opened(**look: object) -> Tab:
            context = browser.new_context(**{"locale": "en-GB", **look})  # type: ignore[arg-type]
            contexts.append(context)
            return open_tab(context, nodo, url)

        yield opened
        for context in contexts:
            context.close()


@pytest.fixture
def tab(open_new: Callable[..., Tab]) -> Tab:
    """Return a tab with somebody signed in."""
    opened = open_new()
    opened.enter()
    return opened
