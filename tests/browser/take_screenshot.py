"""Takes docs/screenshot.png: `.venv-dev/bin/python -m tests.browser.take_screenshot`, from the repository's root."""

import tempfile
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.acceptance.target import started
from tests.browser.asking import ask, conversation, sources
from tests.browser.conftest import chromium, watched_page
from tests.browser.handbook import write_pdf
from tests.browser.people import sign_in

PICTURE = Path(__file__).parents[2] / "docs" / "screenshot.png"
SIZE = {"width": 1280, "height": 800}
LIMIT_BYTES = 200_000
EARLIER = ("What is paid for a car?", "When is first class allowed?")
QUESTIONS = ("How many days of annual leave are there?", "How much may a hotel cost a night?")


def main() -> None:
    """An answer about an invented company, and the passage behind it."""
    with started() as target, chromium() as browser, tempfile.TemporaryDirectory() as folder:
        ada = sign_in(target.url, "ada", target.passwords["ada"])
        handbook = write_pdf(Path(folder) / "larkspur-handbook.pdf")
        with watched_page(browser, ada, viewport=SIZE, reduced_motion="reduce") as page:
            bring_in(page, ada.workspace("Larkspur Mills", {}), handbook)
            for questions in (*((earlier,) for earlier in EARLIER), QUESTIONS):
                converse(page, questions)
            sources(page).last.click()
            expect(page.get_by_role("region", name="Source", exact=True).locator("mark")).to_be_visible()
            conversation(page).hover(position={"x": 1, "y": 1})  # off the number, whose hint covers the text
            page.wait_for_load_state("networkidle")
            page.screenshot(path=PICTURE)
    assert PICTURE.stat().st_size < LIMIT_BYTES


def converse(page: Page, questions: Iterable[str]) -> None:
    """A new conversation, each question asked when the last is answered."""
    page.goto("/")
    for number, question in enumerate(questions, 1):
        ask(page, question)
        expect(page.get_by_role("button", name="Copy answer")).to_have_count(number)


def bring_in(page: Page, workspace_id: str, file: Path) -> None:
    """Add a file to a workspace and wait until it can be asked about."""
    page.goto(f"/workspaces/{workspace_id}")
    page.get_by_test_id("files").set_input_files(file)
    expect(page.get_by_role("table", name="Documents").get_by_text("Processed", exact=True)).to_be_visible()


if __name__ == "__main__":
    main()
