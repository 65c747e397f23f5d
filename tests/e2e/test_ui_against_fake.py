"""The interface in a real browser, against a stand-in with scripted answers: entering, asking, waiting, coming back."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browsing import NEEDS_BROWSER, Tab, open_tab
from tests.servers.fake_answers import held_script
from tests.servers.fake_nodo import PASSWORD, SETUP_CODE, FakeNodo
from tests.waiting import until_now

pytestmark = NEEDS_BROWSER
OpenTab = Callable[..., Tab]


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


def test_the_stages_are_said_in_words_while_one_waits(tab: Tab) -> None:
    tab.nodo.scripts.append(held_script())
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
    tab.nodo.scripts.append(held_script())
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
    tab.nodo.scripts.append(held_script())
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
    tab.nodo.scripts.append(held_script())
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
    tab.page.evaluate("window.dispatchEvent(new Event('online'))")
    dialog = tab.page.get_by_role("dialog", name="Your session has ended")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()

    expect(dialog).to_be_hidden()
    expect(tab.composer).to_have_value("Half a thought")
    tab.composer.press("Enter")
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
    tab.nodo.scripts.append(held_script())
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
    tab.nodo.scripts.append(held_script())
    tab.nodo.hold.release(2)
    tab.ask("Take your time")
    expect(tab.answer).to_contain_text("First part")

    tab.page.get_by_role("button", name="New chat").click()
    expect(tab.page.locator("[data-kind=writing]")).to_be_visible()
    tab.nodo.hold.release()

    expect(tab.page.locator("[data-kind=unread]")).to_be_visible()


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
