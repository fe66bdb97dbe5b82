"""The contract of the ports `Frontier` and `Hosts`: PostgreSQL has them in both homes."""

from datetime import timedelta

import pytest
from tests.contracts.examples import NOON, new_id
from tests.contracts.store import PostgresStore

from kosha.adapters.postgres.frontier import PostgresFrontier
from kosha.adapters.postgres.hosts import PostgresHosts
from kosha.model.crawl import Crawl, Link, Outcome, Robots, SitePage, Tally
from kosha.model.page import PageOf
from kosha.ports import Frontier, Hosts

START = Link("https://example.com/")
SECOND = timedelta(seconds=1)


@pytest.fixture
def frontier(postgres: PostgresStore) -> Frontier:
    return PostgresFrontier(postgres.used)


@pytest.fixture
def hosts(postgres: PostgresStore) -> Hosts:
    return PostgresHosts(postgres.used)


def begun(frontier: Frontier, *links: Link) -> Crawl:
    crawl = Crawl(new_id(), 1)
    frontier.begin(crawl, [START, *links])
    return crawl


def order(frontier: Frontier, crawl: Crawl) -> list[str]:
    """Every link in the order in which it is taken."""
    taken: list[str] = []
    while visit := frontier.take(crawl, NOON):
        taken.append(visit.link.url.removeprefix(START.url))
        frontier.settle(crawl, visit.link.url, Outcome("passed"))
    return taken


def a_page(name: str, **fields: object) -> SitePage:
    return SitePage(START.url + name, new_id(), 1, digest=name)._replace(**fields)


def test_a_link_is_taken_once_and_known_once(frontier: Frontier) -> None:
    crawl = begun(frontier, Link(START.url, depth=3))
    visit = frontier.take(crawl, NOON)
    assert visit is not None
    assert visit.link == START
    assert frontier.next_at(crawl) is None
    frontier.settle(crawl, START.url, Outcome("kept", found=(START, Link(START.url + "a", depth=1))))
    assert order(frontier, crawl) == ["a"]


def test_what_is_near_the_start_comes_first_and_what_looks_like_many_others_later(frontier: Frontier) -> None:
    crawl = begun(frontier)
    found = [Link(f"{START.url}{number}", depth=1, shape="#") for number in range(25)]
    deep = Link(START.url + "deep", depth=2, shape="deep")
    frontier.settle(crawl, START.url, Outcome("kept", found=(deep, *found)))
    assert order(frontier, crawl) == [*map(str, range(10)), "deep", *map(str, range(10, 25))]


def test_what_waits_is_not_taken_before_its_time(frontier: Frontier) -> None:
    crawl = begun(frontier)
    visit = frontier.take(crawl, NOON)
    assert visit is not None
    frontier.put_back(crawl, visit, until=NOON + SECOND)
    assert frontier.take(crawl, NOON) is None
    assert frontier.next_at(crawl) == NOON + SECOND
    again = frontier.take(crawl, NOON + SECOND)
    assert again is not None
    assert (visit.attempts, again.attempts) == (1, 2)


def test_what_a_dead_step_had_taken_waits_again(frontier: Frontier) -> None:
    crawl = begun(frontier)
    frontier.take(crawl, NOON)
    assert frontier.take(crawl, NOON) is None
    frontier.begin(crawl, [])
    assert frontier.take(crawl, NOON) is not None


def test_a_new_crawl_forgets_the_links_and_keeps_the_pages(frontier: Frontier) -> None:
    crawl = begun(frontier)
    page = a_page("a", links=(START.url,), etag='"1"')
    frontier.settle(crawl, START.url, Outcome("kept", page=page))
    frontier.begin(crawl._replace(run=2), [START])
    assert frontier.tally(crawl) == Tally(pages=1)
    assert frontier.page(crawl.document_id, page.url) == page
    assert list(frontier.pages(crawl.document_id, PageOf()).items) == [page]


def test_pages_that_were_not_seen_again_are_told_but_for_those_that_failed(frontier: Frontier) -> None:
    crawl = begun(frontier)
    frontier.settle(crawl, START.url, Outcome("kept", page=a_page("")))
    for name in ("a", "b"):
        frontier.settle(crawl, START.url, Outcome("kept", page=a_page(name)))
    later = crawl._replace(run=2)
    frontier.begin(later, [START, Link(START.url + "b")])
    frontier.settle(later, START.url, Outcome("kept", page=a_page("", run=2)))
    frontier.settle(later, START.url + "b", Outcome("failed", "it was away"))
    assert [page.url for page in frontier.unseen(later, 10)] == [START.url + "a"]


def test_a_twin_is_another_page_of_the_same_digest_that_is_still_there(frontier: Frontier) -> None:
    crawl = begun(frontier, Link(START.url + "a"))
    frontier.settle(crawl, START.url + "a", Outcome("kept", page=a_page("a", digest="same")))
    twin = frontier.twin(crawl, START.url + "b", "same")
    assert twin is not None
    assert twin.url == START.url + "a"
    assert frontier.twin(crawl, START.url + "a", "same") is None
    frontier.settle(crawl, START.url + "a", Outcome("gone", "it went"))
    assert frontier.twin(crawl, START.url + "b", "same") is None


def test_links_that_stand_for_nothing_wait_again_once(frontier: Frontier) -> None:
    crawl = begun(frontier, Link(START.url + "a"), Link(START.url + "b"))
    frontier.settle(crawl, START.url, Outcome("alias", alias_of=START.url + "a"))
    frontier.settle(crawl, START.url + "a", Outcome("gone", "it went"))
    frontier.settle(crawl, START.url + "b", Outcome("kept"))
    frontier.revive(crawl)
    visit = frontier.take(crawl, NOON)
    assert visit is not None
    assert (visit.link.url, visit.insists) == (START.url, True)
    frontier.settle(crawl, START.url, Outcome("alias", alias_of=START.url + "a"))
    frontier.revive(crawl)
    assert frontier.next_at(crawl) is None


def test_what_was_left_out_is_told_by_reason(frontier: Frontier) -> None:
    crawl = begun(frontier, *(Link(f"{START.url}{name}") for name in "abc"))
    for name, outcome in zip(
        "abc", (Outcome("skipped", "x"), Outcome("failed", "y"), Outcome("gone", "x")), strict=True
    ):
        frontier.settle(crawl, START.url + name, outcome)
    told = [(each.reason, each.number, each.examples) for each in frontier.skipped(crawl, examples=1)]
    assert told == [("x", 2, (START.url + "a",)), ("y", 1, (START.url + "b",))]


def test_the_import_of_a_page_is_begun_once(frontier: Frontier) -> None:
    crawl = begun(frontier)
    page = a_page("a", page_run=1, submitted=False)
    frontier.settle(crawl, START.url, Outcome("kept", page=page))
    assert frontier.unsubmitted(crawl.document_id, 10) == [page]
    frontier.submitted(crawl.document_id, page.url, 2)
    assert frontier.unsubmitted(crawl.document_id, 10) == [page]
    frontier.submitted(crawl.document_id, page.url, 1)
    assert frontier.unsubmitted(crawl.document_id, 10) == []


def test_a_forgotten_site_leaves_nothing_and_a_forgotten_page_only_itself(frontier: Frontier) -> None:
    crawl = begun(frontier)
    page = a_page("a")
    for each in (page, a_page("b")):
        frontier.settle(crawl, START.url, Outcome("kept", page=each))
    frontier.forget(page.page_id)
    assert [each.url for each in frontier.pages(crawl.document_id, PageOf()).items] == [START.url + "b"]
    frontier.forget(crawl.document_id)
    assert frontier.tally(crawl) == Tally()


def test_a_host_is_asked_by_one_at_a_time(hosts: Hosts) -> None:
    assert hosts.claim(START.url, "one", NOON, seconds=60) == 0
    assert hosts.claim(START.url, "one", NOON, seconds=60) == 0
    assert hosts.claim(START.url, "other", NOON, seconds=60) == 60
    hosts.release(START.url, "other", next_at=NOON)
    hosts.release(START.url, "one", next_at=NOON + 5 * SECOND)
    assert hosts.claim(START.url, "other", NOON + SECOND, seconds=60) == 4
    assert hosts.claim(START.url, "other", NOON + 5 * SECOND, seconds=60) == 0


def test_who_died_holds_up_a_host_for_a_while_only(hosts: Hosts) -> None:
    hosts.claim(START.url, "one", NOON, seconds=60)
    assert hosts.claim(START.url, "other", NOON + 60 * SECOND, seconds=60) == 0


def test_robots_txt_is_kept_for_all(hosts: Hosts) -> None:
    assert hosts.robots(START.url) is None
    for text in ("", "User-agent: *"):
        hosts.keep_robots(START.url, Robots(text, NOON))
        assert hosts.robots(START.url) == Robots(text, NOON)
    assert hosts.claim(START.url, "one", NOON, seconds=1) == 0
