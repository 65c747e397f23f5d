"""Files beside questions, in a real browser: chosen, pasted, dropped, read, refused, taken out."""

import re

from playwright.sync_api import FilePayload, Locator, expect

from tests.e2e.browsing import NEEDS_BROWSER, Tab
from tests.waiting import until_now

pytestmark = NEEDS_BROWSER
PLAN: FilePayload = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF x" * 100}
_DROP = """(box, name) => {
    const data = new DataTransfer();
    data.items.add(new File(["col1,col2"], name));
    const say = (kind) => box.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true}));
    say("dragenter");
    window.sawVeil = document.querySelector(".drop").checkVisibility();
    say("drop");
}"""


def choose(tab: Tab, *files: FilePayload) -> None:
    tab.page.locator("[data-ref=file-picker]").set_input_files(list(files))


def chip(tab: Tab) -> Locator:
    return tab.page.locator(".composer .chip")


def test_the_limits_are_said_before_one_chooses(tab: Tab) -> None:
    tab.page.get_by_role("button", name="Add files").press("Enter")

    panel = tab.page.locator(".attach-panel")
    expect(panel).to_contain_text("Up to 10 files per question, 25 MB each.")
    expect(panel).to_be_visible()
    expect(tab.page.get_by_role("button", name="Choose files…")).to_be_visible()
    tab.page.keyboard.press("Escape")
    expect(tab.page.get_by_role("button", name="Add files")).to_be_focused()


def test_a_file_is_read_page_by_page_and_goes_with_the_question(tab: Tab) -> None:
    tab.nodo.holds_files = True
    choose(tab, PLAN)
    expect(chip(tab)).to_contain_text("Reading the text: page 0 of 4")
    tab.composer.fill("What is in it?")
    expect(tab.page.get_by_role("button", name="Send")).to_be_disabled()

    tab.nodo.holds_files = False
    expect(chip(tab)).to_contain_text("Ready · 151 tokens")
    expect(tab.page.locator("[data-ref=announcer]")).to_have_text("plan.pdf is ready")
    tab.composer.press("Enter")

    question = tab.page.locator("article.question")
    expect(question.get_by_role("button", name="Download plan.pdf")).to_contain_text("151 tokens")
    expect(chip(tab)).to_have_count(0)
    assert tab.nodo.asked[0]["files"] == list(tab.nodo.files)
    with tab.page.expect_download() as download:
        question.get_by_role("button", name="Download plan.pdf").click()
    assert download.value.suggested_filename == "plan.pdf"
    assert download.value.path().read_bytes() == PLAN["buffer"]


def test_what_cannot_be_read_says_why_and_can_be_taken_out(tab: Tab) -> None:
    choose(
        tab,
        {"name": "song.mp3", "mimeType": "audio/mpeg", "buffer": b"x"},
        {"name": "locked.pdf", "mimeType": "application/pdf", "buffer": b"encrypted"},
        {"name": "nothing.txt", "mimeType": "text/plain", "buffer": b""},
    )
    expect(tab.page.get_by_role("alert")).to_contain_text("nothing.txt: the file is empty.")
    expect(chip(tab).nth(0)).to_contain_text("Files of this kind cannot be read.")
    expect(chip(tab).nth(1)).to_contain_text("protected with a password")
    tab.composer.fill("Go")
    expect(tab.page.get_by_role("button", name="Send")).to_be_disabled()
    expect(tab.page.locator(".composer-reason")).to_have_text(
        "Take out the files that cannot be used; then you can send."
    )

    for name in ("song.mp3", "locked.pdf"):
        tab.page.get_by_role("button", name=f"Take {name} out").click()

    expect(tab.page.locator(".composer-reason")).to_be_empty()
    expect(tab.composer).to_be_focused()
    expect(tab.page.get_by_role("button", name="Send")).to_be_enabled()


def test_a_long_text_that_is_pasted_becomes_a_file_and_a_short_one_does_not(tab: Tab) -> None:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.composer.focus()
    tab.page.evaluate("navigator.clipboard.writeText('short')")
    tab.page.keyboard.press("Control+v")
    expect(tab.composer).to_have_value("short")

    tab.page.evaluate("navigator.clipboard.writeText('a word '.repeat(600))")
    tab.page.keyboard.press("Control+v")

    expect(chip(tab)).to_contain_text("pasted-text.txt")
    expect(chip(tab)).to_contain_text("Ready")
    expect(tab.composer).to_have_value("short")


def test_files_can_be_dropped_anywhere_on_the_chat(tab: Tab) -> None:
    tab.page.locator(".chat-box").evaluate(_DROP, "table.csv")

    expect(chip(tab)).to_contain_text("table.csv")
    assert tab.page.evaluate("window.sawVeil") is True
    expect(tab.page.locator(".drop")).to_be_hidden()


def test_a_file_on_its_way_can_be_stopped(tab: Tab) -> None:
    tab.page.route("**/files", lambda route: None)
    choose(tab, PLAN)
    expect(chip(tab)).to_contain_text(re.compile(r"Sending \d+% of 0.6 kB"))

    tab.page.get_by_role("button", name="Take plan.pdf out").click()

    expect(chip(tab)).to_have_count(0)
    assert tab.nodo.files == {}


def test_a_file_that_is_taken_out_is_forgotten_by_the_box(tab: Tab) -> None:
    choose(tab, PLAN)
    expect(chip(tab)).to_contain_text("Ready")
    tab.page.get_by_role("button", name="Take plan.pdf out").click()

    until_now(lambda: tab.nodo.files == {})


def test_files_come_back_with_a_question_that_was_not_sent(tab: Tab) -> None:
    choose(tab, PLAN)
    expect(chip(tab)).to_contain_text("Ready")
    tab.page.route("**/chat", lambda route: route.fulfill(status=503, json={"code": "engine_full"}))
    tab.ask("Read it")

    expect(tab.page.get_by_text("The question was not sent")).to_be_visible()
    expect(tab.composer).to_have_value("Read it")
    expect(chip(tab)).to_contain_text("plan.pdf")


def test_a_session_that_ends_before_a_file_is_sent_asks_again_and_sends_it(tab: Tab) -> None:
    tab.nodo.end_session()
    choose(tab, PLAN)
    dialog = tab.page.get_by_role("dialog", name="Your session has ended")
    dialog.get_by_label("Password").fill("a long enough phrase")
    dialog.get_by_role("button", name="Sign in").click()

    expect(chip(tab)).to_contain_text("Ready")
