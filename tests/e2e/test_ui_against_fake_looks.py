"""How answers and pages look, on phones too, and what axe says, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, expect

from tests.e2e.browsing import AXE, NEEDS_BROWSER, PHONE, Tab
from tests.servers.fake_answers import done
from tests.servers.fake_nodo import FakeNodo

pytestmark = NEEDS_BROWSER
OpenTab = Callable[..., Tab]


def test_an_answer_is_drawn_from_markdown_without_a_word_in_the_console(tab: Tab) -> None:
    tab.ask("How do I close the workshop?")

    expect(tab.page.locator("article.question")).to_contain_text("How do I close the workshop?")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    expect(tab.answer.locator("strong")).to_have_text("what you asked for")
    expect(tab.answer.locator("td[align=right]")).to_have_text("4")
    expect(tab.answer.locator(".code-text")).to_contain_text('print("done")')
    link = tab.answer.get_by_role("link", name="the manual")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(tab.page).to_have_url(re.compile(r"#/chat/c-\d+$"))
    assert tab.console == []


def test_hostile_texts_neither_run_nor_ask_for_anything(tab: Tab) -> None:
    hostile = (
        "<img src=x onerror='window.hurt=1'><script>window.hurt=1</script>"
        "<svg onload='window.hurt=1'></svg><iframe src='http://evil.example/'></iframe>"
        "<style>*{display:none}</style>\n\n"
        "![track](http://evil.example/t.png) [run](javascript:window.hurt=1) "
        "[data](data:text/html,x)\n\n<a href='http://evil.example' onclick='window.hurt=1'>a</a>"
    )
    tab.nodo.scripts.append([("token", {"text": hostile}), ("title", {"title": hostile}), done()])
    tab.nodo.user["name"] = hostile
    tab.ask(hostile)

    expect(tab.answer).to_have_attribute("aria-busy", "false")
    expect(tab.answer).to_contain_text("<script>window.hurt=1</script>")
    expect(tab.answer.get_by_role("link", name="track")).to_be_visible()
    hrefs = [link.get_attribute("href") for link in tab.answer.locator("a").all()]
    assert hrefs == ["http://evil.example/t.png", None, None]
    assert tab.answer.locator("img, script, iframe, style, [onclick]").count() == 0
    assert tab.page.evaluate("window.hurt") is None
    assert [address for address in tab.addresses if not address.startswith(tab.url)] == []
    assert tab.console == []


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_wider_than_a_phone(open_new: OpenTab, nodo: FakeNodo, width: int) -> None:
    nodo.user["language"] = "es"
    nodo.add_conversation("Una conversación con un título larguísimo que no cabe " * 3)
    tab = open_new(**{**PHONE, "viewport": {"width": width, "height": 700}})
    tab.sign_in()
    assert not tab.is_wider_than_the_window()

    tab.composer.fill("palabra" * 40)
    tab.page.get_by_role("button", name="Enviar").click()
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    assert not tab.is_wider_than_the_window()
    tab.page.get_by_role("button", name="Mostrar la barra lateral").click()
    tab.page.get_by_role("link", name="Modelos").click()
    expect(tab.page.get_by_role("heading", name="En este equipo")).to_be_visible()
    assert not tab.is_wider_than_the_window()


def test_on_a_touch_screen_return_is_a_new_line(open_new: OpenTab) -> None:
    tab = open_new(**PHONE)
    tab.sign_in()
    tab.composer.tap()
    tab.composer.press_sequentially("one")
    tab.composer.press("Enter")
    tab.composer.press_sequentially("two")

    expect(tab.composer).to_have_value("one\ntwo")


@pytest.mark.skipif(not AXE.is_file(), reason="npm ci was not run")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_new: OpenTab, nodo: FakeNodo, theme: str) -> None:
    nodo.add_conversation("Yesterday's question", days_ago=1)
    nodo.scripts.append([("token", {"text": "Half"}), ("error", {"status": 503, "code": "x"})])
    tab = open_new(color_scheme=theme)
    tab.page.goto(tab.url)
    tab.page.locator("form").wait_for()
    findings = {"sign-in": tab.serious_findings()}
    tab.sign_in()
    findings["welcome"] = tab.serious_findings()
    tab.ask("Will this fail?")
    expect(tab.answer.get_by_role("button", name="Try again")).to_be_visible()
    tab.ask("Will this work?")
    expect(tab.answer.locator("strong")).to_have_text("what you asked for")
    tab.page.get_by_role("button", name="user menu").click()
    findings["chat"] = tab.serious_findings()
    tab.page.keyboard.press("F1")
    tab.page.get_by_role("dialog").wait_for()
    findings["keys"] = tab.serious_findings()
    tab.page.keyboard.press("Escape")
    tab.page.get_by_role("link", name="Models").click()
    tab.page.get_by_role("heading", name="On this box").wait_for()
    findings["models"] = tab.serious_findings()

    assert findings == {page: [] for page in findings}


PLAN: FilePayload = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"x" * 99}
CODE = "```python\ndef add(a, b):\n    return a + b  # both\n```\n\nDone."
SUMS = (
    "Inline \\(a^2 + b_1\\), block:\n\n$$\n\\frac{a}{b} = \\sqrt{2}\n$$\n\n"
    "It costs $4, R$ 12,29 or $5 a piece. Wrong: $$\\frac{$$ and \\(\\href{javascript:alert(1)}{x}\\)."
)


def test_code_has_its_colours_its_language_and_wraps(tab: Tab) -> None:
    tab.nodo.scripts.append([("token", {"text": CODE}), done()])
    tab.ask("Code, please")
    block = tab.answer.locator(".code")
    expect(block.locator(".hljs-keyword").first).to_have_text("def")
    expect(block.locator(".code-language")).to_have_text("python")
    expect(block.locator("code")).to_have_attribute("dir", "ltr")
    block.get_by_role("button", name="Wrap lines").click()

    expect(block.locator("pre")).to_have_class("code-text is-wrapped")
    expect(block.locator("code")).to_have_text("def add(a, b):\n    return a + b  # both")
    assert tab.console == []


def test_code_of_more_than_50000_characters_stays_plain(tab: Tab) -> None:
    text = "```python\n" + "x = 1\n" * 9000 + "```\n\nDone."
    tab.nodo.scripts.append([("token", {"text": text}), done()])
    tab.ask("A lot of code")
    expect(tab.answer).to_contain_text("Done.")
    expect(tab.answer).to_have_attribute("aria-busy", "false")

    tab.page.wait_for_timeout(500)
    assert tab.answer.locator("[class^=hljs]").count() == 0


def test_formulas_are_drawn_and_prices_are_not(tab: Tab) -> None:
    tab.nodo.scripts.append([("token", {"text": SUMS}), done()])
    tab.ask("Some sums")
    expect(tab.answer.locator(".formula-block math mfrac")).to_be_visible()
    expect(tab.answer.locator("p math").first).to_be_visible()

    expect(tab.answer).to_contain_text("It costs $4, R$ 12,29 or $5 a piece.")
    assert tab.answer.locator("math [href], math a").count() == 0
    assert [line for line in tab.console if "Content Security" in line] == []
    assert [address for address in tab.addresses if not address.startswith(tab.url)] == []


def test_an_answer_in_another_language_says_so(tab: Tab) -> None:
    spanish = "La diferencia entre el kW y el kWh es que uno es la potencia y el otro la energía."
    tab.nodo.scripts.append([("token", {"text": spanish}), done()])
    tab.ask("In Spanish")

    expect(tab.answer.locator(".prose")).to_have_attribute("lang", "es")


def test_paper_gets_the_messages_and_nothing_else(tab: Tab) -> None:
    tab.ask("For the file")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    tab.page.emulate_media(media="print")

    for name in (".sidebar", ".composer", ".message-row", ".menu", ".code-action"):
        expect(tab.page.locator(name).first).to_be_hidden()
    expect(tab.answer).to_contain_text("Close the valves")
    assert (
        tab.page.evaluate("getComputedStyle(document.querySelector('.chat-box')).overflow")
        == "visible"
    )


@pytest.mark.parametrize("width", [320, 390])
def test_the_new_parts_are_not_wider_than_a_phone(
    open_new: OpenTab, nodo: FakeNodo, width: int
) -> None:
    nodo.user["language"] = "es"
    tab = open_new(**{**PHONE, "viewport": {"width": width, "height": 700}})
    tab.sign_in()
    name = f"{'informe' * 12}.pdf"
    tab.page.locator("[data-ref=file-picker]").set_input_files([{**PLAN, "name": name}])
    expect(tab.page.locator(".chip")).to_contain_text("Listo")
    found = {"chip": tab.is_wider_than_the_window()}
    tab.composer.fill("compresor")
    tab.page.get_by_role("button", name="Enviar").click()
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    tab.answer.locator(".details summary").click()
    found["answer"] = tab.is_wider_than_the_window()
    tab.page.get_by_role("button", name="Menú del chat").click()
    found["menu"] = tab.is_wider_than_the_window()
    tab.page.get_by_role("button", name="Opciones de respuesta").click()
    expect(tab.page.get_by_label("Temperatura")).to_be_visible()
    found["options"] = tab.is_wider_than_the_window()
    for address in ("search?q=compresor", "bin"):
        tab.page.goto(f"{tab.url}/#/{address}")
        tab.page.locator(".page-content").wait_for()
        found[address] = tab.is_wider_than_the_window()

    assert found == dict.fromkeys(found, False)


@pytest.mark.skipif(not AXE.is_file(), reason="npm ci was not run")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_the_new_parts(open_new: OpenTab, theme: str) -> None:
    tab = open_new(color_scheme=theme)
    tab.enter()
    tab.page.locator("[data-ref=file-picker]").set_input_files([PLAN, {**PLAN, "name": "song.mp3"}])
    expect(tab.page.locator(".chip").first).to_contain_text("Ready")
    findings = {"files": tab.serious_findings()}
    tab.page.get_by_role("button", name="Take song.mp3 out").click()
    tab.nodo.scripts.append([("token", {"text": f"{CODE}\n\n{SUMS}"}), done()])
    tab.ask("Everything, please")
    expect(tab.answer.locator("math").first).to_be_visible()
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    tab.answer.locator(".details summary").click()
    findings["answer"] = tab.serious_findings()
    tab.page.get_by_role("button", name="Chat menu").click()
    findings["menu"] = tab.serious_findings()
    tab.page.get_by_role("button", name="Answer options").click()
    expect(tab.page.get_by_label("Temperature")).to_be_visible()
    findings["options"] = tab.serious_findings()
    tab.page.keyboard.press("Control+k")
    tab.page.keyboard.type("every")
    expect(tab.page.get_by_role("option").first).to_be_visible()
    findings["commands"] = tab.serious_findings()
    tab.page.keyboard.press("Escape")
    for address in ("search?q=every", "bin"):
        tab.page.goto(f"{tab.url}/#/{address}")
        tab.page.locator(".page-content").wait_for()
        findings[address] = tab.serious_findings()

    assert findings == {part: [] for part in findings}
