"""Two people in two browsers on a real box: from the set-up to the day when one of them is shut out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.servers.nodo import OWNER, ROOT, Nodo, running_nodo
from tools.screenshots import CHROMIUM, CHROMIUM_FLAGS, ask, open_page, texts

pytest.importorskip("llama_cpp", reason="llama-cpp-python is not installed")
if not Path(CHROMIUM).exists():
    pytest.skip("Chromium is not installed", allow_module_level=True)
if not (ROOT / "ui/dist/index.html").exists():
    pytest.skip("the interface is not built", allow_module_level=True)

WORDS = texts("es")
WORKER_PASSWORD = "tres barcas en el puerto"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Nodo]:
    with running_nodo(tmp_path, {"NODO_RATE_LIMIT_ENABLED": "off"}) as nodo:
        yield nodo


def button(page: Page, key: str) -> None:
    page.get_by_role("button", name=WORDS[key], exact=True).click()


def owner_with_kit(page: Page, box: Nodo) -> list[str]:
    """Set the box up; return the recovery codes."""
    page.goto(f"{box.url}/#code={box.setup_code()}")
    page.get_by_label(WORDS["setup.name"]).fill(OWNER["name"])
    page.get_by_label(WORDS["setup.email"]).fill(OWNER["email"])
    page.locator("input[type=password]").fill(OWNER["password"])
    button(page, "setup.submit")
    expect(page.locator(".codes-one")).to_have_count(8)
    codes = page.locator(".codes-one").all_inner_texts()
    page.get_by_label(WORDS["kit.saved"]).check()
    button(page, "kit.go_on")
    page.get_by_label(WORDS["composer.label"]).wait_for()
    return codes


def invite(page: Page, box: Nodo) -> str:
    """Make an invitation; return its link."""
    page.goto(f"{box.url}/#/admin/invites")
    page.get_by_label(WORDS["invites.name"]).fill("Pepe")
    button(page, "invites.create")
    link = page.locator(".sheet-address").inner_text()
    page.keyboard.press("Escape")
    return link


def join(page: Page, link: str) -> None:
    page.goto(link)
    expect(page.get_by_label(WORDS["setup.name"])).to_have_value("Pepe")
    page.get_by_label(WORDS["setup.email"]).fill("pepe@taller.example")
    page.locator("input[type=password]").fill(WORKER_PASSWORD)
    button(page, "join.submit")
    page.get_by_label(WORDS["composer.label"]).wait_for()


def test_a_box_gets_its_people_and_loses_one(browser: Browser, box: Nodo) -> None:
    owner = open_page(browser, "es")
    owner_with_kit(owner, box)
    worker = open_page(browser, "es")
    join(worker, invite(owner, box))
    ask(worker, "es", "Hola, ¿quién eres?")
    expect(worker.get_by_role("article").last).to_contain_text("Nodo")

    owner.goto(f"{box.url}/#/admin/users")
    owner.get_by_role("button", name=WORDS["users.manage_named"].format(name="Pepe")).click()
    button(owner, "person.disable")
    expect(owner.locator(".toast")).to_contain_text("Pepe")

    dialog = worker.get_by_role("dialog", name=WORDS["session.ended"])
    dialog.wait_for(timeout=30_000)
    dialog.get_by_label(WORDS["login.password"]).fill(WORKER_PASSWORD)
    dialog.get_by_role("button", name=WORDS["login.submit"], exact=True).click()
    expect(dialog).to_contain_text(WORDS["problem.account_disabled"])

    owner.goto(f"{box.url}/#/admin/audit")
    for action in ("user.disabled", "invite.used", "invite.created"):
        expect(owner.locator("tbody")).to_contain_text(WORDS[f"audit.action.{action}"])
    owner.get_by_role("button", name=WORDS["audit.check"]).click()
    expect(owner.locator(".remark-good")).to_be_visible()
    for page in (owner, worker):
        page.context.close()


def test_the_owner_who_forgot_the_password_comes_back_with_a_code_of_the_kit(
    browser: Browser, box: Nodo
) -> None:
    page = open_page(browser, "es")
    codes = owner_with_kit(page, box)
    page.context.close()

    again = open_page(browser, "es")
    again.goto(f"{box.url}/#/recover")
    again.get_by_text(WORDS["recover.owner_title"]).click()
    again.get_by_label(WORDS["login.email"]).fill(OWNER["email"])
    again.get_by_label(WORDS["recover.code"]).fill(codes[2])
    again.locator("input[type=password]").fill("una puerta azul y 9 perros")
    button(again, "recover.submit")

    again.get_by_label(WORDS["composer.label"]).wait_for()
    again.goto(f"{box.url}/#/settings/security")
    expect(again.get_by_text("Quedan 7 códigos")).to_be_visible()
    again.context.close()
