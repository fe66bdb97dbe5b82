"""How the pages look: themes, a telephone's width, and nothing from elsewhere."""

import pytest
from playwright.sync_api import Page, expect
from tests.browser.asking import ask, conversation, sources
from tests.browser.conftest import Library, Opens
from tests.browser.people import Account

TELEPHONE = {"width": 375, "height": 700}
DARK = "document.body.classList.contains('awsui-dark-mode')"


def test_the_dark_theme_is_kept(at_chat: Page) -> None:
    assert not at_chat.evaluate(DARK)
    at_chat.get_by_role("button", name="Account and theme").click()
    at_chat.get_by_role("menuitemcheckbox", name="Dark").click()
    at_chat.wait_for_function(DARK)
    at_chat.reload()
    at_chat.wait_for_function(DARK)
    expect(at_chat.get_by_role("textbox", name="Message")).to_be_visible()


def test_the_theme_follows_the_system_until_one_is_chosen(at_chat: Page) -> None:
    at_chat.emulate_media(color_scheme="dark")
    at_chat.wait_for_function(DARK)


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/", "Answers come from"),
        ("/workspaces", "Larkspur Mills"),
        ("/workspaces/{library}", "Processed"),
        ("/account", "New password"),
    ],
)
def test_a_page_fits_a_telephone_without_sideways_scroll(opens: Opens, library: Library, path: str, shown: str) -> None:
    page = opens(library.owner, viewport=TELEPHONE)
    page.goto(path.format(library=library.id))
    expect(page.get_by_text(shown).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]


def test_an_answer_with_its_source_fits_a_telephone(opens: Opens, reader: Account) -> None:
    page = opens(reader, viewport=TELEPHONE)
    page.goto("/")
    ask(page, "How many days of annual leave does everybody have?")
    sources(page).first.click()
    expect(page.get_by_role("region", name="Source", exact=True).locator("mark")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]


def test_nothing_is_fetched_from_another_origin(at_chat: Page, library: Library) -> None:
    fetched: list[str] = []
    at_chat.on("request", lambda request: fetched.append(request.url))
    ask(at_chat, "How many days of annual leave does everybody have?")
    expect(conversation(at_chat)).to_contain_text("27 days")
    for path in ("/", "/workspaces", f"/workspaces/{library.id}", "/account"):
        at_chat.goto(path)
        at_chat.wait_for_load_state("networkidle")
    origin = at_chat.evaluate("location.origin")
    assert fetched
    assert [url for url in fetched if not url.startswith((f"{origin}/", "data:", "blob:"))] == []
