"""Makes the pictures of README and docs from a real Nodo, so that they show what is true today.

    python -m tools.screenshots [--all FOLDER]

Starts Nodo on an empty folder, sets it up, asks the demo model, and photographs the pages in
Debian's Chromium. Without --all it writes `docs/pictures/chat.png` and `people.png`; with it, every
page in both languages, light and dark, at desk and phone width, into FOLDER.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from tests.servers.nodo import OWNER, ROOT, Nodo, running_nodo

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
DESK = (1280, 800)
PHONE = (390, 844)
LOOKS = {
    "desk": (DESK, False),
    "desk-dark": (DESK, True),
    "phone": (PHONE, False),
    "phone-dark": (PHONE, True),
}
GATES = ("", "join", "recover", "register")
PAGES = (
    "models", "search?q=Nodo", "bin",
    *(f"settings/{part}" for part in ("profile", "security", "appearance", "assistant", "keys")),
    *(f"admin/{part}" for part in ("users", "invites", "audit", "settings", "providers", "conversations")),
)  # fmt: skip
COLLEAGUES = {"Berta": "worker", "Carlos": "supervisor", "Diana": "admin"}
QUESTIONS = {
    "es": ("Hola, ¿quién eres?", "¿Qué puedo hacer con Nodo?", "Dame tres ideas para ahorrar luz"),
    "en": ("Hello, who are you?", "What can I do with Nodo?", "Give me three ideas to save energy"),
}


def texts(language: str) -> dict[str, str]:
    """Return the interface's own words, to find buttons by."""
    words: dict[str, str] = {}
    for part in ("", "gates.", "pages."):
        file = ROOT / "ui" / "strings" / f"{part}{language}.json"
        words |= json.loads(file.read_text(encoding="utf-8"))
    return words


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give a browser that asks nobody on the internet anything."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


def open_page(
    browser: Browser, language: str, size: tuple[int, int] = DESK, *, dark: bool = False
) -> Page:
    """Return a new page of a new person's browser."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="es-ES" if language == "es" else "en-GB",
        color_scheme="dark" if dark else "light",
        has_touch=size == PHONE,
        is_mobile=size == PHONE,
    )
    return context.new_page()


def set_up(page: Page, nodo: Nodo, language: str) -> None:
    """Fill in the first page as the owner would."""
    words = texts(language)
    page.goto(f"{nodo.url}/#code={nodo.setup_code()}")
    page.get_by_label(words["setup.name"]).fill(OWNER["name"])
    page.get_by_label(words["setup.email"]).fill(OWNER["email"])
    page.locator("input[type=password]").fill(OWNER["password"])
    page.get_by_role("button", name=words["setup.submit"]).click()
    page.locator(".kit input, .kit-place .remark").first.wait_for()
    for saved in page.locator(".kit input").all():
        saved.check()
    page.locator(".kit-place .button-primary").click()
    page.get_by_label(words["composer.label"]).wait_for()


def sign_in(page: Page, nodo: Nodo, language: str) -> None:
    """Sign the owner in."""
    words = texts(language)
    page.goto(nodo.url)
    page.get_by_label(words["login.email"]).fill(OWNER["email"])
    page.locator("input[type=password]").fill(OWNER["password"])
    page.get_by_role("button", name=words["login.submit"], exact=True).click()
    page.get_by_label(words["composer.label"]).wait_for()


def ask(page: Page, language: str, question: str) -> None:
    """Ask, and wait for the end of the answer."""
    words = texts(language)
    page.get_by_label(words["composer.label"]).fill(question)
    page.get_by_role("button", name=words["composer.send"], exact=True).click()
    page.get_by_role("button", name=words["composer.stop"]).wait_for(state="detached")
    page.get_by_role("article").get_by_text(question, exact=True).last.wait_for()
    page.wait_for_timeout(400)


def _set_up_picture(browser: Browser, nodo: Nodo, folder: Path) -> None:
    page = open_page(browser, "es")
    page.goto(f"{nodo.url}/#code={nodo.setup_code()}")
    page.locator("input[type=password]").wait_for()
    page.screenshot(path=folder / "setup-es-desk.png")
    page.context.close()


def _chat_picture(browser: Browser, nodo: Nodo, target: Path) -> None:
    page = open_page(browser, "es")
    set_up(page, nodo, "es")
    for question in QUESTIONS["es"]:
        ask(page, "es", question)
    # Opened anew it stands at its end, without the room that an answer leaves to grow into.
    page.reload()
    page.get_by_role("article").nth(2 * len(QUESTIONS["es"]) - 1).wait_for()
    _photograph(page, target)
    page.context.close()


def _people_picture(browser: Browser, nodo: Nodo, target: Path) -> None:
    with httpx.Client() as client:
        headers = nodo.sign_in(client)
        for name, role in COLLEAGUES.items():
            colleague = {"email": f"{name.lower()}@taller.example", "name": name, "role": role}
            made = client.post(
                f"{nodo.url}/admin/users", json={**colleague, "language": "es"}, headers=headers
            )
            made.raise_for_status()
    page = open_page(browser, "es")
    sign_in(page, nodo, "es")
    page.goto(f"{nodo.url}/#/admin/users")
    page.locator("tbody tr").nth(len(COLLEAGUES)).wait_for()
    _photograph(page, target)
    page.context.close()


def _all_pictures(browser: Browser, nodo: Nodo, folder: Path) -> None:
    for language in ("es", "en"):
        # A person's pages speak the language of the account, whatever the browser's is.
        with httpx.Client() as client:
            headers = nodo.sign_in(client)
            client.patch(f"{nodo.url}/auth/me", json={"language": language}, headers=headers)
        for name, (size, dark) in LOOKS.items():
            page = open_page(browser, language, size, dark=dark)
            for gate in GATES:
                page.goto(f"{nodo.url}/#/{gate}")
                page.reload()
                _photograph(page, folder / f"{gate or 'login'}-{language}-{name}.png")
            sign_in(page, nodo, language)
            _photograph(page, folder / f"welcome-{language}-{name}.png")
            for question in QUESTIONS[language][1:]:
                ask(page, language, question)
            _photograph(page, folder / f"chat-{language}-{name}.png")
            _photograph_over_the_chat(page, language, folder, name)
            for address in PAGES:
                page.goto(f"{nodo.url}/#/{address}")
                target = (
                    folder / f"{address.partition('?')[0].replace('/', '-')}-{language}-{name}.png"
                )
                _photograph(page, target, whole=True)
            _photograph_dialogs(page, nodo, language, folder, name)
            page.context.close()


def _photograph(page: Page, target: Path, *, whole: bool = False) -> None:
    """Photograph the page once it stands still; the whole of it if that is longer."""
    page.wait_for_timeout(600)
    size = page.viewport_size or {"width": DESK[0], "height": DESK[1]}
    if whole:
        hidden_px = page.evaluate(
            "Math.max(0, ...[...document.querySelectorAll('.tabbed, .models')]"
            ".map((box) => box.scrollHeight - box.clientHeight))"
        )
        page.set_viewport_size({"width": size["width"], "height": size["height"] + hidden_px})
        page.wait_for_timeout(100)
    page.screenshot(path=target)
    page.set_viewport_size(size)  # type: ignore[arg-type]


def _photograph_over_the_chat(page: Page, language: str, folder: Path, name: str) -> None:
    words = texts(language)
    for what, key in (("commands", "Control+k"), ("keys", "F1")):
        page.keyboard.press(key)
        page.get_by_role("dialog").wait_for()
        _photograph(page, folder / f"{what}-{language}-{name}.png")
        page.keyboard.press("Escape")
    page.get_by_role("button", name=words["chat.menu"]).click()
    _photograph(page, folder / f"menu-{language}-{name}.png")
    page.get_by_role("button", name=words["options.title"]).click()
    _photograph(page, folder / f"options-{language}-{name}.png")


def _photograph_dialogs(page: Page, nodo: Nodo, language: str, folder: Path, name: str) -> None:
    words = texts(language)
    page.goto(f"{nodo.url}/#/admin/users")
    page.locator("[data-row] button").first.click()
    _photograph(page, folder / f"person-{language}-{name}.png")
    page.goto(f"{nodo.url}/#/admin/invites")
    page.get_by_role("button", name=words["invites.create"]).click()
    page.locator(".sheet-code").wait_for()
    _photograph(page, folder / f"invitation-{language}-{name}.png")
    page.goto(f"{nodo.url}/#/settings/security")
    page.get_by_role("button", name=words["recovery.renew"]).click()
    page.get_by_role("dialog").get_by_role("button", name=words["recovery.renew"]).click()
    page.locator(".codes-one").first.wait_for()
    _photograph(page, folder / f"kit-{language}-{name}.png")


def main() -> None:
    """Make the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    every = parser.parse_args().all
    target = (every or ROOT / "docs" / "pictures") / "chat.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        running_nodo(Path(data)) as nodo,
        chromium() as browser,
    ):
        if every:
            _set_up_picture(browser, nodo, every)
        _chat_picture(browser, nodo, target)
        _people_picture(browser, nodo, target.with_name("people.png"))
        if every:
            _all_pictures(browser, nodo, every)


if __name__ == "__main__":
    main()
