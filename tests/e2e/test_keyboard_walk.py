"""Nodo with nothing but a keyboard: from signing in to signing out, and round every page."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import NEEDS_BROWSER, Tab
from tests.servers.fake_answers import Json
from tests.servers.fake_nodo import PASSWORD, FakeNodo
from tests.waiting import until_now

pytestmark = NEEDS_BROWSER
MOST_STEPS = 80
ADDRESSES = (
    "chat", "search?q=door", "bin", "models",
    *(f"settings/{part}" for part in ("profile", "security", "appearance", "assistant", "keys")),
    *(f"admin/{part}" for part in ("users", "invites", "audit", "settings", "conversations")),
)  # fmt: skip
# What the page's own list of stops is: everything that takes the focus, in the order of the document.
_STOPS = """() => {
    const wanted = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    const isStop = (one) => one.checkVisibility() && !one.disabled && one.tabIndex >= 0
        && !one.closest("[inert]") && !(one.type === "radio" && !one.checked);
    window.stops = [...document.querySelectorAll(wanted)].filter(isStop);
    return window.stops.length;
}"""
# Where the focus is: its number in that list, and whether one sees it.
_FOCUS = """() => {
    const one = document.activeElement;
    if (one === document.body || one === null) return null;
    const hasOutline = (element) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    };
    const field = one.closest(".composer");
    const box = one.getBoundingClientRect();
    const isInWindow = box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    const hasRing = field !== null && getComputedStyle(field).boxShadow !== "none";
    return {
        at: (window.stops ?? []).indexOf(one),
        isSeen: isInWindow && box.width > 0 && (hasOutline(one) || hasRing),
        what: one.outerHTML.slice(0, 160),
    };
}"""


@dataclass
class Keys:
    """A person who only has a keyboard.

    Attributes:
        tab: Where they are.
    """

    tab: Tab

    def press(self, *names: str) -> None:
        for name in names:
            self.tab.page.keyboard.press(name)

    def write(self, text: str) -> None:
        self.tab.page.keyboard.insert_text(text)

    def focused(self) -> str:
        """Return the role and the name of what has the focus, as a screen reader is told."""
        here = self.tab.page.locator(":focus")
        return here.aria_snapshot() if here.count() else ""

    def go_to(self, what: str, key: str = "Tab") -> None:
        """Press a key until something has the focus; every stop on the way must be seen."""
        passed: list[str] = []
        for _ in range(MOST_STEPS):
            focused = self.focused()
            if what in focused.partition("\n")[0]:
                return
            passed.append(focused)
            self.press(key)
            state = self.tab.page.evaluate(_FOCUS)
            assert state is None or state["isSeen"], state
        raise AssertionError(f"{what} is not reached by {key}; passed: {passed}")


@pytest.fixture
def hands(tab: Tab) -> Keys:
    return Keys(tab)


def sign_in(hands: Keys) -> None:
    expect(hands.tab.page.get_by_label("E-mail")).to_be_focused()
    hands.write("ana@taller.example")
    hands.go_to('textbox "Password"')
    hands.write(PASSWORD)
    hands.go_to('button "Sign in"')
    hands.press("Enter")
    expect(hands.tab.composer).to_be_focused()


def read_clipboard(tab: Tab) -> str:
    return str(tab.page.evaluate("navigator.clipboard.readText()"))


def test_somebody_signs_in_asks_asks_again_edits_and_copies(
    open_new: Callable[..., Tab], nodo: FakeNodo
) -> None:
    tab = open_new(permissions=["clipboard-read", "clipboard-write"])
    hands = Keys(tab)
    tab.page.goto(tab.url)
    sign_in(hands)
    hands.write("What is a node?")
    hands.press("Enter")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    hands.go_to('button "Answer again"', "Shift+Tab")
    hands.press("Enter")
    expect(tab.page.get_by_role("group", name="Versions")).to_contain_text("2")
    hands.press("Shift+Escape")
    hands.go_to('button "Edit"', "Shift+Tab")
    hands.press("Enter")
    expect(tab.page.get_by_label("Edit the question")).to_be_focused()
    hands.press("Control+a")
    hands.write("What is a box?")
    hands.press("Control+Enter")
    expect(tab.page.locator("article.question")).to_contain_text("What is a box?")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    hands.press("Shift+Escape")
    hands.go_to('button "Copy"', "Shift+Tab")
    hands.press("Enter")

    until_now(lambda: "what you asked for" in read_clipboard(tab))
    assert [one["message"] for one in nodo.asked if "message" in one][-1] == "What is a box?"


def test_a_setting_and_a_colleagues_role_are_changed_and_one_signs_out(hands: Keys) -> None:
    tab = hands.tab
    hands.press("Control+,")
    expect(tab.page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
    hands.go_to('link "Appearance"')
    hands.press("Enter")
    tab.page.get_by_role("heading", name="Appearance", exact=True).wait_for()
    hands.go_to('radio "As the system"')
    hands.press("ArrowDown", "ArrowDown")
    expect(tab.page.locator("html")).to_have_attribute("data-theme", "dark")

    hands.go_to('link "Administration"', "Shift+Tab")
    hands.press("Enter")
    tab.page.get_by_role("button", name="Manage Berta Gil").wait_for()
    hands.go_to('button "Manage Berta Gil"')
    hands.press("Enter")
    hands.go_to('radio "Worker')
    hands.press("ArrowDown")
    hands.go_to('button "Save"')
    hands.press("Enter")
    expect(tab.page.get_by_role("dialog")).to_have_count(0)
    assert tab.nodo.people.sent["/admin/users/berta"] == {"role": "supervisor"}
    expect(tab.page.get_by_role("button", name="Manage Berta Gil")).to_be_focused()

    hands.go_to("user menu", "Shift+Tab")
    hands.press("Enter")
    hands.go_to('button "Sign out"')
    hands.press("Enter")
    expect(tab.page.get_by_label("E-mail")).to_be_focused()


def stops_until(hands: Keys, last: int) -> list[Json]:
    """Return where Tab leads, up to the last stop of the page."""
    passed: list[Json] = []
    while len(passed) < MOST_STEPS and (not passed or passed[-1]["at"] != last):
        hands.press("Tab")
        passed.append(hands.tab.page.evaluate(_FOCUS) or {"at": None, "isSeen": True})
    return passed


@pytest.mark.parametrize("address", ADDRESSES)
def test_tab_goes_once_round_the_page_in_its_order_and_everything_is_reached_and_seen(
    hands: Keys, nodo: FakeNodo, address: str
) -> None:
    conversation_id = nodo.add_conversation("Doors")
    question = nodo.add_message(conversation_id, None, "user", "Is the door open?")
    nodo.add_message(conversation_id, question["id"], "assistant", "The door is `shut`.")
    nodo.people.admins_read = True
    page = hands.tab.page
    page.goto(f"{hands.tab.url}/#/{address.replace('chat', f'chat/{conversation_id}')}")
    page.reload()
    page.locator(".main h1").wait_for()
    page.wait_for_load_state("networkidle")
    until_now(lambda: page.locator("[aria-busy=true]").count() == 0)
    count = page.evaluate(_STOPS)
    page.evaluate("document.activeElement.blur()")
    page.evaluate(
        "document.body.prepend(Object.assign(document.createElement('i'), {tabIndex: -1}))"
    )
    page.evaluate("document.querySelector('body > i').focus()")

    passed = stops_until(hands, count - 1)

    assert [stop["what"] for stop in passed if not stop["isSeen"]] == []
    # A date has several stops within one field.
    assert [at for at, _ in groupby(stop["at"] for stop in passed)] == list(range(count))
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
