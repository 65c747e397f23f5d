"""The pages in a real browser on a real box with the demo model."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.servers.nodo import OWNER, ROOT, Nodo, running_nodo
from tests.waiting import until_now
from tools.screenshots import CHROMIUM, CHROMIUM_FLAGS, ask, open_page, set_up, sign_in, texts

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
if not Path(CHROMIUM).exists():
    pytest.skip("Chromium is not installed", allow_module_level=True)
if not (ROOT / "ui/dist/index.html").exists():
    pytest.skip("the interface is not built", allow_module_level=True)

PHONE = (390, 844)
NARROW = (320, 640)
AXE = ROOT / "node_modules/axe-core/axe.min.js"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Nodo]:
    with running_nodo(tmp_path_factory.mktemp("box"), {"NODO_RATE_LIMIT_ENABLED": "off"}) as nodo:
        page = open_page(browser, "es")
        set_up(page, nodo, "es")
        page.context.close()
        yield nodo


@pytest.fixture
def page(browser: Browser, box: Nodo) -> Iterator[Page]:
    opened = open_page(browser, "es")
    said: list[str] = []
    foreign: list[str] = []
    opened.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda r: None if r.url.startswith(box.url) else foreign.append(r.url))
    yield opened
    opened.context.close()
    # The first look for a session is answered with 401: the browser itself logs that line.
    assert [line for line in said if "401" not in line] == []
    assert [address for address in foreign if not address.startswith(("data:", "blob:"))] == []


@contextmanager
def engine_stands_still(box: Nodo) -> Iterator[None]:
    """Stop the engine's process for a moment, so that an answer stays in work meanwhile."""
    until_now(lambda: psutil.Process(box.pid).children(), within_s=20)
    pid = psutil.Process(box.pid).children()[0].pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def send(page: Page, question: str, language: str = "es") -> None:
    words = texts(language)
    page.get_by_label(words["composer.label"]).fill(question)
    page.get_by_role("button", name=words["composer.send"], exact=True).click()


def test_a_question_gets_a_streamed_answer_and_a_row_in_the_history(page: Page, box: Nodo) -> None:
    sign_in(page, box, "es")

    ask(page, "es", "Hola, ¿quién eres tú?")

    expect(page.get_by_role("article").last).to_contain_text("Nodo")
    expect(page.get_by_role("navigation").get_by_text("Hola, ¿quién eres tú?")).to_be_visible()


def test_a_reload_while_the_answer_is_in_work_loses_nothing(page: Page, box: Nodo) -> None:
    sign_in(page, box, "es")
    with engine_stands_still(box):
        send(page, "¿Qué puede hacer Nodo por mí?")
        page.get_by_role("button", name=texts("es")["composer.stop"]).wait_for()
        page.wait_for_url("**/#/chat/*")
        page.reload()
        page.get_by_role("button", name=texts("es")["composer.stop"]).wait_for()

    page.get_by_role("button", name=texts("es")["composer.stop"]).wait_for(state="detached")
    articles = page.get_by_role("article")
    expect(articles).to_have_count(2)
    expect(articles.last).to_contain_text("Nodo")


def test_a_second_tab_shows_the_same_answer(page: Page, box: Nodo) -> None:
    sign_in(page, box, "es")
    with engine_stands_still(box):
        send(page, "Explica la privacidad de Nodo")
        page.wait_for_url("**/#/chat/*")
        second = page.context.new_page()
        second.goto(page.url)
        second.get_by_role("button", name=texts("es")["composer.stop"]).wait_for()

    for tab in (page, second):
        tab.get_by_role("button", name=texts("es")["composer.stop"]).wait_for(state="detached")
    answer = page.get_by_role("article").last.inner_text()
    expect(second.get_by_role("article").last).to_have_text(answer, use_inner_text=True)


def test_stop_ends_an_answer_and_says_so(page: Page, box: Nodo) -> None:
    sign_in(page, box, "es")
    with engine_stands_still(box):
        send(page, "Cuéntame algo sobre las copias de seguridad")
        page.get_by_role("button", name=texts("es")["composer.stop"]).click()
        page.get_by_role("button", name=texts("es")["composer.stop"]).wait_for(state="detached")

    expect(page.get_by_label(texts("es")["composer.label"])).to_be_editable()
    ask(page, "es", "Hola otra vez")


def test_the_language_can_be_changed_and_stays(page: Page, box: Nodo) -> None:
    sign_in(page, box, "es")
    page.get_by_role("button", name=OWNER["email"]).click()
    page.get_by_text("English", exact=True).click()

    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.get_by_label(texts("en")["composer.label"])).to_be_visible()
    page.get_by_role("button", name=OWNER["email"]).click()
    page.get_by_text("Español", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "es")


@pytest.mark.parametrize("size", [PHONE, NARROW], ids=["phone", "narrow"])
def test_nothing_is_wider_than_a_phone(browser: Browser, box: Nodo, size: tuple[int, int]) -> None:
    page = open_page(browser, "es", size)
    sign_in(page, box, "es")
    send(page, "¿Qué puedo hacer con Nodo?")
    page.get_by_role("button", name=texts("es")["composer.stop"]).wait_for(state="detached")

    for address in (page.url, f"{box.url}/#/models"):
        page.goto(address)
        page.wait_for_timeout(300)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, address
    page.context.close()


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_has_no_serious_finding(browser: Browser, box: Nodo, *, dark: bool) -> None:
    page = open_page(browser, "es", dark=dark)
    page.goto(box.url)
    page.locator("input[type=password]").wait_for()
    found = {"login": serious(page)}
    sign_in(page, box, "es")
    found["welcome"] = serious(page)
    ask(page, "es", "Dame tres ideas para la oficina")
    found["chat"] = serious(page)
    page.goto(f"{box.url}/#/models")
    page.get_by_role("heading", name=texts("es")["models.installed"]).wait_for()
    found["models"] = serious(page)
    page.context.close()

    assert found == {"login": [], "welcome": [], "chat": [], "models": []}


def serious(page: Page) -> list[str]:
    """Return axe's serious and critical findings on this page."""
    # By the debugging protocol, since the page's policy lets no foreign script in.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{finding['id']}: {finding['nodes'][0]['html'][:120]}"
        for finding in result["violations"]
        if finding["impact"] in {"serious", "critical"}
    ]
