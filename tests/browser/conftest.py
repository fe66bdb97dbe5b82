"""A real Chromium on the real product."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.acceptance.target import clean_environment, serving
from tests.browser.install_chromium import find

FLAGS = [
    "--no-sandbox",  # Chromium refuses to run as root with one
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 30_000


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    program = find()
    assert program, "No Chromium: run tests/browser/install_chromium.py"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def sign_in_url(tmp_path: Path) -> Iterator[str]:
    """The link that a `kosha serve` of our own prints, on a data directory nobody has used."""
    environment = {**clean_environment(), "KOSHA_FIND_LOCAL_MODELS": "false"}
    with serving(tmp_path / "data", environment) as (_, told):
        yield told["signInUrl"]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh profile that fails on anything the page complains of or fetches from elsewhere."""
    with watched_page(browser) as watched:
        yield watched


@contextmanager
def watched_page(browser: Browser, **options: object) -> Iterator[Page]:
    """A page whose errors and foreign requests fail the test."""
    context = browser.new_context(**options)  # pyright: ignore[reportArgumentType]
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if "127.0.0.1" in request.url or request.url.startswith(("data:", "blob:"))
            else complaints.append(request.url)
        ),
    )
    yield page
    context.close()
    assert not complaints, complaints


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    """A PDF of two pages about an invented company."""
    from fpdf import FPDF

    pdf = FPDF()
    pdf.set_font("helvetica", size=12)
    for text in (
        "Larkspur Mills handbook. Everybody has 27 days of annual leave. Unused days lapse at the end of March.",
        "Expenses. A hotel may cost up to 140 euros a night. Receipts are handed in within 30 days.",
    ):
        pdf.add_page()
        pdf.multi_cell(0, 8, text)
    path = tmp_path / "larkspur-handbook.pdf"
    pdf.output(str(path))
    return path
