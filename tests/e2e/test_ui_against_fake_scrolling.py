"""What stays where it is while text grows, by its numbers, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import NEEDS_BROWSER, Tab
from tests.servers.fake_answers import Step, done

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
    line = tab.page.locator(".thread-item").filter(has_text="Message 45.")
    line.scroll_into_view_if_needed()
    expect(line).not_to_have_class("thread-item is-far")
    before = line.bounding_box()

    tab.page.get_by_role("button", name="Show earlier messages").evaluate("b => b.click()")
    tab.page.get_by_text("Message 0.", exact=True).wait_for()

    after = line.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 2


def lines(count: int, start: int = 0) -> list[Step]:
    """Return so many paragraphs as they come."""
    return [("token", {"text": f"Line {n}\n\n"}) for n in range(start, start + count)]


def below(tab: Tab) -> float:
    """Return how far the end is below the window, in px."""
    return float(
        tab.page.locator(".chat-box").evaluate("b => b.scrollHeight - b.clientHeight - b.scrollTop")
    )


def growing(tab: Tab, before: int = 60) -> None:
    """Ask something whose answer stands still after so many lines."""
    tab.nodo.scripts.append([*lines(before), "hold", *lines(30, before), done()])
    tab.ask("A long one")
    expect(tab.answer).to_contain_text(f"Line {before - 1}")


def finish(tab: Tab) -> None:
    """Let the answer come to its end."""
    tab.nodo.hold.release()
    expect(tab.answer).to_have_attribute("aria-busy", "false")


def test_a_question_stands_near_the_top_and_its_answer_does_not_move_it(tab: Tab) -> None:
    growing(tab)
    finish(tab)
    tab.nodo.scripts.append(["hold", *lines(3), "hold", *lines(3, 3), done()])
    tab.ask("A short one")
    question = tab.page.locator("article.question").last
    expect(question).to_contain_text("A short one")
    top = "q => q.getBoundingClientRect().top - document.querySelector('.chat-box').getBoundingClientRect().top"
    tab.page.wait_for_function(
        f"Math.abs(({top})([...document.querySelectorAll('article.question')].at(-1)) - 50) < 12"
    )
    places = [question.evaluate(top)]
    tab.nodo.hold.release()
    expect(tab.answer).to_contain_text("Line 2")
    places.append(question.evaluate(top))
    tab.nodo.hold.release()
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    places.append(question.evaluate(top))

    assert max(places) - min(places) < 3


def test_the_end_is_followed_while_nobody_touches_anything(tab: Tab) -> None:
    growing(tab)
    finish(tab)

    expect(tab.answer.get_by_text("Line 89")).to_be_in_viewport()
    assert below(tab) < 3


@pytest.mark.parametrize("way", ["wheel", "keys", "selection"])
def test_the_reader_lets_go_at_once(tab: Tab, way: str) -> None:
    growing(tab)
    box = tab.page.locator(".chat-box")
    box.hover()
    if way == "wheel":
        tab.page.mouse.wheel(0, -8)
    elif way == "keys":
        box.focus()
        tab.page.keyboard.press("PageUp")
    else:
        tab.answer.get_by_text("Line 55").select_text()
    expect(box).not_to_have_class("chat-box is-pinned")
    tab.page.wait_for_timeout(300)
    place = box.evaluate("b => b.scrollTop")

    finish(tab)

    assert abs(box.evaluate("b => b.scrollTop") - place) < 2


def test_the_button_shows_beyond_200_px_with_a_dot_for_news_and_leads_back(tab: Tab) -> None:
    growing(tab)
    box = tab.page.locator(".chat-box")
    down = tab.page.get_by_role("button", name="Go to the end")
    box.hover()
    tab.page.mouse.wheel(0, -150)
    tab.page.wait_for_timeout(300)
    expect(down).to_be_hidden()
    tab.page.mouse.wheel(0, -150)
    expect(down).to_be_visible()
    expect(down).to_have_attribute("data-news", "false")

    tab.nodo.hold.release()
    expect(down).to_have_attribute("data-news", "true")
    down.click()

    expect(down).to_be_hidden()
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    assert below(tab) < 3


def test_a_wheel_in_code_that_can_still_scroll_does_not_let_go(tab: Tab) -> None:
    code = "```text\n" + "\n".join(f"row {n} " + "x" * 300 for n in range(5)) + "\n```\n\n"
    tab.nodo.scripts.append([("token", {"text": code}), *lines(5), "hold", *lines(60, 5), done()])
    tab.ask("Show me code")
    expect(tab.answer).to_contain_text("Line 4")
    pre = tab.answer.locator(".code-text")
    pre.evaluate(
        "p => { p.style.maxHeight = '60px'; p.style.overflow = 'auto'; p.scrollTop = 40; }"
    )
    pre.hover()
    tab.page.mouse.wheel(0, -10)

    finish(tab)

    assert below(tab) < 3


def test_without_following_the_page_stays_where_it_is(tab: Tab) -> None:
    tab.page.evaluate("localStorage.setItem('nodo.follow', 'off')")
    tab.nodo.scripts.append([*lines(3), "hold", *lines(80, 3), done()])
    tab.ask("Do not drag me")
    expect(tab.answer).to_contain_text("Line 2")
    place = tab.page.locator(".chat-box").evaluate("b => b.scrollTop")

    finish(tab)

    assert abs(tab.page.locator(".chat-box").evaluate("b => b.scrollTop") - place) < 2


def test_the_growing_field_never_covers_the_last_line(tab: Tab) -> None:
    growing(tab)
    finish(tab)
    tab.composer.fill("\n".join("more" for _ in range(12)))

    last = tab.answer.get_by_text("Line 89").bounding_box()
    field = tab.page.locator(".composer").bounding_box()
    assert last is not None
    assert field is not None
    assert last["y"] + last["height"] + 24 <= field["y"]
    assert field["height"] < 0.5 * 720


def test_a_conversation_opens_at_its_end_without_a_journey(tab: Tab) -> None:
    conversation_id = tab.nodo.add_conversation("Long ago")
    parent = None
    for n in range(50):
        parent = tab.nodo.add_message(
            conversation_id, parent, "assistant" if n % 2 else "user", f"Message {n}. " * 40
        )["id"]
    tab.page.goto(f"{tab.url}/#/chat/{conversation_id}")
    expect(tab.page.get_by_text("Message 49.")).to_be_in_viewport()
    tab.page.wait_for_timeout(300)

    assert below(tab) < 3


def test_older_messages_come_by_themselves_when_the_reader_comes_near(tab: Tab) -> None:
    conversation_id = tab.nodo.add_conversation("Long ago")
    parent = None
    for n in range(120):
        parent = tab.nodo.add_message(
            conversation_id, parent, "assistant" if n % 2 else "user", f"Message {n}. " * 40
        )["id"]
    tab.page.goto(f"{tab.url}/#/chat/{conversation_id}")
    expect(tab.page.get_by_text("Message 119.")).to_be_in_viewport()
    assert tab.page.locator("article").count() == 50
    tab.page.locator(".chat-box").hover()
    for _ in range(60):
        tab.page.mouse.wheel(0, -4000)
        if tab.page.locator("article").count() == 120:
            break
        tab.page.wait_for_timeout(50)

    expect(tab.page.locator("article")).to_have_count(120)
