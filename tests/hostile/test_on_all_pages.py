"""Hostile texts in everything that a box can tell its pages: names, devices, keys, files, news."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import CHROMIUM, PAGES
from tests.hostile.texts import hostile_texts
from tests.hostile.watching import SETTLE, Watched
from tests.servers.fake_nodo import FakeNodo
from tests.servers.fake_people import LATER, LONG_AGO

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not (PAGES / "index.html").is_file(), reason="npm run build was not run"),
]
TEXTS = tuple(hostile.text for hostile in hostile_texts())
_LISTED_WITHIN_MS = 20_000


@pytest.fixture(scope="module")
def filled(one_watched: Watched) -> Watched:
    """Return a tab whose box tells nothing but hostile texts."""
    _fill_people(one_watched.nodo)
    _fill_models(one_watched.nodo)
    _fill_chats(one_watched.nodo)
    one_watched.nodo.user.update(name=TEXTS[0], email=f"{TEXTS[1]}@example.org")
    one_watched.tab.page.reload()
    return one_watched


@pytest.fixture
def opened(filled: Watched) -> Watched:
    """Return that tab, in which nothing has happened in this test."""
    filled.watch.clear()
    return filled


def _fill_people(nodo: FakeNodo) -> None:
    people = nodo.people
    people.admins_read = True
    people.everybody = {str(one["id"]): one for one in _everybody()}
    people.sessions = [
        {"id": f"s-{at}", "created_at": LONG_AGO, "last_used_at": LONG_AGO, "expires_at": LATER,
         "device": text, "address": text, "is_current": at == 0}
        for at, text in enumerate(TEXTS)
    ]  # fmt: skip
    people.keys = [
        {"id": f"k-{at}", "name": text, "scopes": [text], "created_at": LONG_AGO,
         "last_used_at": None, "expires_at": None}
        for at, text in enumerate(TEXTS)
    ]  # fmt: skip
    people.invites = [
        {"id": f"i-{at}", "role": "worker", "name": text, "state": "used", "used_by": text,
         "created_at": LONG_AGO, "expires_at": LATER, "created_by": text, "used_at": LATER}
        for at, text in enumerate(TEXTS)
    ]  # fmt: skip
    people.audit = [
        {"id": str(at), "created_at": LONG_AGO, "action": text[:20] if at % 2 else "user.created",
         "actor_id": "u-1", "actor_name": text, "target_kind": text[:9], "target_id": text,
         "target_name": text, "outcome": "done", "address": text, "details": {text: text}}
        for at, text in enumerate(TEXTS)
    ]  # fmt: skip


def _everybody() -> Iterator[dict[str, object]]:
    for at, text in enumerate(TEXTS):
        state = ("active", "waiting", "disabled")[at % 3]
        yield {"id": f"u-{at}", "email": text, "name": text, "role": "worker", "language": "es",
               "state": state, "is_owner": False, "mfa_enabled": False,
               "created_at": LONG_AGO, "last_seen_at": None}  # fmt: skip


def _fill_models(nodo: FakeNodo) -> None:
    nodo.engine.update(model=TEXTS[2], model_title=TEXTS[2], detail=TEXTS[3])
    for kind in ("installed", "catalogue"):
        for at, model in enumerate(nodo.models[kind]):
            told = {name: TEXTS[at] for name, value in model.items() if isinstance(value, str)}
            model.update(told)
    nodo.models["installed"][0]["bad_reason"] = TEXTS[4]
    nodo.models["models_folder_hint"] = TEXTS[5]


def _fill_chats(nodo: FakeNodo) -> None:
    conversation_id = nodo.add_conversation(TEXTS[6])
    parent_id = None
    for at, text in enumerate(TEXTS):
        file_id = f"f-{at}"
        nodo.files[file_id] = {
            "id": file_id, "name": text, "media_type": text[:30], "size_bytes": 10,
            "state": "ready" if at % 2 else "failed", "pages": None, "pages_done": None,
            "characters": 9, "tokens": 3, "error": {"status": 422, "code": text, "detail": text},
        }  # fmt: skip
        nodo.removed[f"r-{at}"] = {"id": f"r-{at}", "title": text, "pinned": False,
                                   "unread": False, "created_at": LONG_AGO,
                                   "updated_at": LONG_AGO}  # fmt: skip
        files = [nodo.files[file_id]]
        asked = nodo.add_message(conversation_id, parent_id, "user", text, files=files)
        parent_id = nodo.add_message(conversation_id, asked["id"], "assistant", text)["id"]


def _visit(opened: Watched, address: str) -> None:
    opened.tab.page.goto(f"{opened.tab.url}/{address}")
    opened.tab.page.wait_for_load_state("networkidle")


@pytest.mark.parametrize(
    ("address", "rows"),
    [
        ("#/settings/profile", 0),
        ("#/settings/security", 100),
        ("#/settings/assistant", 0),
        ("#/settings/keys", 100),
        ("#/admin/users", 100),
        ("#/admin/invites", 100),
        ("#/admin/audit", 1),
        ("#/admin/conversations", 1),
        ("#/models", 1),
        ("#/bin", 1),
        ("#/search?q=ran", 20),
    ],
)
def test_no_page_lets_a_text_do_anything(opened: Watched, address: str, rows: int) -> None:
    _visit(opened, address)

    listed = opened.tab.page.locator("main li, main tr, main article, main .card, main h1")
    expect(listed.nth(rows)).to_be_attached(timeout=_LISTED_WITHIN_MS)
    opened.assert_untouched()


def test_no_name_of_a_file_does_anything_beside_its_question(opened: Watched) -> None:
    conversation_id = next(iter(opened.nodo.conversations))

    _visit(opened, f"#/chat/{conversation_id}")

    expect(opened.tab.page.locator("article.question")).to_have_count(25)
    opened.assert_untouched()


def test_no_news_does_anything(opened: Watched) -> None:
    _visit(opened, "#/chat")
    codes = ("new_sign_in", "session_stolen", "registration_waiting", "audit_broken")
    for at, text in enumerate(TEXTS):
        data = {"code": codes[at % len(codes)], "device": text, "name": text, "at": text}
        opened.nodo.live.tell("notice", data)
    opened.nodo.live.tell("notice", {"code": TEXTS[0], "detail": TEXTS[1]})
    opened.nodo.live.tell("engine", {**opened.nodo.engine, "detail": TEXTS[2]})

    expect(opened.tab.page.locator(".toast").first).to_be_attached()
    opened.assert_untouched()


@pytest.mark.parametrize("address", ["#/search?q={}", "#/chat/{}", "#/{}", "#/join?code={}"])
def test_no_address_does_anything(opened: Watched, address: str) -> None:
    for text in TEXTS[::10]:
        opened.tab.page.evaluate("hash => { location.hash = hash; }", address.format(text))
        opened.tab.page.evaluate(SETTLE)

    opened.assert_untouched()
