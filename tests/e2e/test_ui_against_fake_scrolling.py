"""What stays where it is while text grows, by its numbers, in a real browser."""

from playwright.sync_api import expect

from tests.e2e.browsing import NEEDS_BROWSER, Tab
from tests.servers.fake_answers import done

pytestmark = NEEDS_BROWSER


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
