"""Tuning what is found, in a real browser: the search lab, the chunks of a document, settings and the way back."""

import re

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Opens
from tests.browser.handbook import TEXTS
from tests.browser.people import Account


@pytest.fixture
def at_workspace(opens: Opens, manager: Account) -> Page:
    """The page of a workspace of the manager's with the handbook's texts in it."""
    workspace_id = manager.workspace("Tuning", TEXTS)
    page = opens(manager)
    page.goto(f"/workspaces/{workspace_id}")
    expect(page.get_by_role("table").get_by_text("Processed", exact=True)).to_have_count(len(TEXTS))
    return page


def search(page: Page, words: str) -> None:
    page.get_by_role("link", name="Search lab").click()
    page.get_by_role("searchbox", name="Question or words").fill(words)
    page.get_by_role("button", name="Search", exact=True).click()


def test_the_search_lab_tells_every_stage_and_why_a_document_is_not_there(at_workspace: Page) -> None:
    search(at_workspace, "How much annual leave is there?")
    passages = at_workspace.get_by_role("table", name="Passages")
    expect(passages.get_by_role("row").nth(1)).to_contain_text("27 days")
    expect(at_workspace.get_by_role("table", name="Stages")).to_contain_text("BM25")
    passages.get_by_role("button", name="Explain Leave").click()
    expect(at_workspace.get_by_role("table", name="Chunks of Leave")).to_contain_text("Found")


def test_a_chunk_that_was_edited_is_found_by_its_new_words(at_workspace: Page) -> None:
    at_workspace.get_by_role("button", name="Open Keys").click()
    at_workspace.get_by_role("button", name="Edit chunk 1").click()
    text = at_workspace.get_by_role("textbox", name="Text of chunk 1")
    text.fill("A lost badge is reported to the observatory at once.")
    at_workspace.get_by_role("button", name="Save and embed again").click()
    expect(text).to_have_count(0)
    search(at_workspace, "observatory")
    expect(at_workspace.get_by_role("table", name="Passages")).to_contain_text("reported to the observatory")


def test_settings_are_changed_and_set_back(at_workspace: Page) -> None:
    at_workspace.get_by_role("tab", name="Settings").click()
    passages = at_workspace.get_by_role("spinbutton", name="Passages per answer")
    passages.fill("3")
    at_workspace.get_by_role("button", name="Save settings").click()
    expect(at_workspace.get_by_text(re.compile("answers with the new settings"))).to_be_visible()
    at_workspace.get_by_text("Earlier settings").click()
    at_workspace.get_by_role("button", name="Set back to version 1").click()
    expect(passages).to_have_value("8")


def test_texts_are_compared_pair_by_pair(at_workspace: Page) -> None:
    at_workspace.get_by_role("link", name="Embeddings").click()
    at_workspace.get_by_role("button", name="Compare").click()
    expect(at_workspace.get_by_role("cell", name="1.00")).to_have_count(3)
