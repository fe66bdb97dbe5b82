"""A real Chromium on the real product."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.acceptance.target import Target, clean_environment, serving
from tests.browser.handbook import TEXTS, write_pdf
from tests.browser.install_chromium import find
from tests.browser.people import Account, newcomer

FLAGS = [
    "--no-sandbox",  # Chromium refuses to run as root with one
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 20_000
OWN = re.compile(r"^(http://127\.0\.0\.1:|ws://127\.0\.0\.1:|data:|blob:|about:)")

Opens: TypeAlias = Callable[..., Page]
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a module: an open Playwright keeps this thread's event loop, which other folders' tests need."""
    with chromium() as browser:
        yield browser


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium without a window."""
    program = find()
    assert program, "No Chromium: run tests/browser/install_chromium.py"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def watched_page(browser: Browser, account: Account | None = None, **options: Any) -> Iterator[Page]:
    """A page in a profile of its own, which fails on anything it complains of or fetches from elsewhere."""
    if account is not None:
        options |= {"storage_state": account.storage, "base_url": account.url}
    context = browser.new_context(**options)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []

    def fetched(url: str) -> None:
        if not OWN.match(url):
            complaints.append(f"fetched {url}")

    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("request", lambda request: fetched(request.url))
    page.on("websocket", lambda socket: fetched(socket.url))
    yield page
    context.close()
    assert not complaints, complaints


@pytest.fixture
def sign_in_url(tmp_path: Path) -> Iterator[str]:
    """The link that a `kosha serve` of our own prints, on a data directory nobody has used."""
    environment = {**clean_environment(), "KOSHA_FIND_LOCAL_MODELS": "false"}
    with serving(tmp_path / "data", environment) as (_, told):
        yield told["signInUrl"]


@pytest.fixture
def opens(browser: Browser) -> Iterator[Opens]:
    """`opens(account)`: their browser. All of them are closed, and asked for complaints, at the end."""
    with ExitStack() as stack:
        yield lambda account=None, **options: stack.enter_context(watched_page(browser, account, **options))


@pytest.fixture
def page(opens: Opens) -> Page:
    """The browser of somebody who is not signed in."""
    return opens()


@pytest.fixture
def manager(target: Target) -> Account:
    """Somebody new, who may create workspaces and has none."""
    return newcomer(target)


@dataclass(frozen=True)
class Library:
    """A workspace about an invented company; its owner shares it with those who read."""

    id: str
    owner: Account


@pytest.fixture(scope="session")
def library(target: Target) -> Library:
    """Made once; tests read it only."""
    owner = newcomer(target)
    return Library(owner.workspace("Larkspur Mills", TEXTS), owner)


@pytest.fixture
def reader(target: Target, library: Library) -> Account:
    """Somebody new, who may read the library and has asked nothing yet."""
    account = newcomer(target, ["user"])
    library.owner.shares(library.id, account.name)
    return account


@pytest.fixture
def at_chat(reader: Account, opens: Opens) -> Page:
    """The reader's chat page, where questions go to the library."""
    page = opens(reader)
    page.goto("/")
    expect(page.get_by_text('Answers come from "Larkspur Mills"')).to_be_visible()
    return page


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    """A PDF of two pages about the same company."""
    return write_pdf(tmp_path / "larkspur-handbook.pdf")
