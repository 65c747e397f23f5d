"""Long conversations in a real browser: what is drawn, what is only text, and that nothing is lost by it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import NEEDS_BROWSER, PHONE, Tab

pytestmark = NEEDS_BROWSER

_MOST_DRAWN = 45
_DRAWN = "document.querySelectorAll('.thread-item:not(.is-far)').length"
_FAR = "document.querySelectorAll('.thread-item.is-far').length"
_MIDDLE = """() => {
  const box = document.querySelector(".chat-box").getBoundingClientRect();
  const middle = box.top + box.height / 2;
  const items = [...document.querySelectorAll(".thread-item")];
  window.mark = items.find((item) => item.getBoundingClientRect().bottom > middle);
}"""
_TOP = "window.mark.getBoundingClientRect().top"


def add_long(tab: Tab, count: int) -> str:
    """Return the id of a conversation with so many messages; answers are lists under a bold line."""
    conversation_id = tab.nodo.add_conversation("Long ago")
    parent = None
    for n in range(count):
        text = f"**Message {n}.**\n\n" + "- a point of it\n" * 8 if n % 2 else f"Message {n}."
        role = "assistant" if n % 2 else "user"
        parent = tab.nodo.add_message(conversation_id, parent, role, text)["id"]
    return conversation_id


def open_long(tab: Tab, count: int) -> str:
    """Open such a conversation at its end; gives its id."""
    conversation_id = add_long(tab, count)
    tab.page.goto(f"{tab.url}/#/chat/{conversation_id}")
    expect(tab.answer.locator(".prose-block").first).to_be_in_viewport()
    return conversation_id


def wheel_to_the_top(tab: Tab, count: int) -> None:
    """Wheel until the first of so many messages is in sight."""
    tab.page.locator(".chat-box").hover()
    first = tab.page.locator(".thread-item").filter(has_text="Message 0.")
    for _ in range(150):
        tab.page.mouse.wheel(0, -3000)
        tab.page.wait_for_timeout(40)
        if tab.page.locator("article").count() == count and first.count():
            break
    tab.page.locator(".chat-box").evaluate("box => box.scrollTo(0, 0)")
    expect(first).to_be_in_viewport()


def test_a_long_conversation_opens_at_its_end_with_one_page_of_messages(
    open_new: Callable[..., Tab],
) -> None:
    tab = open_new(**PHONE)
    tab.enter()
    conversation_id = open_long(tab, 400)
    tab.page.wait_for_timeout(300)

    asked = [line for line in tab.nodo.requests if line.endswith(f"{conversation_id}/messages")]
    assert len(asked) == 1
    assert tab.page.locator("article").count() == 50
    assert 4 <= tab.page.evaluate(_DRAWN) < 30


def test_few_messages_stay_drawn_however_far_somebody_scrolls(tab: Tab) -> None:
    open_long(tab, 300)

    wheel_to_the_top(tab, 300)
    expect(tab.page.locator(".thread-item").first).not_to_have_class("thread-item is-far")
    tab.page.wait_for_timeout(300)

    assert tab.page.evaluate(_DRAWN) <= _MOST_DRAWN
    assert tab.page.evaluate("document.querySelectorAll('.thread *').length") < 4000


def test_what_is_far_is_there_as_text_for_who_searches_the_page_or_has_it_read(tab: Tab) -> None:
    open_long(tab, 100)
    far = tab.page.locator(".thread-item.is-far article").first

    expect(far).to_contain_text("Message 50.")
    assert tab.page.locator("article[aria-label]").count() == 50


def test_a_message_far_above_is_drawn_when_a_link_leads_to_it(tab: Tab) -> None:
    conversation_id = add_long(tab, 300)
    wanted = next(m["id"] for m in tab.nodo.messages.values() if "Message 21." in m["content"])
    tab.page.goto(f"{tab.url}/#/chat/{conversation_id}?message={wanted}")

    found = tab.page.locator("article.is-found")
    expect(found.locator("strong")).to_have_text("Message 21.", timeout=15_000)
    expect(found).to_be_in_viewport()
    expect(found).to_be_focused()


def test_paper_gets_every_message_drawn_and_the_page_few_again(tab: Tab) -> None:
    open_long(tab, 300)
    wheel_to_the_top(tab, 300)
    tab.page.evaluate(f"addEventListener('beforeprint', () => {{ window.far = {_FAR}; }})")

    tab.page.pdf()

    assert tab.page.evaluate("window.far") == 0
    tab.page.wait_for_function(f"{_DRAWN} <= {_MOST_DRAWN}")


def test_all_that_is_copied_is_clean_text(tab: Tab) -> None:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_long(tab, 100)
    tab.page.evaluate("getSelection().selectAllChildren(document.querySelector('.thread-list'))")
    tab.page.keyboard.press("Control+c")

    copied = tab.page.evaluate("navigator.clipboard.readText()")
    assert "Message 51." in copied
    assert "Message 99." in copied
    assert "**" not in copied


@pytest.mark.parametrize("look", [{}, PHONE], ids=["desktop", "phone"])
def test_the_line_that_is_read_stays_while_its_neighbours_are_drawn(
    open_new: Callable[..., Tab], look: dict[str, object]
) -> None:
    tab = open_new(**look)
    tab.enter()
    open_long(tab, 100)
    tab.page.locator(".chat-box").hover()
    for _ in range(8):
        tab.page.mouse.wheel(0, -350)
        tab.page.wait_for_timeout(120)
    tab.page.wait_for_timeout(200)
    tab.page.evaluate(_MIDDLE)
    places = [tab.page.evaluate(_TOP)]
    for _ in range(6):
        tab.page.wait_for_timeout(100)
        places.append(tab.page.evaluate(_TOP))

    assert max(places) - min(places) < 2


def test_what_the_reader_opened_is_still_open_when_they_come_back(tab: Tab) -> None:
    conversation_id = tab.nodo.add_conversation("Long ago")
    parent = None
    for n in range(160):
        text = f"<think>Thought {n}</think>Message {n}." if n % 2 else f"Message {n}."
        role = "assistant" if n % 2 else "user"
        parent = tab.nodo.add_message(conversation_id, parent, role, text)["id"]
    tab.page.goto(f"{tab.url}/#/chat/{conversation_id}")
    thought = (
        tab.page.locator(".thread-item").filter(has_text="Message 153.").locator("details.thought")
    )
    thought.locator("summary").click()
    wheel_to_the_top(tab, 160)
    assert tab.page.evaluate(_FAR) > 100

    tab.page.get_by_role("button", name="Go to the end").click()

    expect(thought.get_by_text("Thought 153")).to_be_visible()
