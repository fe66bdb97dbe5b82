"""Sites and feeds are looked at again when their time has come."""

from datetime import timedelta

import pytest
from tests.served.site import page, served
from tests.unit.ingestion.crawling.crawls import Crawler
from tests.unit.ingestion.house import ADA, House

from kosha.errors import Invalid
from kosha.ingestion import changes, clock
from kosha.ingestion.changes import DocumentChange
from kosha.model.document import Document


@pytest.fixture
def site_document(house: House) -> Document:
    house.database.run(lambda c: c.execute("delete from kosha.schedules"))
    with served({"/": page("hub")}) as site:
        yield Crawler(house).crawl(site)


def every(document: Document, minutes: int | None, house: House) -> Document:
    return changes.document(ADA, document.workspace_id, document.id, DocumentChange(every_minutes=minutes), house)


def test_a_site_is_crawled_again_when_its_time_has_come_and_once(house: House, site_document: Document) -> None:
    assert every(site_document, 60, house).every_minutes == 60
    assert clock.begin_due(house) == 0
    house.pass_time(minutes=61)
    assert clock.begin_due(house) == 1
    assert clock.begin_due(house) == 0
    assert house.again(site_document).run == 2


def test_what_was_slept_through_is_made_up_for_once(house: House, site_document: Document) -> None:
    every(site_document, 60, house)
    house.pass_time(days=3)
    assert clock.begin_due(house) == 1
    house.work()
    house.pass_time(minutes=20)
    assert clock.begin_due(house) == 0


def test_a_crawl_that_is_still_under_way_is_not_begun_twice(house: House, site_document: Document) -> None:
    every(site_document, 60, house)
    house.pass_time(minutes=61)
    clock.begin_due(house)
    house.pass_time(minutes=60)
    assert clock.begin_due(house) == 0
    assert house.again(site_document).run == 2


def test_a_site_is_not_looked_at_again_when_nobody_wants_it(house: House, site_document: Document) -> None:
    every(site_document, 60, house)
    assert every(site_document, None, house).every_minutes is None
    house.pass_time(minutes=61)
    assert clock.begin_due(house) == 0


def test_a_change_that_does_not_speak_of_it_leaves_the_schedule(house: House, site_document: Document) -> None:
    every(site_document, 60, house)
    changes.document(ADA, site_document.workspace_id, site_document.id, DocumentChange(title="News"), house)
    house.pass_time(minutes=61)
    assert clock.begin_due(house) == 1


def test_a_file_is_not_looked_at_again(house: House) -> None:
    document = house.has_file()
    with pytest.raises(Invalid, match="Only a site or a feed"):
        every(document, 60, house)


def test_a_schedule_of_what_is_gone_is_forgotten(house: House, site_document: Document) -> None:
    every(site_document, 60, house)
    house.documents.remove(site_document.workspace_id, site_document.id)
    house.pass_time(minutes=61)
    assert clock.begin_due(house) == 0
    assert house.schedules.due(house.now() + timedelta(days=1), 10) == []
