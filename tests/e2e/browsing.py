"""One browser tab on the stand-in: what it asked for, what its console said, how to get in."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright

from tests.servers.fake_nodo import PASSWORD, FakeNodo

ROOT = Path(__file__).parents[2]
# `node build.mjs FOLDER` builds beside the pages that a running box serves.
PAGES = Path(os.environ.get("UI_PAGES", ROOT / "ui" / "dist"))
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_OFFLINE_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def find_chromium() -> str | None:
    """Return the path of a Chromium on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


CHROMIUM = find_chromium()
NEEDS_BROWSER = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not (PAGES / "index.html").is_file(), reason="npm run build was not run"),
]
_RUN_AXE = """() => axe.run({
    resultTypes: ["violations"],
    ...(matchMedia("(prefers-color-scheme: dark)").matches ? { runOnly: ["color-contrast"] } : {}),
}).then(({ violations }) => violations)"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def open_browser(playwright: Playwright, executable: str) -> Browser:
    """Return a running browser that speaks to nobody by itself."""
    return playwright.chromium.launch(executable_path=executable, args=_OFFLINE_FLAGS)


@dataclass
class Tab:
    """A tab with the interface in it.

    Attributes:
        page: The tab.
        nodo: The stand-in that it speaks to.
        url: Address of the stand-in.
        console: Warnings, errors and exceptions so far.
        addresses: Everything that was asked for.
    """

    page: Page
    nodo: FakeNodo
    url: str
    console: list[str] = field(default_factory=list[str])
    addresses: list[str] = field(default_factory=list[str])

    def sign_in(self) -> None:
        """Go from the sign-in page to a new chat."""
        self.page.goto(self.url)
        self.page.locator("input[name=email]").fill("ana@taller.example")
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("[type=submit]").click()
        self.page.locator(".welcome").wait_for()

    def enter(self) -> None:
        """Open a new chat as somebody who has signed in before."""
        self.nodo.cookies.add("cookie-of-before")
        cookie = {"name": "nodo_refresh", "value": "cookie-of-before", "url": self.url}
        self.page.context.add_cookies([{**cookie, "httpOnly": True}])  # type: ignore[list-item]
        self.page.add_init_script("localStorage.setItem('nodo.was-signed-in', 'yes')")
        self.page.goto(self.url)
        self.page.locator(".welcome").wait_for()

    def ask(self, text: str) -> None:
        """Write a question and send it."""
        self.composer.fill(text)
        self.composer.press("Enter")

    @property
    def composer(self) -> Locator:
        """The field where questions are written."""
        return self.page.locator("[data-ref=composer]")

    @property
    def answer(self) -> Locator:
        """The last answer."""
        return self.page.locator("article.answer").last

    def is_wider_than_the_window(self) -> bool:
        """Return whether something has to be scrolled sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))

    def serious_findings(self) -> list[str]:
        """Return what axe calls serious or critical on the page as it is.

        In the dark only colours are looked at: nothing else is different there.
        """
        if self.page.evaluate("typeof axe === 'undefined'"):
            # By the debugger, not by a script element: the page's policy stays as it is.
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(_RUN_AXE)
        return [
            f"{finding['id']}: {finding['nodes'][0]['html']}"
            for finding in found
            if finding["impact"] in {"serious", "critical"}
        ]


def open_tab(context: BrowserContext, nodo: FakeNodo, url: str) -> Tab:
    """Return a new tab of a browser context; nothing is loaded in it yet."""
    page = context.new_page()
    page.set_default_timeout(5000)
    tab = Tab(page, nodo, url)
    page.on("request", lambda request: tab.addresses.append(request.url))
    page.on("pageerror", lambda error: tab.console.append(str(error)))
    page.on(
        "console",
        lambda message: (
            tab.console.append(message.text) if message.type in {"warning", "error"} else None
        ),
    )
    return tab
