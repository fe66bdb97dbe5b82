"""Servers that are slow, broken, in a hurry or a trap."""

import time
from http.server import BaseHTTPRequestHandler

import pytest
from tests.served.site import Answer, ServedSite, page
from tests.unit.ingestion.crawling.crawls import Crawler


def in_turn(*answers: Answer):
    """One after another, the last one again and again."""
    left = list(answers)
    return lambda _handler: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
def test_a_server_that_is_away_for_a_moment_is_asked_again(crawler: Crawler, site: ServedSite, status: int) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": in_turn(Answer(b"", status), Answer(b"", status), page("a"))}
    document = crawler.crawl(site)
    assert crawler.paths(document, site) == ["/", "/a"]
    assert document.warnings == ()


def test_retry_after_is_honoured(crawler: Crawler, site: ServedSite) -> None:
    moments: list[float] = []

    def busy(_: BaseHTTPRequestHandler) -> Answer:
        moments.append(crawler.house.clock.timestamp())
        return Answer(b"", 429, {"Retry-After": "90"}) if len(moments) == 1 else page("a")

    site.pages = {
        "/": page("hub", "/a", "/b"),
        "/a": busy,
        "/b": lambda _: moments.append(crawler.house.clock.timestamp()) or page("b"),
    }
    crawler.crawl(site)
    assert min(moments[1:]) - moments[0] >= 90  # the host is let be, not only the page


@pytest.mark.parametrize("status", [401, 403, 418, 204])
def test_a_page_that_is_refused_is_told_and_not_asked_again(crawler: Crawler, site: ServedSite, status: int) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": Answer(b"", status)}
    document = crawler.crawl(site)
    assert crawler.paths(document, site) == ["/"]
    assert f"the server answered {status}" in document.warnings[0]
    assert site.paths().count("/a") == 1


def test_broken_links_are_told_by_number_and_a_few_by_name(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", *(f"/{number}" for number in range(7)))}
    document = crawler.crawl(site)
    [warning] = document.warnings
    assert warning.startswith("7 addresses were left out: the server says that there is no such page (404): ")
    assert warning.endswith(" and 4 more.")


def _hangs(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.8)
    handler.close_connection = True


def _drips(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    for _ in range(30):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)
    handler.close_connection = True


def _breaks_off(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n<html>")
    handler.close_connection = True


@pytest.mark.parametrize("behaviour", [_hangs, _drips, _breaks_off])
def test_a_server_that_does_not_end_its_answer_costs_one_page(crawler: Crawler, site: ServedSite, behaviour) -> None:
    site.pages = {"/": page("hub", "/a", "/b"), "/a": behaviour, "/b": page("b")}
    document = crawler.crawl(site)
    assert crawler.paths(document, site) == ["/", "/b"]
    assert site.paths().count("/a") == 4
    assert f"{site.url}/a" in document.warnings[0]


def test_a_site_that_is_down_is_an_error_that_may_pass(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": Answer(b"", 500)}
    document = crawler.crawl(site)
    assert document.error is not None
    assert "the server answered 500" in document.error.message
    assert document.error.retryable


def test_a_crawl_of_a_site_that_breaks_down_on_the_way_ends(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", *(f"/{number}" for number in range(200)))}
    site.otherwise = lambda path: None if path == "/robots.txt" else Answer(b"", 500)
    document = crawler.crawl(site)
    assert (document.status, document.sub_documents) == ("processed", 1)
    assert "The crawl was ended early" in document.warnings[-1]
    assert len(site.asked) < 400


def test_an_endless_calendar_ends_and_costs_no_other_page(crawler: Crawler, site: ServedSite) -> None:
    def calendar(path: str) -> Answer | None:
        if not path.startswith("/calendar/"):
            return None
        number = int(path.rpartition("/")[2])
        return page(
            path,
            f"/calendar/{number + 1}",
            f"/calendar/{number - 1}",
            *(f"/calendar/{number}{day}" for day in range(30)),
        )

    pages = [f"/chapter-{letter}" for letter in "abcdefghij"]
    site.pages = {"/": page("hub", "/calendar/1", pages[0])}
    site.pages |= {path: page(path, *pages[place + 1 : place + 2]) for place, path in enumerate(pages)}
    site.otherwise = calendar
    document = crawler.crawl(site, limit=120)
    assert document.sub_documents == 120
    assert set(pages) < set(crawler.paths(document, site))


def test_relative_links_that_go_round_in_circles_end(crawler: Crawler, site: ServedSite) -> None:
    site.otherwise = lambda path: page(path, "a/b/", "../x/")
    document = crawler.crawl(site, "/start/", limit=60)
    assert document.status == "processed"
    assert all(path.count("/a/b") <= 3 for path in crawler.paths(document, site))


def test_sessions_in_addresses_that_all_say_the_same_end(crawler: Crawler, site: ServedSite) -> None:
    asked: list[str] = []

    def session(path: str) -> Answer:
        asked.append(path)
        return page("same", f"/s/{len(asked)}abc{len(asked) * 7}/", text="The same words.")

    site.otherwise = session
    document = crawler.crawl(site)
    assert document.sub_documents == 1
    assert len(asked) < 10


def test_a_page_as_large_as_a_library_is_left_out(crawler: Crawler, site: ServedSite) -> None:
    huge = Answer(b"<html><body>" + b"word " * 2_200_000, headers={"Content-Type": "text/html"})
    site.pages = {"/": page("hub", "/a"), "/a": huge}
    document = crawler.crawl(site)
    assert crawler.paths(document, site) == ["/"]
    assert "more than 10 MB" in document.warnings[0]


def test_a_page_without_words_says_why_it_is_left_out(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {
        "/": Answer(b"<html><body><div id=app></div><script>run()</script>", headers={"Content-Type": "text/html"})
    }
    document = crawler.crawl(site)
    assert document.error is not None
    assert "what scripts write is not read" in document.error.message


@pytest.mark.parametrize("charset", ["windows-1251", "shift_jis", "iso-8859-1"])
def test_a_character_set_that_only_the_header_names_is_heeded(crawler: Crawler, site: ServedSite, charset: str) -> None:
    words = {"windows-1251": "Привет", "shift_jis": "こんにちは", "iso-8859-1": "Grüße"}[charset]
    html = f"<html><head><title>{words}</title></head><body><p>{words}</p></body></html>".encode(charset)
    site.pages = {"/": Answer(html, headers={"Content-Type": f"text/html; charset={charset}"})}
    [kept] = crawler.pages(crawler.crawl(site))
    assert kept.title == words
    assert words in crawler.house.texts(kept)[0]


@pytest.mark.parametrize("charset", ["undefined", "zlib", "idna", "unicode_escape"])
def test_a_page_in_no_character_set_is_read_all_the_same(crawler: Crawler, site: ServedSite, charset: str) -> None:
    told = {"Content-Type": f"text/html; charset={charset}"}
    site.pages = {"/": Answer("<title>t</title><p>Grüße aus München \\ud800</p>".encode("latin-1"), 200, told)}
    assert crawler.paths(crawler.crawl(site), site) == ["/"]


def test_a_page_in_the_character_set_of_its_header_is_kept_in_utf_8(crawler: Crawler, site: ServedSite) -> None:
    told = {"Content-Type": "text/html; charset=ISO-8859-1"}
    site.pages = {"/": Answer("<title>t</title><p>“Grüße” für 5 €</p>".encode("cp1252"), 200, told)}
    document = crawler.crawl(site)
    assert crawler.house.texts(crawler.pages(document)[0]) == ["t\n\n“Grüße” für 5 €"]


@pytest.mark.parametrize(
    "date", ["Fri, 20 Nov 99999999999 09:00:00 GMT", "Fri, 20 Nov 2026 09:00:00 +99999999999999999999"]
)
def test_a_server_that_is_busy_beyond_all_years_is_asked_again(crawler: Crawler, site: ServedSite, date: str) -> None:
    site.pages = {"/": in_turn(Answer(b"", 503, {"Retry-After": date}), page("hub"))}
    assert crawler.paths(crawler.crawl(site), site) == ["/"]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("", b"<!---->" * 500 + b"x"),
        ("text/html", b"<meta http-equiv=refresh content='" + b"1" * 500_000 + b"'><p>Words.</p>"),
        ("text/html", b"<table><tr><td colspan=" + b"9" * 5000 + b">Words.</table>"),
        ("text/html", b"<a href='/" + b"a/" * 300_000 + b"../" * 300_000 + b"'>Words.</a>"),
    ],
    ids=["comments", "refresh", "colspan", "href"],
)  # fmt: skip
def test_a_page_made_to_hold_up_its_reader_does_not(crawler: Crawler, site: ServedSite, kind: str, body: bytes) -> None:
    trap = Answer(body, headers={"Content-Type": kind})
    site.pages = {"/": page("hub", "/trap", "/a"), "/trap": trap, "/a": page("a")}
    assert {"/", "/a"} <= set(crawler.paths(crawler.crawl(site), site))


@pytest.mark.parametrize(
    "told",
    [
        {"ETag": '"a\0b"', "Content-Type": "text/html"},
        {"Last-Modified": "\0", "Content-Type": "text/html"},
        {"Content-Type": "text/\0html"},
        {"Content-Type": "x/" + "y" * 60_000},
    ],
    ids=["etag", "last-modified", "type", "long type"],
)
def test_headers_that_no_server_should_send_cost_no_other_page(
    crawler: Crawler, site: ServedSite, told: dict[str, str]
) -> None:
    odd = Answer(b"<title>t</title><p>Words.</p>", headers=told)
    site.pages = {"/": page("hub", "/odd", "/a"), "/odd": odd, "/a": page("a")}
    document = crawler.crawl(site)
    before = crawler.paths(document, site)
    document = crawler.again(document)
    assert document.status == "processed"
    assert crawler.paths(document, site) == before
    assert {"/", "/a"} <= set(before)
    assert all(len(warning) < 300 for warning in document.warnings)
