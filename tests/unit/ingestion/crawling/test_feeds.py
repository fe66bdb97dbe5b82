"""RSS and Atom: each entry is a document."""

import pytest
from tests.served.site import Answer, ServedSite, moved, page
from tests.unit.ingestion.crawling.crawls import Crawler

from kosha.ingestion.crawling import feed

RSS = '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>News</title>{}</channel></rss>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><id>x</id>{}</feed>'
LONG = "Words of a whole entry. " * 60


def rss(*items: str) -> Answer:
    return Answer(RSS.format("".join(items)).encode(), headers={"Content-Type": "application/rss+xml"})


def teaser(title: str, link: str) -> str:
    return f"<item><title>{title}</title><link>{link}</link><description>Short.</description></item>"


def whole(title: str, link: str, text: str = LONG) -> str:
    body = f"<content:encoded><![CDATA[<p>{text}</p><script>x</script>]]></content:encoded>"
    return f"<item><title>{title}</title><link>{link}</link>{body}</item>"


def test_an_entry_that_is_a_teaser_is_its_page(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {
        "/feed.xml": rss(teaser("One", "/1"), teaser("Two", "/2")),
        "/1": page("one", "/x"),
        "/2": page("two"),
    }
    document = crawler.feed(site)
    assert (document.type, document.status, document.sub_documents) == ("rssfeed", "processed", 2)
    assert [(each.path.removeprefix(site.url), each.type, each.title) for each in crawler.pages(document)] == [
        ("/1", "rssfeed", "one"),
        ("/2", "rssfeed", "two"),
    ]
    assert "/x" not in site.paths()


def test_an_entry_that_is_whole_is_not_asked_for(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/feed.xml": rss(whole("One", "/1"))}
    document = crawler.feed(site)
    [entry] = crawler.pages(document)
    assert (entry.title, entry.status) == ("One", "processed")
    assert "Words of a whole entry." in "".join(crawler.house.texts(entry))
    assert site.paths() == ["/feed.xml"]


def test_atom_is_read_too(crawler: Crawler, site: ServedSite) -> None:
    content = '<content type="html">&lt;p&gt;{}&lt;/p&gt;</content>'
    entry = f'<entry><title>One</title><id>1</id><link href="/1"/>{content}</entry>'
    site.pages = {"/feed.xml": Answer(ATOM.format(entry.format(LONG)).encode())}
    assert [each.title for each in crawler.pages(crawler.feed(site))] == ["One"]


def test_what_the_feed_says_again_is_not_brought_again(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/feed.xml": rss(teaser("One", "/1"), whole("Two", "/2")), "/1": page("one")}
    document = crawler.feed(site)
    site.asked.clear()
    site.pages["/feed.xml"] = rss(teaser("Three", "/3"), teaser("One", "/1"), whole("Two", "/2", LONG + "More."))
    site.pages["/3"] = page("three")
    crawler.again(document)
    assert site.paths() == ["/feed.xml", "/3"]
    assert [(each.path.removeprefix(site.url), each.run) for each in crawler.pages(document)] == [
        ("/1", 1),
        ("/2", 2),
        ("/3", 1),
    ]


def test_old_entries_stay_until_there_are_more_than_the_limit(crawler: Crawler, site: ServedSite) -> None:
    site.otherwise = lambda path: page(path) if path.strip("/").isdecimal() else None
    site.pages = {"/feed.xml": rss(teaser("1", "/1"), teaser("2", "/2"))}
    document = crawler.feed(site, limit=3)
    site.pages["/feed.xml"] = rss(teaser("3", "/3"))
    crawler.again(document)
    assert crawler.paths(document, site) == ["/1", "/2", "/3"]
    site.pages["/feed.xml"] = rss(teaser("5", "/5"), teaser("4", "/4"))
    crawler.again(document)
    assert len(crawler.pages(document)) == 3
    assert {"/4", "/5"} < set(crawler.paths(document, site))


def test_a_page_that_names_its_feed_is_followed_to_it(crawler: Crawler, site: ServedSite) -> None:
    head = '<link rel="alternate" type="application/rss+xml" href="/feed.xml">'
    site.pages = {"/": page("hub", head=head), "/feed.xml": moved("/real.xml"), "/real.xml": rss(whole("One", "/1"))}
    assert [each.title for each in crawler.pages(crawler.feed(site, "/"))] == ["One"]


def test_an_empty_feed_is_no_error(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/feed.xml": rss()}
    assert crawler.feed(site).status == "processed"


@pytest.mark.parametrize("answer", [page("no feed"), Answer(b"", 404), Answer(b"<rss><channel><item>")])
def test_what_is_no_feed_says_so(crawler: Crawler, site: ServedSite, answer: Answer) -> None:
    site.pages = {"/feed.xml": answer}
    document = crawler.feed(site)
    assert document.status == "error" or not crawler.pages(document)


def test_an_entry_that_leads_inwards_is_not_followed(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/feed.xml": rss(teaser("One", "http://169.254.169.254/latest"), whole("Two", "/2"))}
    document = crawler.feed(site)
    assert [each.title for each in crawler.pages(document)] == ["Two"]
    assert "public internet" in document.warnings[0]


def test_an_entity_bomb_and_another_file_stay_outside(tmp_path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    path = tmp_path / "feed"
    path.write_text(
        bomb + RSS.format("<item><title>&b;&f;</title><link>https://example.com/1</link></item>").partition("?>")[2]
    )
    entries = feed.read(path, "https://example.com/feed", limit=10) or []
    assert not any("root:" in entry.title for entry in entries)


def test_a_character_that_there_is_none_of_costs_nothing_but_itself(crawler: Crawler, site: ServedSite) -> None:
    broken = "a &#xD800; b &#55357;&#56832; c &#99999999999; d &#228;"
    site.pages = {"/feed.xml": rss(whole(broken, "/1"), whole("Two", "/2"))}
    document = crawler.feed(site)
    assert (document.status, document.sub_documents) == ("processed", 2)
    assert sorted(each.title for each in crawler.pages(document)) == ["Two", "a \ufffd b \ufffd\ufffd c \ufffd d ä"]


def test_a_feed_in_no_character_set_is_told_to_be_none(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/feed.xml": Answer('<?xml version="1.0" encoding="undefined"?><rss/>é'.encode("latin-1"))}
    document = crawler.feed(site)
    assert document.error is not None
    assert "it is no RSS or Atom feed" in document.error.message
