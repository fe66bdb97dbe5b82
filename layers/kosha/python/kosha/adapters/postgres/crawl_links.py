"""How new links come into the frontier: each once, those that look like many others behind the others."""

from collections import Counter
from collections.abc import Sequence

from kosha.adapters.postgres.database import Connection
from kosha.adapters.storable import storable
from kosha.model.crawl import Crawl, Link

MOST_OF_A_SHAPE = 500
ALIKE_PER_RANK = 10  # so many addresses that look alike count as one step further from the start
_EXAMPLES = 5
TRAP = "too many addresses that differ in numbers only, as an endless calendar has"

_INSERT = """
    insert into kosha.crawl_links
        (document_id, run, url, kind, depth, hops, shape, rank, of_twin, told, state, reason)
    values (%(document_id)s, %(run)s, %(url)s, %(kind)s, %(depth)s, %(hops)s, %(shape)s, %(rank)s, %(of_twin)s,
        %(told)s, %(state)s, %(reason)s)
    on conflict do nothing"""
_KNOWN = """
    select url from kosha.crawl_links where document_id = %(document_id)s and run = %(run)s and url = any(%(urls)s)"""
_SHAPES = """
    select shape, count(*) from kosha.crawl_links
    where document_id = %(document_id)s and run = %(run)s and shape = any(%(shapes)s) group by shape"""


def add_links(connection: Connection, crawl: Crawl, links: Sequence[Link]) -> None:
    """Add those that the crawl does not know. A link without a shape looks like no other."""
    new = _unknown(connection, crawl, links)
    if not new:
        return
    values = {**crawl._asdict(), "shapes": list({link.shape for link in new if link.shape})}
    alike: Counter[str] = Counter(dict(connection.execute(_SHAPES, values).fetchall()))
    rows: list[dict[str, object]] = []
    for link in new:
        count = alike[link.shape] if link.shape else 0
        alike[link.shape] += 1
        if count >= MOST_OF_A_SHAPE + _EXAMPLES:
            continue
        is_trap = count >= MOST_OF_A_SHAPE
        rows.append(
            {
                **crawl._asdict(),
                **link._asdict(),
                "told": storable(link.told) if link.told else None,
                "rank": link.depth + count // ALIKE_PER_RANK,
                "state": "skipped" if is_trap else "waiting",
                "reason": TRAP if is_trap else None,
            }
        )
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, rows)


def _unknown(connection: Connection, crawl: Crawl, links: Sequence[Link]) -> list[Link]:
    if not links:
        return []
    first = {link.url: link for link in reversed(links)}
    values = {**crawl._asdict(), "urls": list(first)}
    known = {url for (url,) in connection.execute(_KNOWN, values).fetchall()}
    return [link for link in dict.fromkeys(links) if link.url not in known and first[link.url] is link]
