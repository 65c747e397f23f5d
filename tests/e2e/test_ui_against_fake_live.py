"""The interface in a real browser, hearing news as they happen: other tabs, other devices, broken lines."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.e2e.browsing import NEEDS_BROWSER, Tab, open_tab
from tests.servers.fake_answers import held_script
from tests.servers.fake_nodo import PASSWORD, FakeNodo
from tests.waiting import until_now

pytestmark = NEEDS_BROWSER
OpenTab = Callable[..., Tab]


def listening(tab: Tab, count: int = 1) -> None:
    """Wait until the tab listens."""
    until_now(lambda: tab.nodo.live.open_count == count, what="the live line")


def asked_for(tab: Tab, path: str) -> int:
    """Return how often something was asked for."""
    return tab.nodo.requests.count(f"GET {path}")


def test_a_tab_has_one_line_and_no_token_in_its_address(tab: Tab) -> None:
    listening(tab)

    assert len(tab.nodo.live.hellos) == 1
    assert tab.nodo.live.hellos[0]["access_token"] in tab.nodo.tokens
    assert not any("token" in address for address in tab.addresses)
    assert tab.console == []


def test_what_another_device_does_shows_at_once_and_nothing_is_asked_by_the_clock(
    tab: Tab, nodo: FakeNodo
) -> None:
    listening(tab)
    conversation_id = nodo.add_conversation("Before")
    nodo.live.tell("conversation", {"id": conversation_id, "change": "created"})
    row = tab.page.locator(f"[data-id={conversation_id}]")
    expect(row).to_contain_text("Before")
    nodo.conversations[conversation_id]["title"] = "After"
    nodo.live.tell("conversation", {"id": conversation_id, "change": "renamed"})
    expect(row).to_contain_text("After")
    asked = (asked_for(tab, "/conversations"), asked_for(tab, "/api/engine"))
    nodo.conversations.pop(conversation_id)
    nodo.live.tell("conversation", {"id": conversation_id, "change": "deleted"})
    expect(row).to_have_count(0)

    # One for what was deleted; the clock would have asked for the engine within two seconds.
    tab.page.wait_for_timeout(2500)
    now = (asked_for(tab, "/conversations"), asked_for(tab, "/api/engine"))
    assert now == (asked[0] + 1, asked[1])


def test_an_answer_in_another_chat_spins_and_then_is_unread_until_it_is_opened(
    tab: Tab, nodo: FakeNodo
) -> None:
    listening(tab)
    nodo.scripts.append(held_script())
    tab.ask("Take your time")
    tab.page.wait_for_url(re.compile("#/chat/"))
    row = tab.page.locator(".history-row").first
    tab.page.get_by_role("button", name="New chat").first.click()
    expect(row.locator("[data-kind=writing]")).to_be_visible()

    nodo.hold.release(3)

    expect(row.locator("[data-kind=unread]")).to_be_visible()
    expect(tab.page).to_have_title(re.compile(r"^\(1\) "))
    row.get_by_role("link").click()
    expect(row.locator(".history-mark")).to_have_count(0)
    expect(tab.page).not_to_have_title(re.compile(r"^\("))
    until_now(lambda: any(one.endswith("/read") for one in nodo.requests), what="the mark")
    assert tab.console == []


def test_reading_in_one_tab_takes_the_mark_away_in_the_other(tab: Tab, nodo: FakeNodo) -> None:
    listening(tab)
    conversation_id = nodo.add_conversation("For both")
    nodo.conversations[conversation_id]["unread"] = True
    nodo.live.tell("answer", {"conversation_id": conversation_id, "state": "done"})
    other = open_tab(tab.page.context, nodo, tab.url)
    other.enter()
    listening(tab, 2)
    mark = f"[data-id={conversation_id}] [data-kind=unread]"
    expect(tab.page.locator(mark)).to_be_visible()
    expect(other.page.locator(mark)).to_be_visible()

    other.page.locator(f"[data-id={conversation_id}] a").click()

    expect(tab.page.locator(mark)).to_have_count(0)
    expect(tab.page).not_to_have_title(re.compile(r"^\("))


def test_the_engine_is_told_not_asked(tab: Tab, nodo: FakeNodo) -> None:
    listening(tab)
    nodo.live.tell("engine", {**nodo.engine, "status": "restarting"})

    expect(tab.page.locator(".engine")).to_contain_text("Restarting")


def test_a_notice_is_shown_in_words_and_leads_to_what_it_is_about(tab: Tab, nodo: FakeNodo) -> None:
    listening(tab)
    nodo.live.tell("notice", {"code": "new_sign_in", "device": "Firefox · Linux", "at": "x"})

    toast = tab.page.locator(".toast")
    expect(toast).to_contain_text("another device: Firefox · Linux")
    expect(tab.page.locator("[data-ref=announcer]")).to_contain_text("another device")
    toast.get_by_role("button", name="Look").click()
    expect(tab.page).to_have_url(re.compile("#/settings/security$"))


def test_a_notice_that_this_page_has_no_words_for_is_not_shown(tab: Tab, nodo: FakeNodo) -> None:
    listening(tab)
    nodo.live.tell("notice", {"code": "something_of_tomorrow"})
    nodo.live.tell("notice", {"code": "disk_full"})

    expect(tab.page.locator(".toast")).to_have_count(1)
    expect(tab.page.locator(".toast")).to_contain_text("disk of the box is full")


def test_a_notice_is_words_whatever_names_it_carries(tab: Tab, nodo: FakeNodo) -> None:
    listening(tab)
    name = "<img src=x onerror=alert(1)>"
    nodo.live.tell("notice", {"code": "registration_waiting", "name": name})

    expect(tab.page.locator(".toast")).to_contain_text(name)
    assert tab.page.locator(".toast img").count() == 0


def test_a_line_that_broke_is_opened_again_and_misses_nothing(tab: Tab, nodo: FakeNodo) -> None:
    listening(tab)
    nodo.live.tell("engine", nodo.engine)
    nodo.live.drop()
    until_now(lambda: nodo.live.open_count == 0)
    nodo.live.tell("notice", {"code": "disk_nearly_full"})

    expect(tab.page.locator(".toast")).to_contain_text("nearly full")
    listening(tab)
    assert [hello.get("last_event_id") for hello in nodo.live.hellos] == [None, 1001]


def test_a_tab_that_missed_too_much_asks_for_everything(tab: Tab, nodo: FakeNodo) -> None:
    listening(tab)
    nodo.live.forgets = True
    conversation_id = nodo.add_conversation("Made while the line was down")
    nodo.live.drop()

    expect(tab.page.locator(f"[data-id={conversation_id}]")).to_be_visible()


def test_a_session_that_ended_elsewhere_asks_at_once_and_goes_on(tab: Tab, nodo: FakeNodo) -> None:
    listening(tab)
    tab.composer.fill("Half a thought")
    nodo.end_session()
    dialog = tab.page.get_by_role("dialog", name="Your session has ended")
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()

    expect(dialog).to_be_hidden()
    expect(tab.composer).to_have_value("Half a thought")
    listening(tab)


def test_without_a_live_line_everything_is_asked_for_as_before(
    open_new: OpenTab, nodo: FakeNodo
) -> None:
    nodo.live.refuses = True
    tab = open_new()
    tab.enter()
    conversation_id = nodo.add_conversation("Found by asking")
    tab.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    expect(tab.page.locator(f"[data-id={conversation_id}]")).to_be_visible()
    expect(tab.page.get_by_text("Reconnecting…")).to_have_count(0)
