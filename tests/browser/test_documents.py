"""Bringing in documents in a real browser: every way, and what is said of the bad ones."""

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect
from tests.browser.asking import ask, conversation, sources
from tests.browser.conftest import Opens
from tests.browser.people import Account

DROP = """([name, type, bytes]) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([Uint8Array.from(bytes)], name, { type }));
  for (const event of ["dragover", "drop"])
    document.body.dispatchEvent(new DragEvent(event, { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""


@pytest.fixture
def at_documents(opens: Opens, manager: Account) -> Page:
    """The page of a new workspace of the manager's."""
    workspace_id = manager.workspace("Notes", {})
    page = opens(manager)
    page.goto(f"/workspaces/{workspace_id}")
    expect(page.get_by_text("No documents yet")).to_be_visible()
    return page


def test_a_file_dropped_on_the_page_is_read(at_documents: Page, handbook: Path) -> None:
    at_documents.evaluate(DROP, [handbook.name, "application/pdf", list(handbook.read_bytes())])
    row = at_documents.get_by_role("row").filter(has_text="larkspur-handbook.pdf")
    expect(row).to_contain_text("PDF")
    expect(row.get_by_text("Processed", exact=True)).to_be_visible()


def test_a_file_that_cannot_be_read_tells_why_in_its_row(at_documents: Page, handbook: Path) -> None:
    half = handbook.read_bytes()[: handbook.stat().st_size // 3]
    bad: FilePayload = {"name": "torn.pdf", "mimeType": "application/pdf", "buffer": half}
    at_documents.get_by_test_id("files").set_input_files(bad)
    row = at_documents.get_by_role("row").filter(has_text="torn.pdf")
    expect(row.get_by_text("Error", exact=True)).to_be_visible()
    expect(row.locator(".document-reason")).to_contain_text("damaged or cut off")


def test_a_file_that_is_refused_tells_why_in_the_tray(at_documents: Page) -> None:
    bad: FilePayload = {"name": "holiday.mov", "mimeType": "video/quicktime", "buffer": b"moov"}
    at_documents.get_by_test_id("files").set_input_files(bad)
    tray = at_documents.get_by_role("region", name="Uploads")
    expect(tray).to_contain_text("1 file could not be uploaded")
    expect(tray.get_by_role("alert")).to_contain_text("Files that end in .mov are not read")
    expect(at_documents.get_by_text("No documents yet")).to_be_visible()


def test_a_file_is_replaced_and_the_same_one_again_does_nothing(at_documents: Page) -> None:
    at_documents.get_by_test_id("files").set_input_files(leave(days=25))
    at_documents.get_by_role("button", name="Open leave.md").click()
    expect(at_documents.get_by_text("25 days")).to_be_visible()
    for told in ('"leave.md" answers from its new file.', 'Nothing changed: "leave.md" already has this file.'):
        at_documents.get_by_role("button", name="Replace the file…").click()
        dialog = at_documents.get_by_role("dialog")
        dialog.get_by_test_id("new-version").set_input_files(leave(days=31))
        dialog.get_by_role("button", name="Replace", exact=True).click()
        expect(at_documents.get_by_text(told)).to_be_visible()
        expect(at_documents.get_by_text("31 days")).to_be_visible()


def test_a_version_that_cannot_be_read_leaves_the_one_before(at_documents: Page) -> None:
    at_documents.get_by_test_id("files").set_input_files(leave(days=25))
    at_documents.get_by_role("button", name="Actions for leave.md").click()
    at_documents.get_by_role("menuitem", name="Replace the file…").click()
    dialog = at_documents.get_by_role("dialog")
    dialog.get_by_test_id("new-version").set_input_files({**leave(days=0), "name": "leave.pdf"})
    expect(dialog).to_contain_text("its new version ends in .md")
    dialog.get_by_test_id("new-version").set_input_files({**leave(days=0), "buffer": b"\0\1\2\0" * 200})
    dialog.get_by_role("button", name="Replace", exact=True).click()
    expect(at_documents.get_by_role("alert").filter(has_text="The one before still answers.")).to_be_visible()
    at_documents.get_by_role("button", name="Open leave.md").click()
    expect(at_documents.get_by_text("What was read before still answers.")).to_be_visible()
    expect(at_documents.get_by_text("25 days")).to_be_visible()


def leave(*, days: int) -> FilePayload:
    text = f"# Leave\n\nEverybody has {days} days of annual leave."
    return {"name": "leave.md", "mimeType": "text/markdown", "buffer": text.encode()}


def test_a_question_with_its_answer_is_given_as_it_was_written(at_documents: Page) -> None:
    at_documents.get_by_role("button", name="Add Q&A").click()
    dialog = at_documents.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Question").fill("Who repairs the coffee machine?")
    dialog.get_by_role("textbox", name="Answer").fill("The facility team, room 0.17.")
    dialog.get_by_role("button", name="Add Q&A").click()
    expect(at_documents.get_by_role("table").get_by_text("Processed", exact=True)).to_be_visible()
    at_documents.get_by_role("button", name="Ask about it").click()
    ask(at_documents, "Who can repair our coffee machine?")
    expect(conversation(at_documents)).to_contain_text("The facility team, room 0.17.")
    expect(sources(at_documents)).to_have_count(1)


def test_a_pasted_text_is_deleted_after_one_question(at_documents: Page) -> None:
    at_documents.get_by_role("button", name="Add text").click()
    dialog = at_documents.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Title").fill("Keys")
    dialog.get_by_role("textbox", name="Text").fill("A new key card costs 15 euros.")
    dialog.get_by_role("button", name="Add text").click()
    expect(at_documents.get_by_role("table").get_by_text("Processed", exact=True)).to_be_visible()
    at_documents.get_by_role("button", name="Actions for Keys").click()
    at_documents.get_by_role("menuitem", name="Delete").click()
    expect(dialog).to_contain_text("The original and its 1 chunk go.")
    dialog.get_by_role("button", name="Delete document").click()
    expect(at_documents.get_by_text("No documents yet")).to_be_visible()
