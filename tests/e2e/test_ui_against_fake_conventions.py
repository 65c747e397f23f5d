"""What people expect of a chat without being told, by its numbers, in a real browser."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import NEEDS_BROWSER, PHONE, Tab
from tests.servers.fake_answers import done, held_script
from tests.servers.fake_nodo import FakeNodo

pytestmark = NEEDS_BROWSER
OpenTab = Callable[..., Tab]
# The longest of three, so that a machine that is busy for a moment does not fail it.
_MS_TO_STAGE = """async () => {
    const started = performance.now();
    document.querySelector(".composer-act").click();
    while (!document.querySelector(".stage:not([hidden])")) {
        if (performance.now() - started > 3000) return -1;
        await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    return performance.now() - started;
}"""
_SMALL_TARGETS = """() => [...document.querySelectorAll("button, a[href], input, textarea, summary")]
    .filter((element) => element.checkVisibility() && !element.closest(".prose p"))
    .map((element) => [element, element.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && (box.width < 24 || box.height < 24) && box.top >= 0)
    .filter(([element]) => !(element.type === "checkbox" && element.closest("label")))
    .map(([element]) => element.outerHTML.slice(0, 120))"""
_SMALL_FONTS = """() => [...document.querySelectorAll("input:not([type=checkbox], [type=range], [type=file]), textarea, select")]
    .filter((element) => parseFloat(getComputedStyle(element).fontSize) < 16)
    .map((element) => element.outerHTML.slice(0, 120))"""


def test_a_stage_stands_there_200_ms_after_sending_whatever_the_box_does(tab: Tab) -> None:
    tab.page.route("**/chat", lambda route: None)
    tab.composer.fill("Are you slow?")

    assert 0 <= tab.page.evaluate(_MS_TO_STAGE) < 200
    expect(tab.page.locator("article.question")).to_contain_text("Are you slow?")
    expect(tab.composer).to_have_value("")


def test_what_cannot_be_done_while_it_writes_is_not_offered(tab: Tab) -> None:
    tab.ask("First")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    tab.nodo.scripts.append(held_script())
    tab.ask("Second")
    expect(tab.page.get_by_role("button", name="Stop the answer")).to_be_visible()

    expect(tab.page.get_by_role("button", name="Answer again")).to_have_count(0)
    expect(tab.page.get_by_role("button", name="Edit")).to_have_count(0)
    expect(tab.answer.get_by_role("button", name="Copy")).to_have_count(0)


def test_the_field_grows_to_40_percent_and_scrolls_then(tab: Tab) -> None:
    tab.composer.fill("\n".join("line" for _ in range(80)))

    box = tab.composer.bounding_box()
    assert box is not None
    assert 0.3 * 720 < box["height"] <= 0.4 * 720 + 1
    assert tab.composer.evaluate("field => field.scrollHeight > field.clientHeight")


def test_an_input_method_that_is_composing_does_not_send(tab: Tab) -> None:
    tab.composer.fill("nih")
    tab.composer.evaluate(
        "f => f.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', isComposing: true, bubbles: true, cancelable: true}))"
    )

    assert tab.nodo.asked == []
    expect(tab.composer).to_have_value("nih")


def test_on_a_touch_screen_the_keyboard_goes_after_sending(open_new: OpenTab) -> None:
    tab = open_new(**PHONE)
    tab.sign_in()
    tab.composer.tap()
    tab.composer.fill("From my phone")
    tab.page.get_by_role("button", name="Send").tap()

    expect(tab.composer).not_to_be_focused()
    expect(tab.answer).to_have_attribute("aria-busy", "false")


def test_on_a_phone_fields_have_16_px_and_targets_24(open_new: OpenTab) -> None:
    tab = open_new(**PHONE)
    tab.sign_in()
    tab.composer.fill("Everything")
    tab.page.get_by_role("button", name="Send").tap()
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    found = {"chat": [tab.page.evaluate(_SMALL_TARGETS), tab.page.evaluate(_SMALL_FONTS)]}
    for address in ("search?q=Everything", "bin"):
        tab.page.goto(f"{tab.url}/#/{address}")
        tab.page.locator(".page-content").wait_for()
        found[address] = [tab.page.evaluate(_SMALL_TARGETS), tab.page.evaluate(_SMALL_FONTS)]

    assert found == {page: [[], []] for page in found}


def test_the_sidebar_stays_folded_and_lies_over_the_page_where_it_is_narrow(
    open_new: OpenTab,
) -> None:
    tab = open_new(viewport={"width": 1100, "height": 700})
    tab.enter()
    tab.page.keyboard.press("Control+Shift+S")
    expect(tab.page.get_by_role("navigation")).to_be_hidden()
    tab.page.reload()
    tab.composer.wait_for()
    expect(tab.page.get_by_role("navigation")).to_be_hidden()

    tab.page.set_viewport_size({"width": 800, "height": 700})
    tab.page.get_by_role("button", name="Show the sidebar").click()

    expect(tab.page.get_by_role("navigation")).to_be_visible()
    column = tab.page.locator(".column").bounding_box()
    assert column is not None
    assert column["width"] == 800
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("button", name="Show the sidebar")).to_be_focused()


def test_the_page_has_its_landmarks_and_messages_their_names(tab: Tab) -> None:
    tab.ask("Who reads this?")
    expect(tab.answer).to_have_attribute("aria-busy", "false")

    for role in ("main", "navigation"):
        expect(tab.page.get_by_role(role)).to_have_count(1)
    expect(tab.page.get_by_role("heading", level=1)).to_have_count(1)
    expect(tab.page.get_by_role("log")).to_have_attribute("aria-live", "off")
    expect(tab.page.get_by_role("article", name=re.compile("Your question, "))).to_have_count(1)
    expect(tab.page.get_by_role("article", name=re.compile("Nodo's answer, "))).to_have_count(1)
    tab.page.keyboard.press("Shift+Escape")
    expect(tab.composer).to_be_focused()


def test_a_dialog_gives_the_focus_back(tab: Tab) -> None:
    opener = tab.page.get_by_role("button", name="Chat menu")
    opener.focus()
    for key in ("F1", "Control+k"):
        tab.page.keyboard.press(key)
        tab.page.get_by_role("dialog").wait_for()
        tab.page.keyboard.press("Escape")
        expect(opener).to_be_focused()


def test_at_400_percent_nothing_has_to_be_scrolled_sideways(open_new: OpenTab) -> None:
    tab = open_new(viewport={"width": 320, "height": 256})
    tab.enter()
    tab.ask("Very large letters")
    expect(tab.answer).to_have_attribute("aria-busy", "false")

    assert not tab.is_wider_than_the_window()


def test_a_screen_reader_may_have_the_whole_answer_read(tab: Tab) -> None:
    tab.page.evaluate("localStorage.setItem('nodo.aloud', 'all')")
    tab.nodo.scripts.append([("token", {"text": "All of it."}), done()])
    tab.ask("Read it to me")

    expect(tab.page.locator("[data-ref=announcer]")).to_have_text("Answer complete. All of it.")
    expect(
        tab.answer.locator("[aria-live]:not(.row-action span, .code-action span)")
    ).to_have_count(0)


@pytest.mark.parametrize("address", ["chat/c-none", "nowhere"])
def test_an_address_that_leads_nowhere_is_said_in_words(
    open_new: OpenTab, nodo: FakeNodo, address: str
) -> None:
    tab = open_new()
    tab.enter()
    tab.page.goto(f"{tab.url}/#/{address}")

    words = (
        "does not exist, or belongs to somebody else" if "chat" in address else "What do you need?"
    )
    expect(tab.page.get_by_role("main")).to_contain_text(words)
