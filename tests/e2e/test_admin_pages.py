"""The administration, in a real browser against the stand-in."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import AXE, NEEDS_BROWSER, PHONE, Tab
from tests.servers.fake_nodo import PASSWORD, FakeNodo
from tests.waiting import until_now

pytestmark = NEEDS_BROWSER
OpenTab = Callable[..., Tab]
PARTS = ("users", "invites", "audit", "settings", "conversations")


def show(tab: Tab, part: str) -> None:
    tab.page.goto(f"{tab.url}/#/admin/{part}")
    tab.page.locator(f"[data-part={part}] :is(.panel, .remark)").first.wait_for()
    until_now(lambda: tab.page.locator("[aria-busy=true]").count() == 0)


def open_person(tab: Tab, name: str) -> None:
    show(tab, "users")
    tab.page.get_by_role("button", name=f"Manage {name}").click()


def test_only_administrators_are_led_there_and_others_are_told(
    open_new: OpenTab, nodo: FakeNodo
) -> None:
    nodo.user["role"] = "worker"
    tab = open_new()
    tab.enter()
    expect(tab.page.get_by_role("link", name="Administration")).to_have_count(0)

    tab.page.goto(f"{tab.url}/#/admin/users")

    expect(tab.page.get_by_text("Only administrators of this box")).to_be_visible()
    assert not [request for request in nodo.requests if "/admin" in request]


def test_who_waits_comes_first_and_is_approved_or_rejected(tab: Tab) -> None:
    tab.nodo.people.everybody["eva"] = {
        **tab.nodo.people.everybody["diana"], "id": "eva", "name": "Eva Mora",
    }  # fmt: skip
    show(tab, "users")
    waiting = tab.page.get_by_role("region", name="2 people wait for approval")
    waiting.get_by_role("button", name="Approve Diana Sanz").click()
    until_now(lambda: tab.nodo.people.everybody["diana"]["state"] == "active")
    one = tab.page.get_by_role("region", name="1 person waits for approval")
    one.get_by_role("button", name="Reject Eva Mora").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Reject").click()

    expect(one).to_have_count(0)
    assert "eva" not in tab.nodo.people.everybody


def test_people_are_found_by_name_role_and_state(tab: Tab) -> None:
    show(tab, "users")
    table = tab.page.get_by_role("region", name="All people").locator("tbody tr")
    expect(table).to_have_count(4)
    tab.page.get_by_label("State").select_option("disabled")
    expect(table).to_have_count(1)
    tab.page.get_by_label("State").select_option("")
    tab.page.get_by_label("Search by name or e-mail").fill("berta")
    expect(table).to_have_count(1)

    tab.page.get_by_label("Role").select_option("admin")

    expect(tab.page.get_by_text("Nobody matches these filters.")).to_be_visible()


def test_somebody_is_added_and_the_code_handed_over(tab: Tab) -> None:
    show(tab, "users")
    tab.page.get_by_role("button", name="Add somebody").click()
    dialog = tab.page.get_by_role("dialog", name="Add somebody")
    dialog.get_by_role("button", name="Add somebody").click()
    expect(dialog.get_by_text("The name is missing.")).to_be_visible()
    dialog.get_by_label("Name").fill("Olga Ríos")
    dialog.get_by_label("E-mail").fill("olga@taller.example")
    dialog.get_by_label("Supervisor").check()
    dialog.get_by_role("button", name="Add somebody").click()

    expect(dialog.locator(".sheet-code")).to_have_text("NEWP-2345")
    expect(dialog.get_by_role("img", name="QR code")).to_be_visible()
    expect(dialog).to_contain_text("this address works only there")
    assert tab.nodo.people.sent["/admin/users"]["role"] == "supervisor"


def test_an_account_is_disabled_at_once_and_that_can_be_undone(tab: Tab) -> None:
    open_person(tab, "Berta Gil")
    tab.page.get_by_role("button", name="Disable the account").click()
    until_now(lambda: tab.nodo.people.everybody["berta"]["state"] == "disabled")
    expect(tab.page.get_by_role("button", name="Enable the account")).to_be_visible()
    tab.page.keyboard.press("Escape")

    tab.page.get_by_role("button", name="Undo").click()

    until_now(lambda: tab.nodo.people.everybody["berta"]["state"] == "active")


def test_a_question_who_is_there_stands_over_the_dialog_that_asked_for_it(tab: Tab) -> None:
    tab.nodo.people.is_confirmed = False
    open_person(tab, "Berta Gil")
    tab.page.get_by_label("Name", exact=True).fill("Berta Gil Ruiz")
    tab.page.get_by_role("dialog").get_by_role("button", name="Save").click()
    question = tab.page.get_by_role("dialog", name="Confirm that it is you")
    question.get_by_label("Password").fill(PASSWORD)
    tab.page.keyboard.press("Enter")

    expect(question).to_have_count(0)
    expect(tab.page.locator(".toast")).to_contain_text("Berta Gil Ruiz is saved.")
    assert tab.nodo.people.everybody["berta"]["name"] == "Berta Gil Ruiz"


def test_hostile_names_are_only_text(open_new: OpenTab, nodo: FakeNodo) -> None:
    hostile = "<img src=x onerror='window.hurt=1'><script>window.hurt=1</script>"
    nodo.people.everybody["berta"].update(name=hostile, email=hostile)
    nodo.people.everybody["diana"]["name"] = hostile
    nodo.people.audit[0].update(actor_name=hostile, target_name=hostile, details={hostile: hostile})
    nodo.people.sessions[1].update(device=hostile, address=hostile)
    tab = open_new()
    tab.enter()
    for part in ("users", "audit", "invites"):
        show(tab, part)
    show(tab, "users")
    tab.page.locator("[data-row=berta] button").click()
    expect(tab.page.get_by_role("dialog").get_by_role("heading", name=hostile)).to_be_visible()
    tab.page.goto(f"{tab.url}/#/settings/security")
    expect(tab.page.locator("[data-row=s-2]")).to_contain_text(hostile)

    assert tab.page.evaluate("window.hurt") is None
    assert [address for address in tab.addresses if not address.startswith(tab.url)] == []


def test_the_owner_cannot_be_disabled_and_it_says_why(tab: Tab) -> None:
    open_person(tab, "Ana Ruiz")

    expect(tab.page.get_by_role("button", name="Disable the account")).to_be_disabled()
    expect(tab.page.get_by_text("The owner cannot be disabled.")).to_be_visible()
    expect(tab.page.get_by_role("dialog").get_by_label("Worker")).to_be_disabled()


def test_a_role_is_changed_and_a_refusal_said_in_words(tab: Tab) -> None:
    open_person(tab, "Berta Gil")
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_label("Supervisor").check()
    dialog.get_by_role("button", name="Save").click()

    expect(tab.page.locator(".toast")).to_contain_text("Berta Gil is saved.")
    assert tab.nodo.people.sent["/admin/users/berta"] == {"role": "supervisor"}
    expect(dialog).to_have_count(0)
    expect(tab.page.locator("[data-row=berta]")).to_contain_text("Supervisor")
    expect(tab.page.get_by_role("button", name="Manage Berta Gil")).to_be_focused()


def test_what_was_done_is_told_and_undone_within_the_dialog_that_is_open(tab: Tab) -> None:
    open_person(tab, "Berta Gil")
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Disable the account").click()

    expect(dialog.get_by_role("button", name="Enable the account")).to_be_focused()
    expect(dialog.get_by_role("status")).to_contain_text("Berta Gil is disabled")
    dialog.locator(".toast").get_by_role("button", name="Undo").click()
    until_now(lambda: tab.nodo.people.everybody["berta"]["state"] == "active")
    tab.page.keyboard.press("Escape")

    expect(tab.page.locator(".toast")).to_contain_text("Berta Gil can sign in again.")
    expect(tab.page.get_by_role("button", name="Manage Berta Gil")).to_be_focused()


def test_a_code_for_a_new_password_can_be_printed(tab: Tab) -> None:
    tab.page.add_init_script("window.print = () => { window.printed = true; }")
    tab.page.reload()
    open_person(tab, "Berta Gil")
    tab.page.get_by_role("button", name="Code for a new password").click()
    dialog = tab.page.get_by_role("dialog", name="Code for a new password")
    expect(dialog.locator(".sheet-code")).to_have_text("RSET-2345")
    dialog.get_by_role("button", name="Print").click()
    tab.page.emulate_media(media="print")

    assert tab.page.evaluate("window.printed")
    expect(tab.page.locator(".paper .sheet-code")).to_be_visible()
    expect(dialog).to_be_hidden()


def test_signing_somebody_out_asks_first(tab: Tab) -> None:
    open_person(tab, "Berta Gil")
    tab.page.get_by_role("button", name="Sign out everywhere").click()
    question = tab.page.get_by_role("dialog", name="Sign out everywhere")
    question.get_by_role("button", name="Sign out everywhere").click()

    expect(tab.page.locator(".toast")).to_contain_text("Berta Gil is signed out everywhere.")
    assert "POST /admin/users/berta/sign-out" in tab.nodo.requests


def test_an_invitation_is_made_listed_and_revoked(tab: Tab) -> None:
    show(tab, "invites")
    expect(tab.page.get_by_text("There are no invitations.")).to_be_visible()
    tab.page.get_by_label("For whom").fill("Pepe")
    tab.page.get_by_label("Valid for").select_option("72")
    tab.page.get_by_role("button", name="Make an invitation").click()
    expect(tab.page.get_by_role("dialog").locator(".sheet-code")).to_have_text("INVI-2345")
    tab.page.keyboard.press("Escape")
    expect(tab.page.locator(".records")).to_contain_text("open")

    tab.page.get_by_role("button", name="Revoke the invitation for Pepe").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Revoke").click()

    expect(tab.page.get_by_text("There are no invitations.")).to_be_visible()
    assert tab.nodo.people.sent["/admin/invites"]["valid_hours"] == 72


def test_the_log_says_in_words_what_was_before_and_what_after(tab: Tab) -> None:
    tab.nodo.people.audit[0]["details"] = {"after": "supervisor", "before": "worker"}
    tab.nodo.people.audit[1]["details"] = {"kind": "invite", "reason": "ended_by_person"}
    show(tab, "audit")

    rows = tab.page.locator("tbody tr")
    expect(rows.nth(0)).to_contain_text("before: Worker · after: Supervisor")
    expect(rows.nth(1)).to_contain_text("kind: invitation · reason: ended by the person")


def test_the_log_is_filtered_paged_and_saved(tab: Tab) -> None:
    show(tab, "audit")
    rows = tab.page.locator("tbody tr")
    expect(rows).to_have_count(2)
    tab.page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(3)
    tab.page.get_by_label("Outcome").select_option("refused")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Sign-in refused")

    with tab.page.expect_download() as saving:
        tab.page.get_by_role("button", name="Save as CSV").click()

    assert saving.value.suggested_filename == "nodo-audit.csv"
    assert saving.value.path().read_text() == "as csv"


@pytest.mark.parametrize(
    ("is_broken", "words"),
    [(False, "All 3 entries are as they were written."), (True, "From entry 2 on")],
)
def test_the_check_of_the_log_ends_in_a_sentence(tab: Tab, *, is_broken: bool, words: str) -> None:
    tab.nodo.people.audit_broken = is_broken
    show(tab, "audit")
    tab.page.get_by_role("button", name="Check the log").click()

    expect(tab.page.get_by_text(words)).to_be_visible()


def test_reading_along_is_allowed_only_after_its_consequence_was_said(tab: Tab) -> None:
    show(tab, "settings")
    tab.page.get_by_label("Yes, administrators may read").check()
    question = tab.page.get_by_role("dialog")
    expect(question).to_contain_text("Everybody is told at once.")
    question.get_by_role("button", name="Cancel").click()
    expect(tab.page.get_by_label("No", exact=False).nth(0)).to_be_checked()
    assert tab.nodo.people.admins_read is False

    tab.page.get_by_label("Yes, administrators may read").check()
    question.get_by_role("button", name="Allow it").click()

    until_now(lambda: tab.nodo.people.admins_read)


def test_an_administrator_who_is_not_the_owner_only_sees_that_rule(
    open_new: OpenTab, nodo: FakeNodo
) -> None:
    nodo.user["is_owner"] = False
    tab = open_new()
    tab.enter()
    show(tab, "settings")

    expect(tab.page.get_by_label("Yes, administrators may read")).to_be_disabled()
    expect(tab.page.get_by_text("Only the owner of this box can change this.")).to_be_visible()


def test_conversations_are_shown_only_when_allowed_and_cannot_be_changed(tab: Tab) -> None:
    conversation_id = tab.nodo.add_conversation("Closing time")
    question = tab.nodo.add_message(conversation_id, None, "user", "How do I <b>close</b>?")
    tab.nodo.add_message(conversation_id, question["id"], "assistant", "First the **lights**.")
    show(tab, "conversations")
    expect(tab.page.get_by_text("cannot read the chats of others")).to_be_visible()
    tab.nodo.people.admins_read = True
    tab.page.reload()
    expect(tab.page.get_by_role("row", name="Closing time")).to_contain_text("Berta Gil")
    tab.page.get_by_role("table").get_by_role("link", name="Closing time").click()

    expect(tab.page.get_by_text("is written into the audit log")).to_be_visible()
    expect(tab.page.get_by_role("article").first).to_contain_text("How do I <b>close</b>?")
    expect(tab.page.get_by_role("article").last.locator("strong")).to_have_text("lights")
    expect(tab.page.locator(".tabbed").get_by_role("textbox")).to_have_count(0)


def test_a_box_that_does_not_answer_is_said_in_place_with_a_way_to_try_again(tab: Tab) -> None:
    tab.page.route("**/admin/invites", lambda route: route.abort())
    tab.page.goto(f"{tab.url}/#/admin/invites")
    expect(tab.page.get_by_text("Nodo cannot be reached.")).to_be_visible()

    tab.page.unroute("**/admin/invites")
    tab.page.get_by_role("button", name="Try again").click()

    expect(tab.page.get_by_text("There are no invitations.")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_wider_than_a_phone(open_new: OpenTab, nodo: FakeNodo, width: int) -> None:
    nodo.user["language"] = "es"
    nodo.people.everybody["berta"]["email"] = (
        "un.correo.larguisimo.de.verdad@taller-de-berta.example"
    )
    tab = open_new(**{**PHONE, "viewport": {"width": width, "height": 700}})
    tab.enter()
    wide = []
    for part in PARTS:
        show(tab, part)
        wide += [part] if tab.is_wider_than_the_window() else []
    show(tab, "users")
    tab.page.get_by_role("button", name="Gestionar a Berta Gil").tap()
    tab.page.get_by_role("button", name="Código para una contraseña nueva").tap()
    tab.page.locator(".sheet-code").wait_for()
    wide += ["sheet"] if tab.is_wider_than_the_window() else []

    assert wide == []


@pytest.mark.skipif(not AXE.is_file(), reason="npm ci was not run")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(open_new: OpenTab, nodo: FakeNodo, theme: str) -> None:
    nodo.people.admins_read = True
    nodo.add_conversation("Closing time")
    tab = open_new(color_scheme=theme)
    tab.enter()
    findings = {}
    for part in PARTS:
        show(tab, part)
        findings[part] = tab.serious_findings()
    open_person(tab, "Berta Gil")
    findings["person"] = tab.serious_findings()
    tab.page.get_by_role("button", name="Code for a new password").click()
    tab.page.locator(".sheet-code").wait_for()
    findings["sheet"] = tab.serious_findings()

    assert findings == {part: [] for part in (*PARTS, "person", "sheet")}
    assert tab.console == []
