"""Pages as sub-documents: each is a file that we upload to ourselves, under an id that is kept before it is used."""

from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid5

from kosha.errors import Cancelled, Conflict, NotFound
from kosha.ingestion import keys, lifecycle, remove, renew
from kosha.model.crawl import SitePage
from kosha.model.document import Document, DocumentType
from kosha.model.workspace import Workspace
from kosha.ports import Ports

TITLE_CHARACTERS = 200


class Content(NamedTuple):
    """What a page is to be kept as."""

    title: str
    type: DocumentType
    content_type: str
    size_in_bytes: int


def page_id(site: Document, url: str) -> str:
    """Of a page that is new: the same throughout a crawl, so one that is killed half way makes no second one.

    Another in each crawl: a page that went and comes back is another document, for names of imports are used once.
    """
    return str(uuid5(UUID(site.id), f"{site.run} {url}"))


def kept(site: Document, known: SitePage | None, ports: Ports) -> Document | None:
    """The page's document, if there is one."""
    try:
        return ports.documents.get(site.workspace_id, known.page_id) if known else None
    except NotFound:
        return None


def is_sound(page: Document | None) -> bool:
    """Whether its present content is or will be served, or nothing would mend it: it need not be brought again."""
    if page is None or page.status in ("awaiting", "cancelled"):
        return False
    return page.error is None or page.status != "error" or not page.error.retryable


def bring(
    site: Document, url: str, known: SitePage | None, content: Content, pieces: Iterable[bytes], ports: Ports
) -> Document:
    """Keep the bytes of a page, new or changed; its import is begun by `submit`."""
    page = kept(site, known, ports)
    if page is None:
        reserved = SitePage(url, page_id(site, url), site.run)
        ports.frontier.reserve(site.id, reserved)
        page = _add(site, reserved, content, ports)
    ports.blobs.write(keys.version(page, renew.name_for(page.run + 1)), pieces)
    return page


def submit(site: Document, workspace: Workspace, known: SitePage, content: Content | None, ports: Ports) -> None:
    """Begin the import of the bytes that are there, unless it was begun. Again: nothing changes.

    Raises Cancelled where the site is not wanted any more; then the page is not left behind either.
    """
    page = kept(site, known, ports)
    changes = lifecycle.Changes()
    if content is not None:
        changes.update(title=content.title, content_type=content.content_type, size_in_bytes=content.size_in_bytes)
    if page is not None:
        with suppress(NotFound):  # deleted by a person
            renew.take(page, renew.name_for(known.page_run), ports, **changes)
    ports.frontier.submitted(site.id, known.url, known.page_run)
    if not lifecycle.is_current(site, ports):
        _leave(site, workspace, known, ports)


def title_of(told: str, url: str) -> str:
    """The page's own title, else the last part of its address."""
    if told:
        return told[:TITLE_CHARACTERS]
    parts = urlsplit(url)
    last = [part for part in parts.path.split("/") if part][-1:]
    return unquote(last[0] if last else parts.netloc)[:TITLE_CHARACTERS]


def _add(site: Document, reserved: SitePage, content: Content, ports: Ports) -> Document:
    now = ports.now()
    page = Document(
        id=reserved.page_id,
        workspace_id=site.workspace_id,
        parent_id=site.id,
        type=content.type,
        title=content.title,
        path=reserved.url,
        content_type=content.content_type,
        status="awaiting",
        size_in_bytes=content.size_in_bytes,
        metadata=site.metadata,
        enabled=site.enabled,
        created_at=now,
        updated_at=now,
    )
    try:
        ports.documents.add(page)
    except Conflict:  # it was added just before this step was killed
        return ports.documents.get(site.workspace_id, page.id)
    return page


def _leave(site: Document, workspace: Workspace, known: SitePage, ports: Ports) -> None:
    """The site was stopped or deleted while a page was brought: whoever did it may not have seen the page."""
    page = kept(site, known, ports)
    try:
        ports.documents.get(site.workspace_id, site.id)
    except NotFound:
        if page is not None:
            remove.forget(page, workspace, ports)
        return
    if page is not None and page.status in lifecycle.IMPORTING:
        with suppress(Cancelled):  # it has just ended
            lifecycle.stop(page, workspace, ports)
