"""What a person does in their first hour with Kosha, in a real browser."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Page, expect
from tests.browser.conftest import watched_page


def test_a_person_signs_in_drops_a_pdf_asks_and_checks_the_citation(
    page: Page, sign_in_url: str, handbook: Path
) -> None:
    page.goto(sign_in_url)
    page.get_by_role("button", name="Create a workspace").click()
    page.get_by_label("Name").fill("Larkspur")
    page.get_by_role("dialog").get_by_role("button", name="Create workspace").click()
    page.get_by_test_id("files").set_input_files(handbook)
    expect(page.get_by_role("table").get_by_text("Processed")).to_be_visible()

    page.get_by_role("button", name="Ask about it").click()
    page.get_by_role("textbox", name="Message").fill("How many days of annual leave does everybody have?")
    page.keyboard.press("Enter")
    answer = page.get_by_role("list", name="Conversation")
    expect(answer).to_contain_text("27 days of annual leave")
    page.get_by_role("button", name=re.compile("^Source 1")).first.click()
    expect(page.get_by_text("larkspur-handbook.pdf, p. 1")).to_be_visible()
    expect(page.get_by_role("region", name="Source").locator("mark")).to_contain_text("27 days of annual leave")

    page.reload()
    expect(page.get_by_role("list", name="Conversation")).to_contain_text("27 days of annual leave")


def test_the_sample_workspace_answers_within_a_minute_of_signing_in(page: Page, sign_in_url: str) -> None:
    page.goto(sign_in_url)
    page.get_by_role("button", name="Try the sample workspace").click()
    suggestions = page.get_by_role("list", name="Questions to begin with")
    suggestions.get_by_role("button").first.click()
    expect(page.get_by_role("button", name=re.compile("^Source 1")).first).to_be_visible()


def test_the_chat_fits_a_telephone_without_sideways_scroll(browser: Browser, sign_in_url: str) -> None:
    with watched_page(browser, viewport={"width": 375, "height": 700}) as page:
        page.goto(sign_in_url)
        expect(page.get_by_role("textbox", name="Message")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
