"""Coming in, in a real browser against the stand-in: second step, codes, requests, recovery, set-up kit."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import NEEDS_BROWSER, Tab
from tests.servers.fake_nodo import PASSWORD, SETUP_CODE, FakeNodo
from tests.servers.fake_people import CODES, SECOND_CODE
from tests.waiting import until_now

pytestmark = NEEDS_BROWSER
OpenTab = Callable[..., Tab]
OFFER = {"role": "worker", "name": None, "email": None, "kind": "invite", "invited_by": "Ana Ruiz"}
NEW_PASSWORD = "caballo azul bajo la mesa"


@pytest.fixture
def gate(open_new: OpenTab) -> Tab:
    """Return a tab of somebody who is not signed in, on the sign-in page."""
    opened = open_new()
    opened.page.goto(opened.url)
    opened.page.get_by_role("heading", name="Sign in").wait_for()
    return opened


def fill_in(tab: Tab, password: str = PASSWORD) -> None:
    tab.page.get_by_label("E-mail").fill("ana@taller.example")
    tab.page.get_by_label("Password").fill(password)
    tab.page.get_by_role("button", name="Sign in", exact=True).click()


def test_the_second_step_asks_for_a_code_and_lets_in(gate: Tab) -> None:
    gate.nodo.people.second_factor = True
    fill_in(gate)
    code = gate.page.get_by_label("Code", exact=True)
    expect(code).to_be_focused()
    code.fill("000000")
    gate.page.get_by_role("button", name="Go on").click()
    expect(gate.page.get_by_role("alert")).to_contain_text("The code is not right")

    code.fill(SECOND_CODE)
    gate.page.get_by_role("button", name="Go on").click()

    expect(gate.page.get_by_role("heading", name="Hello, Ana.")).to_be_visible()


def test_from_the_second_step_one_can_go_back_to_the_first(gate: Tab) -> None:
    gate.nodo.people.second_factor = True
    fill_in(gate)
    gate.page.get_by_role("button", name="Back").click()

    expect(gate.page.get_by_label("Password")).to_be_visible()


def test_a_slow_sign_in_says_why_it_takes_so_long(gate: Tab) -> None:
    gate.nodo.people.login_takes_s = 4
    fill_in(gate)

    expect(gate.page.get_by_role("status")).to_contain_text("takes its time on purpose")
    expect(gate.page.locator(".wait-seconds")).to_have_text(re.compile(r"· \d s"))
    expect(gate.page.get_by_role("heading", name="Hello, Ana.")).to_be_visible()


def test_there_is_no_way_to_register_and_no_demo_account_unless_the_box_says_so(gate: Tab) -> None:
    until_now(lambda: "GET /auth/options" in gate.nodo.requests)

    expect(gate.page.get_by_role("link", name="Ask for an account")).to_have_count(0)
    expect(gate.page.get_by_text("Demo accounts")).to_have_count(0)


def test_demo_accounts_say_what_they_are_and_let_in_by_one_click(
    open_new: OpenTab, nodo: FakeNodo
) -> None:
    nodo.people.demo_accounts = [
        {"email": "m@demo.nodo", "name": "Marta", "role": "supervisor", "password": PASSWORD}
    ]
    tab = open_new()
    tab.page.goto(tab.url)
    expect(tab.page.get_by_text("Anybody who opens this page can use them")).to_be_visible()

    tab.page.get_by_role("button", name="Supervisor: Marta").click()

    tab.page.locator(".welcome").wait_for()
    assert nodo.people.sent["/auth/login"]["email"] == "m@demo.nodo"


def test_who_asks_for_an_account_learns_that_somebody_has_to_approve_it(
    open_new: OpenTab, nodo: FakeNodo
) -> None:
    nodo.people.registration = "approval"
    tab = open_new()
    tab.page.goto(tab.url)
    tab.page.get_by_role("link", name="Ask for an account").click()
    tab.page.get_by_label("Your name").fill("Eva")
    tab.page.get_by_label("E-mail").fill("eva@taller.example")
    tab.page.get_by_label("Password").fill(NEW_PASSWORD)
    tab.page.get_by_role("button", name="Send the request").click()

    expect(tab.page.get_by_role("heading", name="Your request is waiting")).to_be_focused()
    expect(tab.page.get_by_text("An administrator has to approve")).to_be_visible()
    assert nodo.people.sent["/auth/register"]["language"] == "en"


def test_an_invitation_by_link_says_who_invited_and_lets_in(
    open_new: OpenTab, nodo: FakeNodo
) -> None:
    nodo.people.waiting_to_join["INVI-2345"] = OFFER
    tab = open_new()
    tab.page.goto(f"{tab.url}/#/join?code=INVI-2345")
    expect(tab.page.get_by_text("Ana Ruiz has invited you to this box as: Worker.")).to_be_visible()
    tab.page.get_by_label("Your name").fill("Pepe")
    tab.page.get_by_label("E-mail").fill("pepe@taller.example")
    tab.page.get_by_label("New password").fill("short")
    expect(tab.page.get_by_text("Too short").first).to_be_visible()

    tab.page.get_by_label("New password").fill(NEW_PASSWORD)
    tab.page.get_by_role("button", name="Create the account and start").click()

    expect(tab.page.get_by_role("heading", name="Hello, Pepe.")).to_be_visible()
    assert "INVI" not in tab.page.url


def test_a_code_that_does_not_work_is_said_at_its_field(open_new: OpenTab) -> None:
    tab = open_new()
    tab.page.goto(f"{tab.url}/#/join")
    tab.page.get_by_label("Code", exact=True).fill("NOPE-2345")
    tab.page.get_by_role("button", name="Go on").click()

    expect(tab.page.get_by_text("This code does not work.")).to_be_visible()
    expect(tab.page.get_by_label("Code", exact=True)).to_be_focused()


def test_a_reset_code_asks_for_nothing_but_a_new_password(
    open_new: OpenTab, nodo: FakeNodo
) -> None:
    nodo.people.waiting_to_join["RSET-2345"] = {**OFFER, "kind": "reset", "email": "ana@x.example"}
    tab = open_new()
    tab.page.goto(f"{tab.url}/#/join?code=RSET-2345")
    expect(tab.page.get_by_label("New password")).to_be_focused()
    expect(tab.page.get_by_label("Your name")).to_be_hidden()

    tab.page.get_by_label("New password").fill(NEW_PASSWORD)
    tab.page.keyboard.press("Enter")

    tab.page.locator(".welcome").wait_for()
    assert set(nodo.people.sent["/auth/join"]) == {"code", "password", "language"}


def test_the_owner_comes_back_with_a_recovery_code(gate: Tab) -> None:
    gate.page.get_by_role("link", name="Forgot your password?").click()
    expect(gate.page.get_by_text("Ask an administrator of this box for a code")).to_be_visible()
    gate.page.get_by_text("I am the owner of this box").click()
    gate.page.get_by_label("E-mail").fill("ana@taller.example")
    gate.page.get_by_label("Recovery code").fill("KIT0-NOPE")
    gate.page.get_by_label("New password").fill(NEW_PASSWORD)
    gate.page.get_by_role("button", name="Set the new password").click()
    expect(gate.page.get_by_text("This recovery code lets nobody in.")).to_be_visible()

    gate.page.get_by_label("Recovery code").fill(CODES[0])
    gate.page.get_by_role("button", name="Set the new password").click()

    expect(gate.page.get_by_role("heading", name="Hello, Ana.")).to_be_visible()


def test_the_set_up_ends_only_when_the_recovery_kit_is_saved(
    open_new: OpenTab, nodo: FakeNodo
) -> None:
    nodo.needs_setup = True
    tab = open_new()
    tab.page.goto(f"{tab.url}/#code={SETUP_CODE}")
    tab.page.get_by_label("Your name").fill("Ana")
    tab.page.get_by_label("E-mail").fill("ana@taller.example")
    tab.page.get_by_label("Password").fill(NEW_PASSWORD)
    tab.page.get_by_role("button", name="Create the account and start").click()
    expect(tab.page.locator(".codes-one")).to_have_text(CODES)
    tab.page.get_by_role("button", name="Go on").click()
    expect(tab.page.get_by_text("Tick that you have saved")).to_be_visible()

    with tab.page.expect_download() as saving:
        tab.page.get_by_role("button", name="Save as text").click()
    text = saving.value.path().read_text(encoding="utf-8")
    tab.page.get_by_label("I have saved it in a safe place").check()
    tab.page.get_by_role("button", name="Go on").click()

    expect(tab.page.get_by_role("heading", name="Hello, Ana.")).to_be_visible()
    assert all(code in text for code in CODES)
    assert tab.url in text
    assert tab.console == []


def test_only_the_kit_is_printed(open_new: OpenTab, nodo: FakeNodo) -> None:
    nodo.needs_setup = True
    tab = open_new()
    tab.page.add_init_script("window.print = () => { window.printed = true; }")
    tab.page.goto(f"{tab.url}/#code={SETUP_CODE}")
    for name, value in (("name", "Ana"), ("email", "a@b.example"), ("password", NEW_PASSWORD)):
        tab.page.locator(f"input[name={name}]").fill(value)
    tab.page.keyboard.press("Enter")
    tab.page.get_by_role("button", name="Print").click()
    tab.page.emulate_media(media="print")

    assert tab.page.evaluate("window.printed")
    expect(tab.page.locator(".paper .codes-one").first).to_be_visible()
    expect(tab.page.locator(".app")).to_be_hidden()


def test_the_language_of_a_gate_changes_and_what_was_typed_can_be_typed_again(gate: Tab) -> None:
    gate.page.get_by_role("button", name="Español").click()

    expect(gate.page.get_by_role("link", name="¿Has olvidado la contraseña?")).to_be_visible()


def test_what_is_important_asks_who_is_there_and_then_goes_on(tab: Tab) -> None:
    tab.nodo.people.is_confirmed = False
    tab.page.goto(f"{tab.url}/#/settings/profile")
    tab.page.get_by_label("E-mail for signing in").fill("new@taller.example")
    tab.page.get_by_role("button", name="Save").last.click()
    dialog = tab.page.get_by_role("dialog", name="Confirm that it is you")
    dialog.get_by_label("Password").fill("not this one")
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog).to_contain_text("That password is not right.")

    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Confirm").click()

    expect(dialog).to_be_hidden()
    until_now(lambda: tab.nodo.user["email"] == "new@taller.example")
    expect(tab.page.get_by_role("button", name="new@taller.example")).to_be_visible()


def test_who_would_rather_not_confirm_has_changed_nothing(tab: Tab) -> None:
    tab.nodo.people.is_confirmed = False
    tab.page.goto(f"{tab.url}/#/settings/profile")
    tab.page.get_by_label("E-mail for signing in").fill("new@taller.example")
    tab.page.get_by_role("button", name="Save").last.click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()

    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    expect(tab.page.get_by_role("button", name="Save").last).to_be_enabled()
    assert tab.nodo.user["email"] == "ana@taller.example"
