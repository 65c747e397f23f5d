"""What can be done with questions and answers, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import NEEDS_BROWSER, Tab
from tests.servers.fake_answers import done
from tests.servers.fake_nodo import FakeNodo
from tests.waiting import until_now

pytestmark = NEEDS_BROWSER
OpenTab = Callable[..., Tab]


@pytest.mark.parametrize(
    ("ending", "words", "action"),
    [
        (done("length"), "Cut at the length limit.", "Continue"),
        (("error", {"status": 503, "code": "engine_stopped"}), "The engine stopped", "Try again"),
        (("error", {"status": 503, "code": "answer_interrupted"}), "went down", "Continue"),
    ],
)
def test_an_end_that_is_not_the_end_is_said_with_what_to_do(
    tab: Tab, ending: tuple[str, dict[str, object]], words: str, action: str
) -> None:
    tab.nodo.scripts.append([("token", {"text": "Half an answ"}), ending])
    tab.ask("Try this")

    expect(tab.answer).to_contain_text("Half an answ")
    expect(tab.answer).to_contain_text(words)
    expect(tab.answer.get_by_role("button", name=action)).to_be_visible()


def test_another_answer_stands_beside_the_first(tab: Tab) -> None:
    tab.nodo.scripts.append([("token", {"text": "One"}), done()])
    tab.nodo.scripts.append([("token", {"text": "Two"}), done()])
    tab.ask("Count")
    expect(tab.answer.locator(".prose")).to_have_text("One")

    tab.answer.get_by_role("button", name="Answer again").click()
    expect(tab.answer.locator(".prose")).to_have_text("Two")
    tab.page.get_by_role("button", name="Previous version").click()

    expect(tab.answer.locator(".prose")).to_have_text("One")
    expect(tab.answer).to_contain_text("1/2")


def test_an_edited_question_starts_a_branch_and_keeps_the_old_one(tab: Tab) -> None:
    tab.ask("Frist try")
    expect(tab.answer).to_have_attribute("aria-busy", "false")

    tab.composer.press("ArrowUp")
    tab.page.get_by_label("Edit the question").fill("First try")
    tab.page.get_by_role("button", name="Send this version").click()

    question = tab.page.locator("article.question")
    expect(question).to_have_count(1)
    expect(question).to_contain_text("First try")
    expect(question).to_contain_text("2/2")


def test_a_cut_answer_goes_on_in_its_place(tab: Tab) -> None:
    tab.nodo.scripts.append([("token", {"text": "Half an answ"}), done("length")])
    tab.nodo.scripts.append(
        [
            ("stage", {"stage": "reading", "percent": 20}),
            "hold",
            ("token", {"text": "er, whole."}),
            done(),
        ]
    )
    tab.ask("Tell me all")
    tab.answer.get_by_role("button", name="Continue").click()
    expect(tab.answer.locator(".stage")).to_contain_text("Reading your message 20%")

    tab.nodo.hold.release()

    expect(tab.answer.locator(".prose")).to_have_text("Half an answer, whole.")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    expect(tab.page.locator("article")).to_have_count(2)
    assert [request for request in tab.nodo.requests if "/continue" in request] != []


def test_a_thumb_is_kept_and_can_be_taken_back(tab: Tab) -> None:
    tab.ask("Was that good?")
    tab.answer.get_by_role("button", name="Good answer").click()
    until_now(lambda: [m["feedback"] for m in tab.nodo.messages.values()] == [None, "up"])
    tab.page.reload()
    thumb = tab.answer.get_by_role("button", name="Good answer")
    expect(thumb).to_have_attribute("aria-pressed", "true")

    thumb.click()

    expect(thumb).to_have_attribute("aria-pressed", "false")
    until_now(lambda: [m["feedback"] for m in tab.nodo.messages.values()] == [None, None])


def test_a_thumb_that_the_box_refuses_is_not_shown(tab: Tab) -> None:
    tab.nodo.refuses_ratings = True
    tab.ask("Was that good?")
    thumb = tab.answer.get_by_role("button", name="Bad answer")
    thumb.click()

    expect(tab.page.get_by_role("alert")).to_contain_text("cannot do this right now")
    expect(thumb).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize(
    ("role", "speed"), [("admin", "9.5 tokens per second"), ("worker", "words per second")]
)
def test_details_speak_to_who_reads_them(
    open_new: OpenTab, nodo: FakeNodo, role: str, speed: str
) -> None:
    nodo.user["role"] = role
    tab = open_new()
    tab.enter()
    tab.ask("How fast are you?")
    tab.answer.locator(".details summary").click()

    expect(tab.answer.locator(".details-list")).to_contain_text(speed)
    expect(tab.answer.locator(".details-list")).to_contain_text("First word after1.6 s")
    expect(tab.answer.locator(".details-list")).to_contain_text("321 read, 62 written")


def test_a_line_shows_where_the_model_stopped_reading(tab: Tab) -> None:
    conversation_id = tab.nodo.add_conversation("Long")
    old = tab.nodo.add_message(conversation_id, None, "user", "Old question")
    answer = tab.nodo.add_message(conversation_id, old["id"], "assistant", "Old answer")
    new = tab.nodo.add_message(conversation_id, answer["id"], "user", "New question")
    usage = {"prompt_tokens": 3500, "completion_tokens": 100}
    tab.nodo.add_message(
        conversation_id, new["id"], "assistant", "New answer", read_from=new["id"], usage=usage
    )
    tab.page.goto(f"{tab.url}/#/chat/{conversation_id}")

    line = tab.page.get_by_text("The model no longer reads the messages above this line.")
    expect(line).to_be_visible()
    texts = tab.page.locator(".thread-list > *").all_inner_texts()
    assert "above this line" in texts[2]
    expect(tab.page.get_by_text("88% of the context used: soon")).to_be_visible()


def test_a_conversation_is_saved_as_a_file_and_printed_from_its_menu(tab: Tab) -> None:
    tab.page.add_init_script("window.print = () => { window.printed = true }")
    tab.page.reload()
    tab.ask("Keep this")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    menu = tab.page.get_by_role("button", name="Chat menu")
    for name, ending in (("Markdown", ".md"), ("JSON", ".json")):
        menu.click()
        with tab.page.expect_download() as download:
            tab.page.get_by_role("button", name=f"Save as {name}").click()
        assert download.value.suggested_filename.endswith(ending)
        assert "Keep this" in download.value.path().read_text(encoding="utf-8")

    menu.click()
    tab.page.get_by_role("button", name="Print").click()

    assert tab.page.evaluate("window.printed") is True


def test_a_chat_is_pinned_from_its_menu(tab: Tab) -> None:
    tab.ask("Keep this above")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    tab.page.get_by_role("button", name="Chat menu").click()
    tab.page.get_by_role("button", name="Pin chat").click()

    until_now(lambda: [c["pinned"] for c in tab.nodo.conversations.values()] == [True])
    pinned = tab.page.locator(".history-group").filter(
        has=tab.page.get_by_role("heading", name="Pinned")
    )
    expect(pinned.get_by_role("link")).to_have_text("Keep this above")
    tab.page.get_by_role("button", name="Chat menu").click()
    expect(tab.page.get_by_role("button", name="Unpin chat")).to_be_visible()


def test_options_go_with_the_question_and_with_the_account(tab: Tab) -> None:
    tab.page.get_by_role("button", name="Chat menu").click()
    tab.page.get_by_role("button", name="Answer options").click()
    slider = tab.page.get_by_label("Temperature")
    expect(slider).to_be_focused()
    slider.press("ArrowRight")
    until_now(lambda: tab.nodo.user.get("preferences") == {"temperature": 0.8})
    tab.page.keyboard.press("Escape")
    expect(slider).to_be_hidden()

    tab.ask("With more salt")

    until_now(lambda: tab.nodo.asked != [])
    assert tab.nodo.asked[0]["options"] == {"temperature": 0.8}


def test_a_temporary_chat_says_so_and_asks_for_it(tab: Tab) -> None:
    tab.page.get_by_role("button", name="Chat menu").click()
    tab.page.get_by_role("button", name="Temporary chat").click()
    expect(tab.page.get_by_role("heading", name="Temporary chat, not kept")).to_be_visible()

    tab.ask("Between us")

    until_now(lambda: tab.nodo.asked != [])
    assert tab.nodo.asked[0]["temporary"] is True


def test_a_thought_is_folded_and_is_not_copied(tab: Tab) -> None:
    tab.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.nodo.scripts.append(
        [("token", {"text": "<think>Hm, **salt**?</think>Take *salt*."}), done()]
    )
    tab.ask("What is missing?")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    expect(tab.answer.get_by_text("Hm, **salt**?")).to_be_hidden()

    tab.answer.get_by_role("button", name="Copy", exact=True).click()
    expect(tab.answer.get_by_role("button", name="Copied")).to_be_visible()

    assert tab.page.evaluate("navigator.clipboard.readText()") == "Take *salt*."


def test_copying_works_without_the_clipboard_of_secure_pages(tab: Tab) -> None:
    tab.page.context.grant_permissions(["clipboard-read"])
    tab.page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    tab.page.reload()
    tab.nodo.scripts.append([("token", {"text": "One **line**."}), done()])
    tab.ask("Copy me")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    tab.answer.get_by_role("button", name="Copy", exact=True).click()

    expect(tab.answer.get_by_role("button", name="Copied")).to_be_visible()
    assert tab.page.evaluate("navigator.clipboard.readText()") == "One **line**."


def test_an_edited_question_keeps_its_files_and_escape_leaves_it_alone(tab: Tab) -> None:
    tab.ask("Frist try")
    expect(tab.answer).to_have_attribute("aria-busy", "false")
    tab.page.locator("article.question").get_by_role("button", name="Edit").click()
    editor = tab.page.get_by_label("Edit the question")
    expect(tab.page.get_by_text("The old version and what follows it are kept")).to_be_visible()
    editor.fill("Something else")
    editor.press("Escape")

    expect(tab.page.locator("article.question")).to_contain_text("Frist try")
    expect(tab.page.locator("article.question").get_by_role("button", name="Edit")).to_be_focused()
