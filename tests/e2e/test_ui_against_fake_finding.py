"""Finding conversations, messages and commands, and the keys for it, in a real browser."""

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
