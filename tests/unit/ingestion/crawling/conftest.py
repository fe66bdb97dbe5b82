"""A crawler in the house, and a site to crawl."""

from collections.abc import Iterator

import pytest
from tests.served.site import ServedSite, served
from tests.unit.ingestion.crawling.crawls import Crawler
from tests.unit.ingestion.house import House

from kosha.adapters.postgres.database import Connection


@pytest.fixture
def crawler(house: House) -> Crawler:
    """The house with an empty frontier, and the web of this machine."""
    house.database.run(_empty)
    return Crawler(house)


@pytest.fixture
def site() -> Iterator[ServedSite]:
    """A site without pages."""
    with served() as site:
        yield site


def _empty(connection: Connection) -> None:
    for table in ("crawl_links", "crawl_pages", "crawl_hosts", "schedules"):
        connection.execute(f"delete from kosha.{table}")
