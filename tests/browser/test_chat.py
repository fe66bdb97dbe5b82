"""A conversation in a real browser: how answers come, stop, change and survive."""

import re

import psutil
import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.acceptance.target import Target
from tests.browser.asking import ask, choose_model, conversation, sources
from tests.browser.conftest import Opens
from tests.browser.people import Account, until

LEAVE = "How many days of annual leave does everybody have?"
WORKSPACES = re.compile(r"/api/workspaces\?")
ENOUGH_TABS = 40


@pytest.fixture
def at_slow_chat(target: Target, at_chat: Page) -> Page:
    """The chat page, where a model of three seconds an answer is chosen."""
    if target.slow_model is None:
        pytest.skip("a product we did not start: KOSHA_TEST_MODEL_PORT names where it looks for one")
    choose_model(at_chat, "slow")
    return at_chat


def test_a_question_that_the_documents_do_not_answer_gets_no_source_and_is_told_so(at_chat: Page) -> None:
    ask(at_chat, "What is the boiling point of tungsten?")
    expect(conversation(at_chat)).to_contain_text("No source: the documents do not say.")
    expect(sources(at_chat)).to_have_count(0)


def test_a_question_is_not_sent_before_it_is_known_where_it_goes(opens: Opens, reader: Account) -> None:
    page = opens(reader)
    held: list[Route] = []
    page.route(WORKSPACES, lambda route: held.append(route))
    page.goto("/")
    message = page.get_by_role("textbox", name="Message")
    message.fill(LEAVE)
    message.press("Enter")
    expect(message).to_have_value(LEAVE)
    for route in held:
        route.continue_()
    ask(page, LEAVE)
    expect(sources(page).first).to_be_visible()


def test_an_answer_grows_and_stop_keeps_what_was_said(at_slow_chat: Page) -> None:
    ask(at_slow_chat, LEAVE)
    expect(conversation(at_slow_chat)).to_contain_text("word3")
    at_slow_chat.get_by_role("button", name="Stop").click()
    expect(conversation(at_slow_chat)).to_contain_text("stopped by you")
    at_slow_chat.reload()
    expect(conversation(at_slow_chat)).to_contain_text("word3")
    expect(conversation(at_slow_chat)).to_contain_text("stopped by you")
    expect(conversation(at_slow_chat)).not_to_contain_text("word59")


def test_escape_stops_an_answer(at_slow_chat: Page) -> None:
    ask(at_slow_chat, LEAVE)
    expect(conversation(at_slow_chat)).to_contain_text("word3")
    at_slow_chat.keyboard.press("Escape")
    expect(conversation(at_slow_chat)).to_contain_text("stopped by you")


def test_a_regenerated_answer_stands_beside_the_first(at_chat: Page) -> None:
    ask(at_chat, LEAVE)
    at_chat.get_by_role("button", name="Regenerate").click()
    versions = at_chat.get_by_role("group", name="Versions of this answer")
    expect(versions).to_contain_text("2 / 2")
    versions.get_by_role("button", name="Previous version").click()
    expect(versions).to_contain_text("1 / 2")
    expect(conversation(at_chat)).to_contain_text("27 days of annual leave")
    at_chat.reload()
    expect(versions).to_contain_text("/ 2")


def test_a_citation_is_reached_opened_and_left_by_keyboard(at_chat: Page) -> None:
    ask(at_chat, LEAVE)
    expect(sources(at_chat).first).to_be_visible()
    tab_to(sources(at_chat).first, backwards=True)
    expect(at_chat.get_by_role("tooltip")).to_contain_text("Leave")
    at_chat.keyboard.press("Enter")
    source = at_chat.get_by_role("region", name="Source", exact=True)
    expect(source.locator("mark")).to_contain_text("27 days of annual leave")
    tab_to(at_chat.get_by_role("button", name="Close the panel"))
    at_chat.keyboard.press("Enter")
    expect(source).to_have_count(0)


def test_a_listener_is_told_the_answer_once_it_is_there(at_chat: Page) -> None:
    ask(at_chat, LEAVE)
    expect(at_chat.get_by_test_id("announcer")).to_contain_text("27 days of annual leave")


def test_the_last_question_is_changed_with_the_up_key(at_chat: Page) -> None:
    ask(at_chat, "Who keeps bees?")
    expect(at_chat.get_by_role("button", name="Regenerate")).to_be_visible()
    message = at_chat.get_by_role("textbox", name="Message")
    message.press("ArrowUp")
    expect(message).to_have_value("Who keeps bees?")
    ask(at_chat, LEAVE)
    expect(conversation(at_chat)).to_contain_text("27 days of annual leave")
    expect(conversation(at_chat)).not_to_contain_text("Who keeps bees?")


def test_a_deleted_conversation_comes_back_with_undo(at_chat: Page) -> None:
    conversations = at_chat.get_by_role("region", name="Conversations")
    ask(at_chat, LEAVE)
    delete_conversation(at_chat)
    expect(conversations.get_by_role("link")).to_have_count(0)
    at_chat.get_by_role("button", name="Undo").click()
    conversations.get_by_role("link", name=LEAVE).click()
    expect(conversation(at_chat)).to_contain_text("27 days of annual leave")


def test_a_deleted_conversation_is_gone_when_the_page_is_left(at_chat: Page, reader: Account) -> None:
    ask(at_chat, LEAVE)
    delete_conversation(at_chat)
    at_chat.goto("about:blank")
    until(lambda: reader.call("GET", "sessions")["items"] == [], "the conversation is gone")


def test_an_answer_is_completed_in_the_open_page_although_the_server_is_killed(
    at_slow_chat: Page, target: Target
) -> None:
    ask(at_slow_chat, LEAVE)
    expect(conversation(at_slow_chat)).to_contain_text("word3")
    kill_server(target)
    expect(conversation(at_slow_chat)).to_contain_text(re.compile("word0 word1 .*word59"))
    expect(at_slow_chat.get_by_role("button", name="Regenerate")).to_be_visible()
    expect(conversation(at_slow_chat).get_by_role("listitem")).to_have_count(1)


def delete_conversation(page: Page) -> None:
    """The only one there is."""
    page.get_by_role("button", name=re.compile("^More for ")).click()
    page.get_by_role("menuitem", name="Delete").click()


def tab_to(wanted: Locator, *, backwards: bool = False) -> None:
    """Press Tab until it has the focus."""
    for _ in range(ENOUGH_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        wanted.page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"{ENOUGH_TABS} times Tab did not lead to {wanted}")


def kill_server(target: Target) -> None:
    """`kill -9` of the process that answers; its parent starts another."""
    [server] = [
        child for child in psutil.Process(target.pid).children() if "kosha_local.server" in " ".join(child.cmdline())
    ]
    server.kill()
