"""Hostile texts in a real browser, against a stand-in that passes on whatever it is given.

The page's own policy is switched off here, except where a test says otherwise: with it the browser
would refuse most of what gets through, and a gap in our own care would not show.
"""

from collections.abc import Callable, Sequence

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import CHROMIUM, PAGES
from tests.hostile.texts import HostileText, hostile_texts, one_of_each_family
from tests.hostile.watching import Watched, findings
from tests.servers.fake_answers import Step, done
from tests.servers.fake_nodo import FakeNodo

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not (PAGES / "index.html").is_file(), reason="npm run build was not run"),
]
ALL = hostile_texts()
_PER_CONVERSATION = 25
# Draws each text letter by letter, as it grows, in a box like that of an answer.
_GROW = """
async ([file, texts]) => {
  const { makeBlockDrawer } = await import(file);
  for (const text of texts) {
    const box = document.createElement("div");
    box.className = "prose";
    document.querySelector(".thread, main").append(box);
    const draw = makeBlockDrawer(box);
    for (let length = 1; length < text.length; length += 1) draw(text.slice(0, length), true);
    draw(text, false);
  }
}
"""
Open = Callable[..., Watched]


def _fill(nodo: FakeNodo, texts: Sequence[HostileText]) -> str:
    """Return the id of a conversation in which each text is a question, and its answer."""
    conversation_id = nodo.add_conversation("Hostile")
    parent_id = None
    for hostile in texts:
        question = nodo.add_message(conversation_id, parent_id, "user", hostile.text)
        parent_id = nodo.add_message(
            conversation_id, question["id"], "assistant", hostile.text, finish_reason="stop"
        )["id"]
    return conversation_id


def _batches(texts: Sequence[HostileText]) -> list[Sequence[HostileText]]:
    size = _PER_CONVERSATION
    return [texts[start : start + size] for start in range(0, len(texts), size)]


@pytest.mark.parametrize("has_policy", [False, True], ids=["without the policy", "with it"])
def test_no_text_does_anything_as_a_question_or_a_finished_answer(
    open_watched: Open, has_policy: bool
) -> None:
    opened = open_watched(has_policy=has_policy)
    page = opened.tab.page

    for texts in _batches(ALL):
        page.goto(f"{opened.tab.url}/#/chat/{_fill(opened.nodo, texts)}")
        expect(page.locator("article.answer")).to_have_count(len(texts))
        expect(page.locator(".question-text").last).to_contain_text(texts[-1].text.strip()[:3])
        opened.assert_untouched()


def test_no_text_does_anything_at_any_point_while_it_is_being_written(open_watched: Open) -> None:
    opened = open_watched()
    drawing = next(file.name for file in PAGES.glob("markdown-blocks-*.js"))

    opened.tab.page.evaluate(_GROW, [f"/static/{drawing}", [hostile.text for hostile in ALL]])

    assert opened.tab.page.locator(".prose-block, .code").count() > len(ALL)
    opened.assert_untouched()


def test_no_text_does_anything_when_it_comes_in_small_pieces_through_a_stream(
    open_watched: Open,
) -> None:
    opened = open_watched()
    whole = "\n\n".join(hostile.text for hostile in one_of_each_family())
    pieces = [whole[start : start + 7] for start in range(0, len(whole), 7)]
    script: list[Step] = [("token", {"text": piece}) for piece in pieces]
    opened.nodo.scripts.append([*script, done()])

    opened.tab.ask(whole)

    expect(opened.tab.answer).to_have_attribute("aria-busy", "false")
    opened.assert_untouched()


def test_no_text_does_anything_as_a_title(open_watched: Open) -> None:
    opened = open_watched()
    newest = ""
    for hostile in ALL:
        newest = opened.nodo.add_conversation(hostile.text)

    opened.tab.page.goto(f"{opened.tab.url}/#/chat/{newest}")
    opened.tab.page.reload()

    expect(opened.tab.page.locator(".history-row")).to_have_count(len(ALL))
    opened.assert_untouched()


def test_no_text_does_anything_as_a_persons_name(open_watched: Open) -> None:
    opened = open_watched()

    for texts in _batches(ALL):
        opened.nodo.user["name"] = " ".join(hostile.text for hostile in texts)
        opened.tab.page.reload()
        expect(opened.tab.page.locator(".welcome")).to_contain_text(texts[0].text.split()[0][:5])
        opened.assert_untouched()


def _put_in_raw(opened: Watched, texts: Sequence[HostileText]) -> None:
    """Do to a page what Nodo never does: texts become elements as they are."""
    raw = "".join(f"<div>{hostile.text}</div>" for hostile in texts)
    opened.tab.page.evaluate("html => { document.body.innerHTML += html; }", raw)


# All but those that lead the page away at once, or make it forget how it is asked.
RAW = [one for one in ALL if one.family != "clobber" and "http-equiv" not in one.text]


def test_the_same_texts_put_in_raw_run_and_fetch_and_are_found(open_watched: Open) -> None:
    # The negative control of all tests above.
    opened = open_watched()

    _put_in_raw(opened, RAW)

    assert len(findings(opened.tab.page)) > 100
    opened.until(lambda watch: len(set(watch.ran)) > 15)
    opened.until(lambda watch: len(set(watch.foreign)) > 10)


def test_a_page_that_is_led_away_is_noticed(open_watched: Open) -> None:
    opened = open_watched()

    _put_in_raw(opened, [one for one in ALL if "http-equiv" in one.text])

    opened.until(lambda watch: watch.foreign != [] and watch.left != [])


def test_what_gets_in_is_refused_by_the_policy_and_heard_of(open_watched: Open) -> None:
    opened = open_watched(has_policy=True)

    _put_in_raw(opened, RAW)

    opened.until(lambda watch: any("Content Security Policy" in line for line in watch.console))
    assert opened.watch.ran == []
