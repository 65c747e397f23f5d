"""Finding conversations, messages and commands, and the keys for it, in a real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import NEEDS_BROWSER, Tab
from tests.waiting import until_now

pytestmark = NEEDS_BROWSER


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
    tab.page.get_by_label("Filter conversations by title").click()
    tab.page.keyboard.type("compr")
    expect(tab.page.locator(".history-row")).to_have_count(1)

    tab.page.keyboard.type("xyz")
    expect(tab.page.get_by_text("No title contains “comprxyz”.")).to_be_visible()


def add_talk(tab: Tab, title: str, *texts: str) -> str:
    """Return the id of a conversation with these messages."""
    conversation_id = tab.nodo.add_conversation(title)
    parent = None
    for number, text in enumerate(texts):
        role = "assistant" if number % 2 else "user"
        parent = tab.nodo.add_message(conversation_id, parent, role, text)["id"]
    return conversation_id


def test_the_list_of_commands_finds_chats_messages_and_acts(tab: Tab) -> None:
    add_talk(tab, "Compressor", "When was it serviced?", "In March, by Ibáñez.")
    add_talk(tab, "Invoices", "Who pays?", "The customer.")
    tab.page.reload()
    tab.composer.wait_for()
    tab.page.keyboard.press("Control+k")
    field = tab.page.get_by_role("combobox", name="Search chats, messages, actions")
    expect(field).to_be_focused()
    field.fill("ibanez")
    option = tab.page.get_by_role("option", name="Compressor In March, by Ibáñez.")
    expect(option.locator("mark")).to_have_text("Ibáñez")
    expect(option).to_have_attribute("aria-selected", "true")
    field.press("Enter")

    expect(tab.page.locator("article.answer")).to_be_focused()
    expect(tab.page.locator("article.answer")).to_have_class("answer is-found")
    tab.page.keyboard.press("Control+k")
    field.fill("invo")
    expect(tab.page.get_by_role("option", name="Invoices")).to_have_attribute(
        "aria-selected", "true"
    )
    field.press("Enter")
    expect(tab.page.get_by_role("heading", name="Invoices")).to_be_visible()


def test_the_pointer_chooses_as_the_arrows_do_in_the_list_of_commands(tab: Tab) -> None:
    tab.page.keyboard.press("Control+k")
    models = tab.page.get_by_role("option", name="Models")
    models.hover()

    chosen = tab.page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_have_count(1)
    expect(chosen).to_have_text("Models")
    tab.page.keyboard.press("Enter")
    expect(tab.page.get_by_role("heading", name="Models", exact=True)).to_be_visible()


def test_the_last_code_is_copied_from_the_list_of_commands(tab: Tab) -> None:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.ask("Show me code")
    expect(tab.answer.locator(".code-text")).to_be_visible()
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    tab.page.keyboard.press("Control+k")
    tab.page.keyboard.type("copy last code")
    expect(tab.page.get_by_role("option", name="Copy the last code")).to_be_visible()
    tab.page.keyboard.press("Enter")

    expect(tab.page.locator(".toast")).to_contain_text("Copied")
    assert tab.page.evaluate("navigator.clipboard.readText()").strip() == 'print("done")'


def test_the_search_page_marks_what_it_finds_and_opens_at_the_message(tab: Tab) -> None:
    texts = [f"Line {number} of the talk" for number in range(120)]
    texts[4] = "The spare key hangs behind the boiler."
    add_talk(tab, "Keys", *texts)
    tab.page.goto(f"{tab.url}/#/search?q=boiler")
    expect(tab.page.get_by_role("status").filter(has_text="1 result")).to_be_visible()
    hit = tab.page.get_by_role("link", name="spare key hangs behind the boiler.")
    expect(hit.locator("mark")).to_have_text("boiler")
    hit.click()

    found = tab.page.locator("article.is-found")
    expect(found).to_contain_text("behind the boiler", timeout=15_000)
    expect(found).to_be_in_viewport()
    tab.page.go_back()
    expect(tab.page.get_by_label("Search in all your chats")).to_have_value("boiler")


def test_the_search_page_says_when_there_is_nothing(tab: Tab) -> None:
    tab.page.goto(f"{tab.url}/#/search")
    field = tab.page.get_by_label("Search in all your chats")
    expect(tab.page.get_by_text("Accents and capitals do not matter")).to_be_visible()
    field.fill("unicorn")

    expect(tab.page.get_by_text("Nothing was found for “unicorn”.")).to_be_visible()
    expect(tab.page).to_have_url(f"{tab.url}/#/search?q=unicorn")


def test_the_bin_gives_back_what_was_deleted(tab: Tab) -> None:
    conversation_id = add_talk(tab, "Thrown away", "Too early?")
    tab.nodo.removed[conversation_id] = tab.nodo.conversations.pop(conversation_id)
    tab.page.goto(f"{tab.url}/#/bin")
    tab.page.get_by_role("button", name="Bring “Thrown away” back").click()

    expect(tab.page.get_by_text("The bin is empty.")).to_be_visible()
    tab.page.get_by_role("button", name="Open", exact=True).click()
    expect(tab.page.get_by_text("Too early?")).to_be_visible()


@pytest.mark.parametrize(
    ("press", "proof"),
    [
        ("Control+Shift+O", "url:#/"),
        ("Control+,", "url:#/settings"),
        ("F1", "dialog:Keyboard shortcuts"),
        ("Control+/", "dialog:Keyboard shortcuts"),
        ("Control+k", "dialog:Search"),
    ],
)
def test_each_key_does_what_the_list_says(tab: Tab, press: str, proof: str) -> None:
    tab.ask("Something")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    tab.page.keyboard.press(press)

    kind, _, what = proof.partition(":")
    if kind == "url":
        expect(tab.page).to_have_url(re.compile(re.escape(what)))
    else:
        expect(tab.page.get_by_role("dialog", name=what)).to_be_visible()


# What these keyboards send: Ctrl+Shift+7 writes a slash in Spain and in Latin America.
@pytest.mark.parametrize(
    ("event", "opens"),
    [
        ({"key": "/", "code": "Digit7", "ctrlKey": True, "shiftKey": True}, True),
        ({"key": "F1", "code": "F1"}, True),
        ({"key": "/", "code": "Digit7", "ctrlKey": True, "shiftKey": True, "altKey": True}, False),
    ],
)
def test_the_list_of_keys_opens_on_spanish_keyboards(
    tab: Tab, event: dict[str, object], opens: bool
) -> None:
    press = "init => document.body.dispatchEvent(new KeyboardEvent('keydown', {...init, bubbles: true}))"
    tab.page.evaluate(press, event)

    expect(tab.page.get_by_role("dialog")).to_have_count(1 if opens else 0)


def test_one_switch_turns_all_shortcuts_off(tab: Tab) -> None:
    tab.page.keyboard.press("F1")
    tab.page.get_by_label("Use keyboard shortcuts").uncheck()
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("Control+k")

    expect(tab.page.get_by_role("dialog")).to_have_count(0)


def test_a_chat_is_deleted_by_keys_and_asks_or_undoes(tab: Tab) -> None:
    tab.ask("Do not keep this")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    tab.page.keyboard.press("Control+Shift+Backspace")

    until_now(lambda: tab.nodo.conversations == {})
    tab.page.get_by_role("button", name="Undo").click()
    expect(tab.page.get_by_text("Do not keep this").first).to_be_visible()


def test_another_answer_is_asked_for_by_keys(tab: Tab) -> None:
    tab.ask("Again, please")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    tab.composer.press("Control+Shift+Enter")

    expect(tab.answer).to_contain_text("2/2")


def test_the_slash_leads_to_the_field_and_is_a_slash_in_it(tab: Tab) -> None:
    tab.page.get_by_role("button", name="Chat menu").focus()
    tab.page.keyboard.press("/")
    expect(tab.composer).to_be_focused()
    tab.page.keyboard.press("/")

    expect(tab.composer).to_have_value("/")


def test_enter_in_the_sidebar_searches_all_messages(tab: Tab) -> None:
    add_talk(tab, "Keys", "Where is the spare key?", "Behind the boiler.")
    tab.page.get_by_label("Filter conversations by title").fill("boiler")
    tab.page.keyboard.press("Enter")

    expect(tab.page.get_by_role("link", name="Behind the boiler.")).to_be_visible()
    tab.page.get_by_role("link", name="Bin").click()
    expect(tab.page.get_by_text("The bin is empty.")).to_be_visible()
