"""One spelling for each address."""

import pytest

from kosha.errors import Invalid
from kosha.ingestion.crawling import addresses
from kosha.model.crawl import Site

BASE = "https://example.com/docs/guide/page.html?x=1"


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("HTTP://Example.COM:80", "http://example.com/"),
        ("https://example.com:443/a", "https://example.com/a"),
        ("https://example.com:8443/a", "https://example.com:8443/a"),
        ("https://example.com./a#part", "https://example.com/a"),
        ("other.html", "https://example.com/docs/guide/other.html"),
        ("../a/./b//c/../d/", "https://example.com/docs/a/b/d/"),
        ("/%7Euser/%c3%a4 b", "https://example.com/~user/%C3%A4%20b"),
        ("/ä?q=ö&", "https://example.com/%C3%A4?q=%C3%B6"),
        ("?page=2&utm_source=x&gclid=y", "https://example.com/docs/guide/page.html?page=2"),
        ("//cdn.example.com/x", "https://cdn.example.com/x"),
        ("/a;jsessionid=AB12?x=1", "https://example.com/a?x=1"),
        ("https://münchen.example/", "https://xn--mnchen-3ya.example/"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        (" /a\n", "https://example.com/a"),
        ("", "https://example.com/docs/guide/page.html?x=1"),
        ("/a%2Fb%zz%", "https://example.com/a%2Fb%25zz%25"),
    ],
)
def test_an_address_has_one_spelling(written: str, normal: str) -> None:
    assert addresses.normal(written, BASE) == normal
    assert addresses.normal(normal) == normal


@pytest.mark.parametrize(
    "written",
    [
        "mailto:ada@example.com", "javascript:void(0)", "tel:+49", "data:text/html,x", "ftp://example.com/",
        "http://user:word@example.com/", "http://user@example.com/", "http://exa mple.com/", "http://example.com:x/",
        "http:///a", "https://example.com/" + "a" * 2000, "http://[::1", "http://a..b\\c/",
    ],
)  # fmt: skip
def test_what_is_no_page_has_no_address(written: str) -> None:
    assert addresses.normal(written, BASE) is None


def test_a_person_may_leave_out_the_scheme() -> None:
    assert addresses.start_address(" example.com/docs ") == "https://example.com/docs"
    with pytest.raises(Invalid, match="mailto"):
        addresses.start_address("mailto:ada@example.com")


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        ("https://example.com/x", True), ("http://www.example.com/", True), ("https://docs.example.com/", False),
        ("https://example.com:8443/", False), ("https://example.org/", False), ("https://example.com.evil.org/", False),
    ],
)  # fmt: skip
def test_a_site_is_a_host_with_or_without_www(other: str, is_same: bool) -> None:
    assert addresses.is_same_site("https://example.com/", other) is is_same


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("/docs/*", True), ("docs/*", True), ("*/api/*", True), ("*.html", True), ("https://example.com/docs/*", True),
        ("**/api/**", True), ("/docs", False), ("/blog/*", False), ("http://example.com/*", False), ("*.pdf", False),
    ],
)  # fmt: skip
def test_patterns_are_of_what_follows_the_host_or_of_all(pattern: str, fits: bool) -> None:
    url = "https://example.com/docs/api/a.html"
    assert addresses.is_wanted(url, Site(url=url, kind="website", include=(pattern,))) is fits
    assert addresses.is_wanted(url, Site(url=url, kind="website", exclude=(pattern,))) is not fits


def test_exclusion_wins() -> None:
    site = Site(url="https://example.com/", kind="website", include=("/docs/*",), exclude=("*/old/*",))
    assert addresses.is_wanted("https://example.com/docs/a", site)
    assert not addresses.is_wanted("https://example.com/docs/old/a", site)


def test_a_pattern_of_many_stars_costs_no_time() -> None:
    site = Site(url="https://example.com/", kind="website", include=("*a" * 100,))
    assert not addresses.is_wanted("https://example.com/" + "a" * 1900 + "b", site)


def test_addresses_that_differ_in_numbers_or_answers_look_alike() -> None:
    shape = addresses.shape_of("https://example.com/2026/11/20?day=3&view=week")
    assert shape == addresses.shape_of("https://example.com/2027/1/2?view=month&day=30")
    assert shape != addresses.shape_of("https://example.com/2026/11/20?day=3")


@pytest.mark.parametrize(("path", "is_trap"), [("/a/b/a/b/a/b/a/b", True), ("/a/b/c/a/b", False), ("/x" * 31, True)])
def test_a_path_that_goes_round_in_circles_is_a_trap(path: str, is_trap: bool) -> None:
    assert addresses.is_trap(f"https://example.com{path}") is is_trap
