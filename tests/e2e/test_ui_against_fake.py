"""The interface in a real browser, against a stand-in with scripted answers."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.browsing import AXE, PAGES, Tab, find_chromium, open_browser, open_tab
from tests.servers.fake_answers import Script, done
from tests.servers.fake_nodo import PASSWORD, SETUP_CODE, FakeNodo, running
from tests.waiting import until_now

CHROMIUM = find_chromium()
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not (PAGES / "index.html").is_file(), reason="npm run build was not run"),
]
OpenTab = Callable[..., Tab]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
HELD: Script = [
    ("stage", {"stage": "queued", "ahead": 2, "eta_s": 40}),
    "hold",
    ("stage", {"stage": "reading", "percent": 35}),
    "hold",
    ("stage", {"stage": "writing"}),
    ("token", {"text": "First **part"}),
    "hold",
    ("token", {"text": "** and the rest."}),
    done(),
]


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
def open_new(browser: Browser, nodo: FakeNodo) -> Iterator[OpenTab]:
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
def tab(open_new: OpenTab) -> Tab:
    """Return a tab with somebody signed in."""
    opened = open_new()
    opened.enter()
    return opened


def test_the_first_person_sets_the_box_up_and_asks(open_new: OpenTab, nodo: FakeNodo) -> None:
    nodo.needs_setup = True
    tab = open_new(locale="es-ES")
    tab.page.goto(f"{tab.url}/#code={SETUP_CODE}")
    tab.page.get_by_label("Tu nombre").fill("Ana Ruiz")
    tab.page.get_by_label("Correo electrónico").fill("ana@taller.example")
    tab.page.get_by_label("Contraseña").fill("azul")

    expect(tab.page.get_by_text("Demasiado corta")).to_be_visible()
    tab.page.get_by_label("Contraseña").fill("caballo azul bajo la mesa")
    tab.page.get_by_role("button", name="Crear la cuenta").click()
    tab.page.get_by_label("Lo he guardado en un lugar seguro").check()
    tab.page.get_by_role("button", name="Continuar").click()

    expect(tab.page.get_by_role("heading", name="Hola, Ana.")).to_be_visible()
    assert SETUP_CODE not in tab.page.url
    assert tab.console == []


def test_a_wrong_code_is_said_at_its_field(open_new: OpenTab, nodo: FakeNodo) -> None:
    nodo.needs_setup = True
    tab = open_new()
    tab.page.goto(tab.url)
    tab.page.get_by_label("One-time code").fill("wrong234")
    tab.page.get_by_label("Your name").fill("Ana")
    tab.page.get_by_label("E-mail").fill("ana@taller.example")
    tab.page.get_by_label("Password").fill(PASSWORD)
    tab.page.get_by_role("button", name="Create the account").click()

    expect(tab.page.get_by_text("That code is not right.")).to_be_visible()
    expect(tab.page.get_by_label("One-time code")).to_be_focused()


def test_a_wrong_password_is_said_and_the_right_one_opens_the_chat(open_new: OpenTab) -> None:
    tab = open_new()
    tab.page.goto(tab.url)
    tab.page.get_by_label("E-mail").fill("ana@taller.example")
    tab.page.get_by_label("Password").fill("not this one")
    tab.page.get_by_role("button", name="Sign in").click()
    expect(tab.page.get_by_role("alert")).to_contain_text("is not right")

    tab.page.get_by_label("Password").fill(PASSWORD)
    tab.page.get_by_role("button", name="Sign in").click()

    expect(tab.page.get_by_role("heading", name="Hello, Ana.")).to_be_visible()
    expect(tab.composer).to_be_focused()


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


def test_the_stages_are_said_in_words_while_one_waits(tab: Tab) -> None:
    tab.nodo.scripts.append(HELD)
    tab.ask("Slow, please")
    expect(tab.answer).to_contain_text("In the queue: 2 ahead (≈ 40 s)")
    expect(tab.answer).to_contain_text(re.compile(r"· [3-5] s"))

    tab.nodo.hold.release()
    expect(tab.answer).to_contain_text("Reading your message 35%")

    tab.nodo.hold.release()
    expect(tab.answer.locator("strong")).to_have_text("part")

    tab.nodo.hold.release()
    expect(tab.answer).to_contain_text("First part and the rest.")
    expect(tab.page.locator("[data-ref=announcer]")).to_have_text("Answer complete")


def test_escape_stops_the_answer_and_keeps_its_text(tab: Tab) -> None:
    tab.nodo.scripts.append(HELD)
    tab.nodo.hold.release(2)
    tab.ask("Go on for long")
    expect(tab.answer).to_contain_text("First part")
    expect(tab.page.get_by_role("button", name="Stop the answer")).to_be_visible()

    tab.composer.press("Escape")

    expect(tab.answer).to_contain_text("Stopped.")
    expect(tab.answer).to_contain_text("First part")
    expect(tab.answer.get_by_role("button", name="Continue")).to_be_visible()
    expect(tab.page.get_by_role("button", name="Send")).to_be_visible()


def test_a_reload_in_the_middle_loses_nothing(tab: Tab) -> None:
    tab.nodo.scripts.append(HELD)
    tab.nodo.hold.release(2)
    tab.ask("Will you wait?")
    expect(tab.answer).to_contain_text("First part")

    tab.page.reload()
    expect(tab.answer).to_contain_text("First part")
    expect(tab.answer).to_have_attribute("aria-busy", "true")
    tab.nodo.hold.release()

    expect(tab.answer.locator(".prose")).to_have_text("First part and the rest.")
    expect(tab.page.locator("article.answer")).to_have_count(1)


def test_a_broken_line_is_taken_up_where_it_broke(tab: Tab) -> None:
    tab.nodo.scripts.append(HELD)
    tab.nodo.hold.release(2)
    tab.ask("Mind the gap")
    expect(tab.answer).to_contain_text("First part")

    tab.nodo.cuts += 1
    until_now(lambda: any(r.endswith("/events") for r in tab.nodo.requests))
    tab.nodo.hold.release()

    expect(tab.answer.locator(".prose")).to_have_text("First part and the rest.")


def test_without_a_network_the_question_comes_back_to_its_field(tab: Tab) -> None:
    tab.page.context.set_offline(True)
    tab.ask("Are you there?")
    expect(tab.page.get_by_text("Reconnecting…")).to_be_visible()

    tab.page.context.set_offline(False)

    expect(tab.page.get_by_text("The question was not sent")).to_be_visible()
    expect(tab.composer).to_have_value("Are you there?")
    assert "POST /chat" not in tab.nodo.requests


def test_an_ended_session_asks_again_over_the_page_and_keeps_the_draft(tab: Tab) -> None:
    tab.composer.fill("Half a thought")
    tab.nodo.end_session()
    tab.composer.press("Enter")
    dialog = tab.page.get_by_role("dialog", name="Your session has ended")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()

    expect(dialog).to_be_hidden()
    expect(tab.page.locator("article.question")).to_contain_text("Half a thought")
    expect(tab.answer.locator("strong")).to_have_text("what you asked for")


def test_another_account_can_enter_after_a_session_has_ended(tab: Tab) -> None:
    tab.nodo.end_session()
    tab.ask("Whose question is this?")
    dialog = tab.page.get_by_role("dialog", name="Your session has ended")
    dialog.get_by_role("button", name="Use another account").click()
    expect(dialog).to_have_count(0)
    tab.nodo.user.update(id="u-2", name="Berta Gil", email="berta@taller.example")
    tab.page.get_by_label("E-mail").fill("berta@taller.example")
    tab.page.get_by_label("Password").fill(PASSWORD)
    tab.page.get_by_role("button", name="Sign in").click()

    expect(tab.page.get_by_role("heading", name="Hello, Berta.")).to_be_visible()
    expect(tab.composer).to_have_value("")
    assert tab.nodo.conversations == {}


def test_a_draft_survives_a_reload(tab: Tab) -> None:
    tab.composer.fill("To be continued")
    tab.page.reload()

    expect(tab.composer).to_have_value("To be continued")


def test_a_second_tab_shows_the_same_answer_growing(tab: Tab) -> None:
    tab.nodo.scripts.append(HELD)
    tab.nodo.hold.release(2)
    tab.ask("For both of us")
    expect(tab.answer).to_contain_text("First part")
    other = open_tab(tab.page.context, tab.nodo, tab.url)

    other.page.goto(tab.page.url)
    expect(other.answer).to_contain_text("First part")
    tab.nodo.hold.release()

    expect(other.answer.locator(".prose")).to_have_text("First part and the rest.")
    expect(tab.answer.locator(".prose")).to_have_text("First part and the rest.")


def test_a_left_chat_goes_on_and_is_marked(tab: Tab) -> None:
    tab.nodo.scripts.append(HELD)
    tab.nodo.hold.release(2)
    tab.ask("Take your time")
    expect(tab.answer).to_contain_text("First part")

    tab.page.get_by_role("button", name="New chat").click()
    expect(tab.page.locator("[data-kind=writing]")).to_be_visible()
    tab.nodo.hold.release()

    expect(tab.page.locator("[data-kind=unread]")).to_be_visible()


@pytest.mark.parametrize(
    ("ending", "words", "action"),
    [
        (done("length"), "Cut at the length limit.", "Continue"),
        (("error", {"status": 503, "code": "engine_stopped"}), "The engine stopped", "Try again"),
        (("error", {"status": 503, "code": "answer_interrupted"}), "went down", "Try again"),
    ],
)
def test_an_end_that_is_not_the_end_is_said_with_what_to_do(
    tab: Tab, ending: tuple[str, dict[str, object]], words: str, action: str
) -> None:
    tab.nodo.scripts.append([("token", {"text": "Half an answ"}), ending])
    tab.ask("Try this")

    expect(tab.answer).to_contain_text("Half an answ")
    expect(tab.answer).to_contain_text(words)
    expect(tab.answer.get_by_role("button", name=action)).to_be_visible()


def test_another_answer_stands_beside_the_first(tab: Tab) -> None:
    tab.nodo.scripts.append([("token", {"text": "One"}), done()])
    tab.nodo.scripts.append([("token", {"text": "Two"}), done()])
    tab.ask("Count")
    expect(tab.answer.locator(".prose")).to_have_text("One")

    tab.answer.get_by_role("button", name="Answer again").click()
    expect(tab.answer.locator(".prose")).to_have_text("Two")
    tab.page.get_by_role("button", name="Previous version").click()

    expect(tab.answer.locator(".prose")).to_have_text("One")
    expect(tab.answer).to_contain_text("1/2")


def test_an_edited_question_starts_a_branch_and_keeps_the_old_one(tab: Tab) -> None:
    tab.ask("Frist try")
    expect(tab.answer).to_have_attribute("aria-busy", "false")

    tab.composer.press("ArrowUp")
    tab.page.get_by_label("Edit the question").fill("First try")
    tab.page.get_by_role("button", name="Send this version").click()

    question = tab.page.locator("article.question")
    expect(question).to_have_count(1)
    expect(question).to_contain_text("First try")
    expect(question).to_contain_text("2/2")


def test_a_conversation_is_renamed_deleted_and_brought_back(tab: Tab) -> None:
    conversation_id = tab.nodo.add_conversation("Old name")
    tab.page.reload()
    row = tab.page.locator(f"[data-id={conversation_id}]")
    row.get_by_role("link").press("F2")
    row.get_by_role("textbox").fill("New name")
    row.get_by_role("textbox").press("Enter")
    until_now(lambda: tab.nodo.conversations[conversation_id]["title"] == "New name")

    row.hover()
    row.get_by_role("button", name="Delete").click()
    expect(row).to_be_hidden()
    tab.page.get_by_role("button", name="Undo").click()

    expect(row).to_contain_text("New name")


def test_the_search_finds_by_title_and_says_when_it_finds_nothing(tab: Tab) -> None:
    tab.nodo.add_conversation("Compressor")
    tab.nodo.add_conversation("Invoices")
    tab.page.reload()
    tab.composer.wait_for()
    tab.page.keyboard.press("Control+k")
    tab.page.keyboard.type("compr")
    expect(tab.page.locator(".history-row")).to_have_count(1)

    tab.page.keyboard.type("xyz")
    expect(tab.page.get_by_text("No title contains “comprxyz”.")).to_be_visible()


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


def test_the_language_changes_at_once_and_stays(tab: Tab) -> None:
    tab.page.get_by_role("button", name="user menu").click()
    tab.page.get_by_role("button", name="Español").click()
    expect(tab.page.get_by_role("heading", name="Hola, Ana.")).to_be_visible()
    until_now(lambda: tab.nodo.user["language"] == "es")

    tab.page.reload()

    expect(tab.page.get_by_role("heading", name="Hola, Ana.")).to_be_visible()
    assert tab.page.evaluate("document.documentElement.lang") == "es"


def test_signing_out_leads_to_the_sign_in_page(tab: Tab) -> None:
    tab.page.get_by_role("button", name="user menu").click()
    tab.page.get_by_role("button", name="Sign out").click()

    expect(tab.page.get_by_role("heading", name="Sign in")).to_be_visible()
    tab.page.reload()
    expect(tab.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_demonstration_says_so_and_leads_to_the_models(tab: Tab) -> None:
    tab.page.get_by_role("button", name="Get a real model", exact=True).click()

    expect(tab.page.get_by_role("heading", name="On this box")).to_be_visible()
    expect(tab.page.get_by_text("The file ends too early.")).to_be_visible()
    tab.page.get_by_role("button", name="Use Small 3B").click()
    until_now(lambda: tab.nodo.engine["model"] == "small-3b")
    expect(tab.page.locator("[data-current]")).to_contain_text("Small 3B")


def test_the_reader_who_scrolls_up_is_left_alone(tab: Tab) -> None:
    lines = [("token", {"text": f"Line {n}\n\n"}) for n in range(60)]
    tab.nodo.scripts.append([*lines, "hold", *lines, done()])
    tab.ask("A long one")
    box = tab.page.locator(".chat-box")
    expect(tab.answer).to_contain_text("Line 59")
    box.hover()
    tab.page.mouse.wheel(0, -400)
    tab.page.get_by_role("button", name="Go to the end").wait_for()
    place = box.evaluate("box => box.scrollTop")

    tab.nodo.hold.release()
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    assert box.evaluate("box => box.scrollTop") == place
    tab.page.get_by_role("button", name="Go to the end").click()

    assert box.evaluate("box => box.scrollHeight - box.clientHeight - box.scrollTop") < 2


def test_older_messages_come_above_and_the_line_stays(tab: Tab) -> None:
    conversation_id = tab.nodo.add_conversation("Long ago")
    parent = None
    for n in range(70):
        role = "user" if n % 2 == 0 else "assistant"
        parent = tab.nodo.add_message(conversation_id, parent, role, f"Message {n}.")["id"]
    tab.page.goto(f"{tab.url}/#/chat/{conversation_id}")
    expect(tab.page.get_by_text("Message 69.")).to_be_in_viewport()
    line = tab.page.get_by_text("Message 20.", exact=True)
    line.scroll_into_view_if_needed()
    before = line.bounding_box()

    tab.page.get_by_role("button", name="Show earlier messages").evaluate("b => b.click()")
    tab.page.get_by_text("Message 0.", exact=True).wait_for()

    after = line.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 2


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
