"""What a person does in their first hour with Kosha, in a real browser."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.browser.asking import ask, conversation, sources
from tests.browser.conftest import Opens
from tests.browser.people import Account

MINUTE_MS = 60_000


def test_a_person_signs_in_brings_a_pdf_asks_and_checks_the_citation_at_its_page(
    page: Page, sign_in_url: str, handbook: Path
) -> None:
    page.goto(sign_in_url)
    page.get_by_role("button", name="Create a workspace").click()
    page.get_by_role("textbox", name="Name").fill("Larkspur Mills")
    page.get_by_role("dialog").get_by_role("button", name="Create workspace").click()
    page.get_by_test_id("files").set_input_files(handbook)
    expect(page.get_by_role("table", name="Documents").get_by_text("Processed", exact=True)).to_be_visible()

    page.get_by_role("button", name="Ask about it").click()
    ask(page, "How much may a hotel cost a night?")
    expect(conversation(page)).to_contain_text("A hotel may cost up to 140 euros a night")
    sources(page).first.click()
    source = page.get_by_role("region", name="Source", exact=True)
    expect(page.get_by_role("heading", name="larkspur-handbook.pdf, page 2")).to_be_visible()
    expect(source.locator("mark")).to_contain_text("140 euros a night")
    with page.expect_popup() as document:
        source.get_by_role("button", name="Open document").click()
    document.value.wait_for_url(re.compile("^blob:.*#page=2$"))

    page.reload()
    expect(conversation(page)).to_contain_text("A hotel may cost up to 140 euros a night")
    expect(sources(page).first).to_be_visible()


def test_the_sample_workspace_answers_one_of_its_questions_within_a_minute(opens: Opens, manager: Account) -> None:
    page = opens(manager)
    page.set_default_timeout(MINUTE_MS)
    page.goto("/")
    page.get_by_role("button", name="Try the sample workspace").click()
    page.get_by_role("list", name="Questions to begin with").get_by_role("button").first.click()
    expect(sources(page).first).to_be_visible()
