"""A site becomes documents, a page each."""

import pytest
from tests.served.site import Answer, ServedSite, page
from tests.unit.ingestion.crawling.crawls import Crawler
from tests.unit.ingestion.house import ADA

from kosha.ingestion import clock, lifecycle, remove


def test_every_page_that_is_linked_becomes_a_document(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a", "b#part"), "/a": page("a", "/b", "/c"), "/b": page("b"), "/c": page("c", "/")}
    document = crawler.crawl(site)
    assert (document.status, document.sub_documents, document.warnings) == ("processed", 4, ())
    assert crawler.paths(document, site) == ["/", "/a", "/b", "/c"]
    assert {each.status for each in crawler.pages(document)} == {"processed"}
    assert crawler.pages(document)[1].title == "a"


def test_a_second_crawl_of_a_site_that_did_not_change_does_nothing(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": page("a", ETag='"1"')}
    document = crawler.crawl(site)
    runs, embedded = [each.run for each in crawler.pages(document)], len(crawler.house.model.embedded)
    crawler.again(document)
    assert crawler.paths(document, site) == ["/", "/a"]
    assert [each.run for each in crawler.pages(document)] == runs
    assert len(crawler.house.model.embedded) == embedded


def test_one_changed_page_is_one_import(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a", "/b"), "/a": page("a"), "/b": page("b")}
    document = crawler.crawl(site)
    before = len(crawler.house.model.embedded)
    site.pages["/a"] = page("a", text="Something else.")
    crawler.again(document)
    assert [each.run for each in crawler.pages(document)] == [1, 2, 1]
    assert crawler.house.model.embedded[before:] == crawler.house.texts(crawler.pages(document)[1])


def test_a_page_that_vanished_goes(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a", "/b"), "/a": page("a"), "/b": page("b")}
    document = crawler.crawl(site)
    [_, _, gone] = crawler.pages(document)
    del site.pages["/b"]
    crawler.again(document)
    assert crawler.paths(document, site) == ["/", "/a"]
    assert list(crawler.house.left_of(gone)) == []


def test_another_menu_is_no_change(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": page("a"), "/b": page("b")}
    document = crawler.crawl(site)
    site.pages["/"] = page("hub", "/a", "/b")
    crawler.again(document)
    assert [(each.path.removeprefix(site.url), each.run) for each in crawler.pages(document)] == [
        ("/", 1),
        ("/a", 1),
        ("/b", 1),
    ]


def test_what_did_not_change_is_not_sent_again(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {
        "/": page("hub", "/a", ETag='"1"'),
        "/a": page("a", "/b", Last_Modified="Fri, 20 Nov 2026 10:00:00 GMT"),
        "/b": page("b"),
    }
    document = crawler.crawl(site)
    site.asked.clear()
    crawler.again(document)
    asked = {each.path: each.headers for each in site.asked}
    assert asked["/"]["If-None-Match"] == '"1"'
    assert asked["/a"]["If-Modified-Since"] == "Fri, 20 Nov 2026 10:00:00 GMT"
    assert crawler.paths(document, site) == ["/", "/a", "/b"]


def test_a_page_that_nothing_leads_to_any_more_goes(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a", "/b"), "/a": page("a"), "/b": page("b")}
    document = crawler.crawl(site)
    site.pages["/"] = page("hub", "/a")
    assert crawler.again(document).sub_documents == 2
    assert crawler.paths(document, site) == ["/", "/a"]


def test_a_page_that_fails_for_a_while_stays_and_so_does_what_it_leads_to(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": page("a", "/b"), "/b": page("b")}
    document = crawler.crawl(site)
    site.pages["/a"] = Answer(b"", 500)
    document = crawler.again(document)
    assert crawler.paths(document, site) == ["/", "/a", "/b"]
    assert "the server answered 500" in document.warnings[0]


def test_a_site_that_is_down_keeps_all_its_pages(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": page("a")}
    document = crawler.crawl(site)
    site.otherwise, site.pages = lambda _: Answer(b"", 503), {}
    assert crawler.again(document).status == "error"
    assert crawler.paths(document, site) == ["/", "/a"]
    assert crawler.house.texts(crawler.pages(document)[1])


def test_a_page_that_a_person_deleted_comes_back_with_the_next_crawl(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a", ETag='"1"'), "/a": page("a", ETag='"2"')}
    document = crawler.crawl(site)
    remove.document(ADA, document.workspace_id, crawler.pages(document)[1].id, crawler.house)
    assert crawler.paths(document, site) == ["/"]
    crawler.again(document)
    assert crawler.paths(document, site) == ["/", "/a"]
    assert crawler.pages(document)[1].status == "processed"


def test_a_deleted_site_leaves_nothing(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": page("a")}
    document = crawler.crawl(site)
    pages = crawler.pages(document)
    clock.look_again_every(document, 60, crawler.house)
    remove.document(ADA, document.workspace_id, document.id, crawler.house)
    assert [trace for each in (document, *pages) for trace in crawler.house.left_of(each)] == []
    assert crawler.rows() == 0


def test_a_site_that_is_deleted_in_the_middle_leaves_nothing(crawler: Crawler, site: ServedSite) -> None:
    def deleting(_: object) -> Answer:
        remove.document(ADA, document.workspace_id, document.id, crawler.house)
        return page("a")

    site.pages = {"/": page("hub", "/a", "/b"), "/a": deleting, "/b": page("b")}
    document = crawler.begin(site)
    crawler.house.work()
    crawler.house.work()
    assert not crawler.pages(document)
    assert crawler.rows() == 0
    assert "/b" not in site.paths()


def test_a_crawl_that_is_cancelled_stops_at_once_with_its_imports(crawler: Crawler, site: ServedSite) -> None:
    def cancelling(_: object) -> Answer:
        lifecycle.cancel(ADA, document.workspace_id, document.id, crawler.house)
        return page("a")

    site.pages = {"/": page("hub", "/a", "/b"), "/a": cancelling, "/b": page("b")}
    document = crawler.begin(site)
    assert crawler.end(document).status == "cancelled"
    assert "/b" not in site.paths()
    assert {each.status for each in crawler.pages(document)} <= {"cancelled", "processed"}
    site.pages["/a"] = page("a")
    assert crawler.again(document).status == "processed"
    assert [each.status for each in crawler.pages(document)] == ["processed"] * 3


def test_a_crawl_that_is_begun_anew_is_not_mixed_with_the_one_before(crawler: Crawler, site: ServedSite) -> None:
    site.pages = {"/": page("hub", "/a"), "/a": page("a")}
    document = crawler.begin(site)
    lifecycle.cancel(ADA, document.workspace_id, document.id, crawler.house)
    document = crawler.again(document)
    assert (document.run, document.sub_documents, document.status) == (2, 2, "processed")


@pytest.mark.parametrize("step", ["begin_crawl", "crawl", "finish_crawl", "begin", "parse", "finish"])
def test_a_crawl_whose_worker_dies_after_a_step_makes_each_page_once(
    crawler: Crawler, site: ServedSite, step: str
) -> None:
    site.pages = {"/": page("hub", "/a", "/b"), "/a": page("a"), "/b": page("b")}

    def die() -> None:
        raise SystemExit

    document = crawler.begin(site)
    crawler.house.after_state(step, die)
    with pytest.raises(SystemExit):
        crawler.end(document)
    crawler.house.is_restarted()
    document = crawler.end(document)
    assert (document.status, document.sub_documents) == ("processed", 3)
    assert [(each.path.removeprefix(site.url), each.run, each.status) for each in crawler.pages(document)] == [
        (path, 1, "processed") for path in ("/", "/a", "/b")
    ]


@pytest.mark.parametrize("moment", range(40))
def test_a_crawl_that_is_killed_at_any_write_makes_each_page_once(
    crawler: Crawler, site: ServedSite, moment: int
) -> None:
    site.pages = {"/": page("hub", "/a", "/b"), "/a": page("a", ETag='"1"'), "/b": page("b")}
    document = crawler.begin(site)
    with crawler.dies_at_write(moment):
        crawler.end(document)
    crawler.house.is_restarted()
    document = crawler.end(document)
    assert (document.status, document.sub_documents) == ("processed", 3)
    assert [(each.path.removeprefix(site.url), each.run, each.status) for each in crawler.pages(document)] == [
        (path, 1, "processed") for path in ("/", "/a", "/b")
    ]
