"""The page of models in a real browser: getting, taking in, trying and removing them."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import NEEDS_BROWSER, Tab
from tests.waiting import until_now

pytestmark = NEEDS_BROWSER


@pytest.fixture
def models(tab: Tab) -> Tab:
    """Return a tab with the page of models."""
    tab.page.goto(f"{tab.url}/#/models")
    tab.page.get_by_role("heading", name="On this box").wait_for()
    return tab


def test_a_model_is_downloaded_with_progress_stopped_gone_on_with_and_discarded(
    models: Tab,
) -> None:
    page = models.page
    page.get_by_role("button", name="Download Medium 7B Instruct").click()
    row = page.locator("[data-download]")
    expect(row).to_contain_text("1.2 GB of 4.7 GB")
    expect(row).to_contain_text("12 MB per second, 4 min 52 s left")

    page.get_by_role("button", name="Stop downloading Medium 7B Instruct").click()
    expect(row).to_contain_text("stopped; what came is kept")
    page.get_by_role("button", name="Go on downloading Medium 7B Instruct").click()
    expect(row).to_contain_text("coming")
    page.get_by_role("button", name="Stop downloading Medium 7B Instruct").click()
    page.get_by_role("button", name="Discard what came of Medium 7B Instruct").click()

    expect(row).to_have_count(0)
    assert models.console == []


def test_what_has_arrived_is_told(models: Tab) -> None:
    models.page.get_by_role("button", name="Download Medium 7B Instruct").click()
    models.page.locator("[data-download]").wait_for()
    models.nodo.models["downloads"][0]["state"] = "done"

    expect(models.page.get_by_text("“Medium 7B Instruct” is here.").first).to_be_visible()


def test_a_download_that_failed_says_why_and_is_tried_again(models: Tab) -> None:
    models.page.get_by_role("button", name="Download Medium 7B Instruct").click()
    models.page.locator("[data-download]").wait_for()
    why = {"code": "hub_unreachable", "detail": "x", "hint": "y"}
    models.nodo.models["downloads"][0].update(state="failed", problem=why)

    expect(models.page.get_by_text("The model hub cannot be reached.")).to_be_visible()
    models.page.get_by_role("button", name="Try again to download Medium 7B Instruct").click()
    stop = models.page.get_by_role("button", name="Stop downloading Medium 7B Instruct")
    expect(stop).to_be_visible()


def test_a_licence_against_business_use_is_read_before_the_download(models: Tab) -> None:
    page = models.page
    page.get_by_role("button", name="Download Huge 70B").click()
    expect(page.get_by_role("dialog")).to_contain_text("For research only.")
    page.get_by_role("button", name="Cancel").click()
    assert models.nodo.models["downloads"] == []

    page.get_by_role("button", name="Download Huge 70B").click()
    page.get_by_role("button", name="Download all the same").click()
    expect(page.locator("[data-download]")).to_contain_text("Huge 70B")


def test_a_file_of_a_stick_is_found_and_taken_in(models: Tab) -> None:
    page = models.page
    page.get_by_text("From a stick, or from another program").click()
    page.get_by_role("button", name="Look for files").click()
    expect(page.get_by_text("STICK/models · 990 MB")).to_be_visible()
    page.get_by_role("button", name="Take in stick.gguf").click()

    expect(page.get_by_role("heading", name="stick", exact=True)).to_be_visible()


def test_a_name_of_the_hub_that_nobody_knows_is_said(models: Tab) -> None:
    page = models.page
    page.get_by_text("From a stick, or from another program").click()
    page.get_by_label("Another model of the hub").fill("nothing")
    page.get_by_label("Another model of the hub").press("Enter")

    expect(page.get_by_text("Nodo does not know where to get that model.").first).to_be_visible()


def test_the_speed_of_a_model_is_said_in_plain_words(models: Tab) -> None:
    models.page.get_by_role("button", name="Try its speed: Small 3B").click()

    expect(
        models.page.get_by_text("reads a page in 4 s and writes about as fast as you read")
    ).to_be_visible()


def test_a_model_is_loaded_and_unloaded(models: Tab) -> None:
    page = models.page
    page.get_by_role("button", name="Load Small 3B into memory").click()
    page.get_by_role("button", name="Unload small-3b from memory").click()

    until_now(lambda: models.nodo.models["loaded"] == ["nodo-demo"])


def test_a_model_is_removed_only_after_asking(models: Tab) -> None:
    page = models.page
    page.get_by_role("button", name="Remove Small 3B").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", name="Small 3B")).to_be_visible()

    page.get_by_role("button", name="Remove Small 3B").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="Small 3B")).to_have_count(0)


def test_a_worker_sees_what_there_is_and_changes_nothing(tab: Tab) -> None:
    tab.nodo.user["role"] = "worker"
    tab.page.goto(f"{tab.url}/#/models")
    tab.page.reload()
    tab.page.get_by_role("heading", name="On this box").wait_for()

    expect(tab.page.get_by_role("button", name="Download Medium 7B Instruct")).to_have_count(0)
    expect(tab.page.get_by_role("button", name="Remove Small 3B")).to_have_count(0)
    assert tab.console == []


def test_the_page_fits_a_phone_and_has_no_serious_faults(models: Tab) -> None:
    models.page.set_viewport_size({"width": 390, "height": 844})
    models.page.get_by_role("button", name="Download Medium 7B Instruct").click()
    models.page.get_by_text("From a stick, or from another program").click()
    models.page.locator("[data-download]").wait_for()

    assert not models.is_wider_than_the_window()
    assert models.serious_findings() == []
