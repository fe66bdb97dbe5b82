"""Signing in, and what one person sees of another's, in real browsers."""

from playwright.sync_api import Page, expect
from tests.acceptance.target import Target
from tests.browser.asking import ask
from tests.browser.conftest import Library, Opens
from tests.browser.people import Account, newcomer

NEW_PASSWORD = "a battery that staples horses"


def fill_sign_in(page: Page, name: str, password: str) -> None:
    """By the form."""
    page.get_by_role("textbox", name="User name").fill(name)
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def choose_in_account_menu(page: Page, *names: str) -> None:
    """Open the menu under one's own name and choose, step by step."""
    page.get_by_role("button", name="Account and theme").click()
    for name in names:
        page.get_by_role("menuitem", name=name).click()


def test_who_came_by_the_link_sets_a_password_and_signs_in_by_name(page: Page, sign_in_url: str) -> None:
    page.goto(sign_in_url)
    choose_in_account_menu(page, "Account and password")
    page.get_by_role("textbox", name="New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    choose_in_account_menu(page, "Sign out")
    fill_sign_in(page, "admin", "not the password")
    expect(page.get_by_role("alert")).to_contain_text("The user name or the password is wrong.")
    fill_sign_in(page, "admin", NEW_PASSWORD)
    expect(page.get_by_role("button", name="Try the sample workspace")).to_be_visible()


def test_a_link_that_was_used_says_what_to_do_instead(page: Page, target: Target) -> None:
    page.goto(f"{target.url}/#token={target.used_one_time_token}")
    expect(page.get_by_role("heading", name="Sign in to Kosha")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("it was used or has expired")


def test_another_person_sees_a_workspace_only_after_it_is_shared(
    opens: Opens, target: Target, library: Library, manager: Account
) -> None:
    theirs = opens(manager)
    theirs.goto("/workspaces")
    expect(theirs.get_by_role("heading", name="Workspaces (0)")).to_be_visible()
    theirs.goto(f"/workspaces/{library.id}")
    expect(theirs.get_by_text("No such workspace")).to_be_visible()

    owners = opens(library.owner)
    owners.goto(f"/workspaces/{library.id}")
    owners.get_by_role("button", name="More for this workspace").click()
    owners.get_by_role("menuitem", name="Members").click()
    owners.get_by_role("textbox", name="Share with").fill(manager.name)
    owners.get_by_role("button", name="Add member").click()
    expect(owners.get_by_role("button", name=f"Remove {manager.name}")).to_be_visible()

    theirs.goto("/workspaces")
    theirs.get_by_role("link", name="Larkspur Mills").click()
    expect(theirs.get_by_role("table", name="Documents")).to_contain_text("Leave")
    expect(theirs.get_by_role("button", name="Add files")).to_have_count(0)


def test_conversations_are_seen_by_nobody_else(opens: Opens, target: Target, reader: Account) -> None:
    page = opens(reader)
    page.goto("/")
    ask(page, "A private question")
    conversations = page.get_by_role("region", name="Conversations")
    expect(conversations.get_by_role("link", name="A private question")).to_be_visible()
    address = page.url

    stranger = opens(newcomer(target))
    stranger.goto(address)
    expect(stranger.get_by_role("region", name="Conversations")).to_contain_text("Your conversations will stand here.")
    expect(stranger.get_by_text("A private question")).to_have_count(0)
    expect(stranger.get_by_text("Could not load this conversation")).to_be_visible()
