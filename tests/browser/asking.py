"""What a person does and sees on the chat page, by the names that the page gives things."""

import re

from playwright.sync_api import Locator, Page, expect

SOURCE = re.compile(r"^Source \d+: ")


def ask(page: Page, question: str) -> None:
    """Type it and press Enter, once the page knows where questions go."""
    message = page.get_by_role("textbox", name="Message")
    message.fill(question)
    expect(page.get_by_role("button", name="Send")).to_be_enabled()
    message.press("Enter")


def conversation(page: Page) -> Locator:
    """Every question and answer on the page."""
    return page.get_by_role("list", name="Conversation")


def sources(page: Page) -> Locator:
    """The small numbers in the answers."""
    return conversation(page).get_by_role("button", name=SOURCE)


def choose_model(page: Page, label: str) -> None:
    """From the picker above the conversation."""
    page.get_by_role("button", name=re.compile("^Model")).click()
    page.get_by_role("option", name=re.compile(f"^{label}")).click()
