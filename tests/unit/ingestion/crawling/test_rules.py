"""What sites say to robots, and what befalls a crawl on the way."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from tests.served.site import Answer, ServedSite, moved, page
from tests.unit.ingestion.crawling.crawls import Crawler


def robots(text: str) -> Answer:
    return Answer(text.encode(), headers={"Content-Type": "text/plain"})


def test_what_robots_txt_forbids_is_not_asked_for(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {
        "/robots.txt": robots("User-agent: *\nDisallow: /x/\nAllow: /x/y\n\nUser-agent: Other\nDisallow: /"),
        "/": page("hub", "/x/1", "/x/y", "/a"),
        **{path: page(path) for path in ("/x/1", "/x/y", "/a")},
    }
    document = crawler.crawl(site)
    assert crawler.paths(document, site) == ["/", "/a", "/x/y"]
    assert "/x/1" not in site.paths()
    assert "robots.txt forbids it" in document.warnings[0]
    assert f"{site.url}/x/1" in document.warnings[0]


def test_rules_for_us_by_name_win(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {
        "/robots.txt": robots("User-agent: *\nDisallow: /\n\nUser-agent: KoshaBot\nDisallow: /x"),
        "/": page("hub", "/x"),
        "/x": page("x"),
    }
    assert crawler.paths(crawler.crawl(site), site) == ["/"]


def test_robots_txt_is_read_once(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": page("a")}
    crawler.again(crawler.crawl(site))
    assert [each.path for each in site.asked].count("/robots.txt") == 1


def test_a_robots_txt_that_cannot_be_read_forbids_all(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/robots.txt": Answer(b"down", 503), "/": page("hub")}
    document = crawler.crawl(site)
    assert document.status == "error"
    assert document.error is not None
    assert "robots.txt cannot be read: the server answered 503" in document.error.message
    assert site.paths() == []


def test_the_crawl_delay_is_kept(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {
        "/robots.txt": robots("User-agent: *\nCrawl-delay: 7"),
        "/": page("hub", "/a", "/b"),
        "/a": page("a"),
        "/b": page("b"),
    }
    moments: list[Any] = []
    site.otherwise = lambda _path: None
    begun = crawler.house.clock
    for path in ("/", "/a", "/b"):
        answer = site.pages[path]
        site.pages[path] = lambda _handler, answer=answer: moments.append(crawler.house.clock) or answer
    crawler.crawl(site)
    first, second, third = [(moment - begun).total_seconds() for moment in moments]
    assert second - first >= 7
    assert third - second >= 7


def test_a_host_is_asked_one_thing_at_a_time(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", *(f"/{number}" for number in range(8)))}
    site.otherwise = lambda path: page(path)
    crawler.crawl(site)
    assert site.most_at_once == 1


def test_a_page_that_asks_not_to_be_indexed_is_only_followed(crawler: Crawler, site: ServedSite) -> None:
    noindex = '<meta name="robots" content="noindex">'
    site.pages = {"/": page("hub", "/a"), "/a": page("a", "/b", head=noindex), "/b": page("b")}
    document = crawler.crawl(site)
    assert crawler.paths(document, site) == ["/", "/b"]
    assert "noindex" in document.warnings[0]


@pytest.mark.parametrize(
    "asks_not",
    [{"head": '<meta name="robots" content="NOFOLLOW">'}, {"X_Robots_Tag": "nofollow"}, {"X_Robots_Tag": "none"}],
)
def test_links_of_a_page_that_asks_for_it_are_not_followed(
    crawler: Crawler, site: ServedSite, asks_not: dict[str, str]
) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": page("a", "/b", **asks_not), "/b": page("b")}
    assert "/b" not in crawler.paths(crawler.crawl(site), site)


def test_links_that_are_marked_nofollow_are_not_followed(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", text='<a rel="external nofollow" href="/a">a</a> one'), "/a": page("a")}
    assert crawler.paths(crawler.crawl(site), site) == ["/"]


def test_depth_comes_before_breadth_of_numbers_and_the_limit_is_kept(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a", "/b", "/c")}
    site.otherwise = lambda path: page(path, f"{path}/deep")
    document = crawler.crawl(site, limit=4)
    assert crawler.paths(document, site) == ["/", "/a", "/b", "/c"]
    assert "The limit of 4 pages was reached" in document.warnings[-1]


def test_without_following_links_one_page_is_kept(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": page("a")}
    document = crawler.crawl(site, followLinks=False)
    assert crawler.paths(document, site) == ["/"]
    assert document.warnings == ()


def test_patterns_choose_what_is_visited(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/docs/a", "/blog/b", "/docs/old/c")}
    site.otherwise = lambda path: page(path)
    document = crawler.crawl(site, include=["/docs/*"], exclude=["*/old/*"])
    assert crawler.paths(document, site) == ["/docs/a"]
    assert site.paths() == ["/", "/docs/a"]


def test_other_sites_are_left_alone(crawler: Crawler, site: ServedSite) -> None:
    other = f"http://127.0.0.1:{site.port + 1}/"
    site.pages = {"/": page("hub", "https://example.com/", other, "mailto:a@b.c", "/out"), "/out": moved(other)}
    document = crawler.crawl(site)
    assert (crawler.paths(document, site), document.warnings) == (["/"], ())


def test_a_start_that_leads_to_another_site_says_so(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": moved("https://example.com/docs/")}
    document = crawler.crawl(site)
    assert document.error is not None
    assert "it leads to another site, https://example.com/docs/" in document.error.message
    assert not document.error.retryable


def test_a_redirection_is_followed_and_kept_once(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {
        "/": moved("/docs"),
        "/docs": moved("/docs/", 308),
        "/docs/": page("hub", "/old", "/"),
        "/old": moved("docs/"),
    }
    assert crawler.paths(crawler.crawl(site), site) == ["/docs/"]


@pytest.mark.parametrize(
    "pages",
    [
        {"/": moved("/")},
        {"/": moved("/b"), "/b": moved("/")},
        {"/": moved("/r/0"), **{f"/r/{number}": moved(f"/r/{number + 1}") for number in range(50)}},
        {"/": Answer(status=302)},
        {"/": Answer(status=302, headers={"Location": "javascript:void(0)"})},
    ],
)
def test_redirections_without_end_end(crawler: Crawler, site: ServedSite, pages: dict[str, Answer]) -> None:
    site.pages = dict(pages)
    document = crawler.crawl(site)
    assert document.status == "error"
    assert len(site.asked) < 20


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/", "http://localhost:{port}/", "http://10.0.0.1/"])
def test_a_redirection_inwards_is_refused(crawler: Crawler, site: ServedSite, target: str) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": moved(target.format(port=site.port))}
    document = crawler.crawl(site)
    assert crawler.paths(document, site) == ["/"]
    assert site.paths() == ["/", "/a"]


def test_an_address_inwards_is_refused_with_a_reason(crawler: Crawler, site: ServedSite) -> None:
    site.host = "localhost"  # only 127.0.0.1 is allowed
    document = crawler.crawl(site)
    assert document.error is not None
    assert "not an address of the public internet" in document.error.message
    assert site.asked == []


def test_a_page_is_kept_under_the_address_it_names_as_its_own(crawler: Crawler, site: ServedSite) -> None:
    named = '<link rel="canonical" href="/a">'
    site.pages = {"/": page("hub", "/a?v=1", "/a?v=2"), "/a": page("a", "/b", head=named), "/b": page("b")}
    document = crawler.crawl(site)
    assert crawler.paths(document, site) == ["/", "/a", "/b"]


@pytest.mark.parametrize("target", ["https://example.com/a", "/missing", "/b"])
def test_a_name_that_leads_nowhere_costs_no_page(crawler: Crawler, site: ServedSite, target: str) -> None:
    site.pages = {
        "/": page("hub", "/a"),
        "/a": page("a", head=f'<link rel="canonical" href="{target}">'),
        "/b": page("b", head='<link rel="canonical" href="/a">'),
    }
    document = crawler.crawl(site)
    assert len(crawler.pages(document)) == 2
    assert crawler.paths(document, site)[0] == "/"


def test_the_same_words_under_two_addresses_are_kept_once(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {
        "/": page("hub", "/index.html", "/a"),
        "/index.html": page("hub", "/b"),
        "/a": page("a"),
        "/b": page("b"),
    }
    document = crawler.crawl(site)
    assert crawler.paths(document, site) == ["/", "/a", "/b"]
    assert crawler.paths(crawler.again(document), site) == ["/", "/a", "/b"]


def test_when_the_kept_one_of_two_goes_the_other_takes_its_place(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a", "/z"), "/a": page("same"), "/z": page("same")}
    document = crawler.crawl(site)
    assert crawler.paths(document, site) == ["/", "/a"]
    site.pages["/"] = page("hub", "/z")
    assert crawler.paths(crawler.again(document), site) == ["/", "/z"]


def test_a_refresh_is_a_redirection(crawler: Crawler, site: ServedSite) -> None:
    refresh = '<meta http-equiv="refresh" content="0; url=\'/new/\'">'
    site.pages = {"/": page("hub", "/old"), "/old": page("Redirecting...", head=refresh), "/new/": page("new")}
    assert crawler.paths(crawler.crawl(site), site) == ["/", "/new/"]


def test_linked_files_are_documents_of_their_kind(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {
        "/": page("hub", "/a.md", "/b", "/c.csv", "/photo.jpg", "/d", "/style.css"),
        "/a.md": Answer(b"# Notes\n\nOne.", headers={"Content-Type": "application/octet-stream"}),
        "/b": Answer(b"plain words", headers={"Content-Type": "text/plain; charset=utf-8"}),
        "/c.csv": Answer(b"a,b\n1,2\n", headers={"Content-Type": "text/csv"}),
        "/d": Answer(b"\x00\x01", headers={"Content-Type": "application/x-thing"}),
    }
    document = crawler.crawl(site)
    assert [(each.path.rpartition("/")[2], each.type, each.content_type) for each in crawler.pages(document)] == [
        ("", "website", "text/html"),
        ("a.md", "file", "text/markdown"),
        ("b", "file", "text/plain"),
        ("c.csv", "file", "text/csv"),
    ]
    assert {each.status for each in crawler.pages(document)} == {"processed"}
    assert not {"/photo.jpg", "/style.css"}.intersection(site.paths())
    assert any("application/x-thing" in warning for warning in document.warnings)
    assert any("/photo.jpg" in warning for warning in document.warnings)


SITEMAP = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'
XML = {"Content-Type": "application/xml"}


def sitemap(*urls: str, pack: Callable[[bytes], bytes] = bytes) -> Answer:
    listed = "".join(f"<url><loc> {url} </loc><lastmod>2026-01-01</lastmod></url>" for url in urls)
    return Answer(pack(SITEMAP.format(urls=listed).encode()), headers=XML)


def test_sitemaps_tell_of_pages_that_nothing_links_to(crawler: Crawler, site: ServedSite) -> None:
    maps = "".join(f"<sitemap><loc>{site.url}/{name}</loc></sitemap>" for name in ("one.xml", "two.xml.gz"))
    site.pages = {
        "/": page("hub"),
        "/sitemap.xml": Answer(INDEX.format(maps=maps).encode(), headers=XML),
        "/one.xml": sitemap(f"{site.url}/a", "https://example.com/b", f"{site.url}/skip/me"),
        "/two.xml.gz": sitemap(f"{site.url}/c", pack=gzip.compress),
        "/a": page("a", "/linked"),
        "/c": page("c"),
        "/linked": page("linked"),
    }
    document = crawler.crawl(site, sitemap=True, followLinks=False, exclude=["/skip/*"])
    assert crawler.paths(document, site) == ["/", "/a", "/c"]


def test_robots_txt_names_the_sitemaps(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {
        "/robots.txt": robots(f"Sitemap: {site.url}/map.txt\nSitemap: https://example.com/other.xml"),
        "/": page("hub"),
        "/map.txt": Answer(f"{site.url}/a\n{site.url}/b\n".encode()),
        "/a": page("a"),
        "/b": page("b"),
    }
    document = crawler.crawl(site, sitemap=True)
    assert crawler.paths(document, site) == ["/", "/a", "/b"]
    assert "/sitemap.xml" not in site.paths()


def test_an_address_that_is_a_sitemap_is_read_as_one(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/map.xml": sitemap(f"{site.url}/a"), "/a": page("a")}
    assert crawler.paths(crawler.crawl(site, "/map.xml", sitemap=True), site) == ["/a"]


BOMB = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {chr(98 + number)} '{f'&{chr(97 + number)};' * 10}'>" for number in range(9)
) + "]>" + SITEMAP.format(urls="<url><loc>&j;</loc></url>")  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        Answer(BOMB.encode(), headers=XML),
        Answer(gzip.compress(bytes(60 * 2**20)), headers=XML),
        Answer(b"<urlset><url><loc>", headers=XML),
        Answer(b"", headers=XML),
        Answer(b"no such file", 404),
    ],
)
def test_a_sitemap_that_cannot_be_read_costs_only_itself(crawler: Crawler, site: ServedSite, answer: Answer) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": page("a"), "/sitemap.xml": answer}
    document = crawler.crawl(site, sitemap=True)
    assert crawler.paths(document, site) == ["/", "/a"]


def test_a_sitemap_that_names_itself_is_read_once(crawler: Crawler, site: ServedSite) -> None:
    maps = "".join(f"<sitemap><loc>{site.url}/sitemap.xml?{number}</loc></sitemap>" for number in (1, 2))
    site.pages = {"/": page("hub"), "/sitemap.xml": Answer(INDEX.format(maps=maps).encode(), headers=XML)}
    assert crawler.crawl(site, sitemap=True).status == "processed"
    assert len(site.asked) < 8


def test_feeds_and_sitemaps_that_are_linked_are_no_pages(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {
        "/": page("hub", "/feed.xml", "/map.xml"),
        "/feed.xml": Answer(b"<rss version='2.0'><channel><title>News</title></channel></rss>", headers=XML),
        "/map.xml": sitemap(f"{site.url}/a"),
    }
    assert crawler.paths(crawler.crawl(site), site) == ["/"]


def test_a_line_of_a_sitemap_that_says_nothing_names_no_page(crawler: Crawler, site: ServedSite) -> None:
    lines = f"{site.url}/a\n\n{'x' * 100_000}\n{site.url}/b\n"
    site.pages = {
        "/sitemap.xml": Answer(lines.encode(), headers={"Content-Type": "text/plain"}),
        "/": page("hub"),
        "/a": page("a"),
        "/b": page("b"),
    }
    document = crawler.crawl(site, followLinks=False, sitemap=True)
    assert crawler.paths(document, site) == ["/", "/a", "/b"]
    assert site.paths().count("/sitemap.xml") == 1
