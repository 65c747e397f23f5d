"""One's own settings, in a real browser against the stand-in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import AXE, NEEDS_BROWSER, PHONE, Tab
from tests.servers.fake_nodo import PASSWORD, FakeNodo
from tests.servers.fake_people import CODES, SECOND_CODE
from tests.waiting import until_now

pytestmark = NEEDS_BROWSER
OpenTab = Callable[..., Tab]
PARTS = ("profile", "security", "appearance", "assistant", "keys")
NEW_PASSWORD = "caballo azul bajo la mesa"


def show(tab: Tab, part: str) -> None:
    tab.page.goto(f"{tab.url}/#/settings/{part}")
    tab.page.locator(f"[data-part={part}] .panel").first.wait_for()


def test_each_part_has_an_address_that_a_reload_keeps(tab: Tab) -> None:
    tab.page.get_by_role("button", name="user menu").click()
    tab.page.get_by_role("link", name="Settings").click()
    tab.page.get_by_role("link", name="Security").click()
    expect(tab.page.get_by_role("heading", name="Security")).to_be_visible()

    tab.page.reload()

    expect(tab.page.get_by_role("heading", name="Security")).to_be_visible()
    tab.page.go_back()
    expect(tab.page.get_by_role("heading", name="Profile")).to_be_visible()


def test_a_name_is_changed_everywhere_on_the_page(tab: Tab) -> None:
    show(tab, "profile")
    tab.page.get_by_label("Your name").fill("Ana María")
    tab.page.get_by_role("button", name="Save").first.click()

    expect(tab.page.locator(".user-name")).to_have_text("Ana María")
    expect(tab.page.locator("[data-ref=announcer]")).to_have_text("Your name is saved.")


@pytest.mark.parametrize(
    ("may_be_read", "words"),
    [(False, "Administrators cannot open your chats"), (True, "lets administrators read")],
)
def test_the_profile_says_who_can_read_ones_chats(
    open_new: OpenTab, nodo: FakeNodo, *, may_be_read: bool, words: str
) -> None:
    nodo.user["conversations_may_be_read"] = may_be_read
    tab = open_new()
    tab.enter()
    expect(tab.page.get_by_text("may read your chats")).to_have_count(int(may_be_read))

    show(tab, "profile")

    expect(tab.page.get_by_text(words)).to_be_visible()


def test_a_password_is_changed_and_the_wrong_old_one_said_at_its_field(tab: Tab) -> None:
    show(tab, "security")
    tab.page.get_by_label("Current password").fill("not this one")
    tab.page.get_by_label("New password").fill(NEW_PASSWORD)
    tab.page.get_by_role("button", name="Change the password").click()
    expect(tab.page.get_by_text("That password is not right.")).to_be_visible()
    expect(tab.page.get_by_label("Current password")).to_be_focused()

    tab.page.get_by_label("Current password").fill(PASSWORD)
    tab.page.get_by_role("button", name="Change the password").click()

    expect(tab.page.locator(".toast")).to_contain_text("All other sessions have ended.")
    expect(tab.page.get_by_label("Current password")).to_have_value("")


def test_one_session_or_all_others_can_be_ended(tab: Tab) -> None:
    tab.nodo.people.sessions.append({**tab.nodo.people.sessions[1], "id": "s-3", "device": "Edge"})
    show(tab, "security")
    expect(tab.page.locator("[data-row=s-1]")).to_contain_text("this device")
    tab.page.get_by_role("button", name="End the session on Edge").click()
    expect(tab.page.locator("[data-row=s-3]")).to_have_count(0)

    tab.page.get_by_role("button", name="End all other sessions").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="End all other sessions").click()

    expect(tab.page.get_by_text("You are signed in on this device only.")).to_be_visible()
    assert [one["id"] for one in tab.nodo.people.sessions] == ["s-1"]


def test_the_careful_answer_has_the_focus(tab: Tab) -> None:
    show(tab, "security")
    tab.page.get_by_role("button", name="End all other sessions").click()
    expect(tab.page.get_by_role("button", name="Cancel")).to_be_focused()

    tab.page.keyboard.press("Enter")

    assert len(tab.nodo.people.sessions) == 2


def test_the_second_step_is_switched_on_with_an_app_and_off_again(tab: Tab) -> None:
    show(tab, "security")
    tab.page.get_by_role("button", name="Switch on").click()
    dialog = tab.page.get_by_role("dialog", name="Second step")
    expect(dialog.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    expect(dialog).to_contain_text("JBSW Y3DP EHPK 3PXP")
    dialog.get_by_label("Code of the app").fill("000000")
    dialog.get_by_role("button", name="Switch on").click()
    expect(dialog).to_contain_text("The code is not right")

    dialog.get_by_label("Code of the app").fill(SECOND_CODE)
    dialog.get_by_role("button", name="Switch on").click()
    kit = tab.page.get_by_role("dialog", name="Recovery kit")
    expect(kit.locator(".codes-one")).to_have_text(CODES)
    tab.page.keyboard.press("Escape")
    expect(kit).to_be_visible()
    kit.get_by_label("I have saved it").check()
    kit.get_by_role("button", name="Go on").click()
    tab.page.get_by_role("button", name="Switch off").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Switch off").click()

    expect(tab.page.get_by_text("Switched off", exact=True)).to_be_visible()
    assert tab.nodo.people.second_factor is False


def test_new_recovery_codes_are_made_only_after_the_old_ones_were_spoken_of(tab: Tab) -> None:
    show(tab, "security")
    expect(tab.page.get_by_text("6 codes are left")).to_be_visible()
    tab.page.get_by_role("button", name="Make new codes").click()
    question = tab.page.get_by_role("dialog", name="Make new codes")
    expect(question).to_contain_text("will not work any more")
    question.get_by_role("button", name="Make new codes").click()

    expect(tab.page.locator(".codes-one")).to_have_text(CODES)


def test_what_one_is_used_to_works_at_once_and_goes_with_the_account(tab: Tab) -> None:
    show(tab, "appearance")
    tab.page.get_by_role("radio", name="Dark").check()
    expect(tab.page.locator("html")).to_have_attribute("data-theme", "dark")
    tab.page.get_by_label("Use keyboard shortcuts").uncheck()
    until_now(lambda: tab.nodo.user["preferences"] == {"theme": "dark", "shortcuts": False})

    tab.page.keyboard.press("F1")
    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    tab.page.evaluate("localStorage.removeItem('nodo.theme')")
    tab.page.reload()

    expect(tab.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_engine_tells_state_delay_and_speed_in_words(tab: Tab) -> None:
    show(tab, "assistant")
    expect(tab.page.locator(".ping-line")).to_have_text("Ready")
    expect(tab.page.locator(".ping")).to_contain_text("Last answer of the box after")
    expect(tab.page.locator(".ping")).to_contain_text("about 7.1 words per second")

    tab.nodo.engine["status"] = "failed"
    tab.page.get_by_role("button", name="Ask again").click()

    expect(tab.page.locator(".ping-line")).to_have_attribute("data-look", "bad")
    expect(tab.page.locator(".ping-line")).to_have_text("No model that could answer")


def test_how_answers_are_written_is_chosen_and_left_to_the_model_again(tab: Tab) -> None:
    show(tab, "assistant")
    temperature = tab.page.get_by_label("Temperature")
    expect(temperature).to_have_attribute("aria-valuetext", "as the model is made")
    temperature.focus()
    tab.page.keyboard.press("ArrowRight")
    tab.page.get_by_label("Longest answer").select_option("1024")
    tab.page.get_by_role("button", name="Save").click()
    until_now(lambda: tab.nodo.user["preferences"] == {"temperature": 1.1, "max_tokens": 1024})

    tab.page.get_by_role("button", name="Leave it to the model").click()

    until_now(lambda: tab.nodo.user["preferences"] == {})
    expect(temperature).to_have_attribute("aria-valuetext", "as the model is made")


def test_a_key_is_shown_once_with_a_line_to_try_it_and_revoked(tab: Tab) -> None:
    show(tab, "keys")
    expect(tab.page.get_by_text("No keys yet.")).to_be_visible()
    tab.page.get_by_label("Name").fill("Panel")
    tab.page.get_by_label("use the models").check()
    tab.page.get_by_role("button", name="Make a key").click()
    dialog = tab.page.get_by_role("dialog", name="Your new key")
    expect(dialog).to_contain_text("nodo_0a1b2c3d_a-long-secret")
    expect(dialog).to_contain_text(f"curl {tab.url}/chat/send")
    dialog.get_by_role("button", name="Done").click()
    expect(tab.page.locator(".records")).to_contain_text("use the models")
    assert "a-long-secret" not in tab.page.content()

    tab.page.get_by_role("button", name="Revoke “Panel”").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Revoke").click()

    expect(tab.page.get_by_text("No keys yet.")).to_be_visible()
    assert tab.nodo.people.sent["/auth/keys"]["expires_in_days"] == 90


def test_a_key_that_may_nothing_is_not_made(tab: Tab) -> None:
    show(tab, "keys")
    tab.page.get_by_label("Name").fill("Nothing")
    tab.page.get_by_label("chat", exact=False).first.uncheck()
    tab.page.get_by_role("button", name="Make a key").click()

    expect(tab.page.get_by_text("Choose at least one.")).to_be_visible()
    assert tab.nodo.people.keys == []


def test_the_parts_can_be_reached_by_keyboard_alone(tab: Tab) -> None:
    show(tab, "profile")
    tab.page.get_by_role("link", name="Profile").focus()
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Enter")

    expect(tab.page.get_by_role("heading", name="Security", exact=True)).to_be_focused()
    tab.page.keyboard.press("Tab")
    expect(tab.page.get_by_label("Current password")).to_be_focused()


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_wider_than_a_phone(open_new: OpenTab, nodo: FakeNodo, width: int) -> None:
    nodo.user["language"] = "es"
    tab = open_new(**{**PHONE, "viewport": {"width": width, "height": 700}})
    tab.enter()
    wide = []
    for part in PARTS:
        show(tab, part)
        until_now(lambda: tab.page.locator("[aria-busy=true]").count() == 0)
        wide += [part] if tab.is_wider_than_the_window() else []

    assert wide == []


@pytest.mark.skipif(not AXE.is_file(), reason="npm ci was not run")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_new: OpenTab, theme: str) -> None:
    tab = open_new(color_scheme=theme)
    tab.enter()
    findings = {}
    for part in PARTS:
        show(tab, part)
        until_now(lambda: tab.page.locator("[aria-busy=true]").count() == 0)
        findings[part] = tab.serious_findings()

    assert findings == {part: [] for part in PARTS}
    assert tab.console == []
