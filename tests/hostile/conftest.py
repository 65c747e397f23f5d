"""Fixtures of the hostile texts: a browser, and watched tabs on a stand-in of their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.e2e.browsing import CHROMIUM, PAGES, open_browser, open_tab
from tests.hostile.watching import Watched, watched
from tests.servers.fake_nodo import FakeNodo, running

Open = Callable[..., Watched]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = open_browser(playwright, CHROMIUM or "")
        yield opened
        opened.close()


@pytest.fixture
def open_watched(browser: Browser) -> Iterator[Open]:
    """Give a function that opens a watched tab on a stand-in of its own."""
    with watched_tabs(browser) as open_one:
        yield open_one


@contextmanager
def watched_tabs(browser: Browser) -> Iterator[Open]:
    """Give a function that opens watched tabs; they are closed afterwards."""
    nodo = FakeNodo(PAGES)
    contexts: list[BrowserContext] = []
    with running(nodo) as url:

        def opened(*, has_policy: bool = False) -> Watched:
            context = browser.new_context(locale="en-GB", bypass_csp=not has_policy)
            contexts.append(context)
            watch = watched(context, url)
            tab = open_tab(context, nodo, url)
            tab.page.set_default_timeout(15_000)
            tab.enter()
            return Watched(tab, watch)

        yield opened
        for context in contexts:
            context.close()


@pytest.fixture(scope="module")
def one_watched(browser: Browser) -> Iterator[Watched]:
    """Give one tab to all tests of a file."""
    with watched_tabs(browser) as open_one:
        yield open_one()
