"""Takes a document in: its record first, then its bytes; pasted text is a file that we upload to ourselves."""

import json
import mimetypes
import re
import unicodedata
from pathlib import PurePosixPath
from typing import Annotated
from uuid import uuid4

from pydantic import Field, StringConstraints

from kosha.errors import Cancelled, Conflict, Invalid, NotFound
from kosha.ingestion import clock, keys, lifecycle, parse, renew
from kosha.ingestion.crawling.addresses import start_address
from kosha.model.crawl import Site
from kosha.model.document import Document, DocumentType, Ticket
from kosha.model.record import Request
from kosha.model.schedule import EveryMinutes
from kosha.model.user import Caller
from kosha.model.workspace import Workspace
from kosha.observe import log
from kosha.ports import Ports
from kosha.workspaces import open_to_documents

NAME_LIMIT_CHARACTERS = 200
TEXT_LIMIT_CHARACTERS = 5_000_000
ANY_TYPE = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,120}", re.ASCII)

Patterns = Annotated[tuple[Annotated[str, StringConstraints(min_length=1, max_length=500)], ...], Field(max_length=50)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LIMIT_CHARACTERS)]
Text = Annotated[str, StringConstraints(pattern=r"\S", max_length=TEXT_LIMIT_CHARACTERS)]


class FileUpload(Request):
    """A file somebody is about to upload.

    path: where it lies below what is brought, with its name; the name alone where that is left out. replaces: the
    document whose new version it is; that one answers until the new one is ready, and the same bytes do nothing.
    sha256: of the bytes, so that the same ones need not even be sent.
    """

    file_name: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    size_bytes: int = Field(ge=0)
    content_type: str | None = None
    path: Annotated[str, StringConstraints(min_length=1, max_length=4096)] | None = None
    replaces: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = None
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


class TextUpload(Request):
    """A text that is a document as it stands."""

    title: Title
    content: Text


class QnaUpload(Request):
    """A question as people would ask it, and the answer they shall get."""

    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
    answer: Annotated[str, StringConstraints(pattern=r"\S", max_length=50_000)]


class WebsiteUpload(Request):
    """A site to be crawled, from this address on. Patterns are of whole addresses, or of what follows the host."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    follow_links: bool = True
    limit: int = Field(100, ge=1, le=1000)
    sitemap: bool = False
    include: Patterns = ()
    exclude: Patterns = ()


class FeedUpload(Request):
    """An RSS or Atom feed whose newest entries are brought in, and how often it is looked at."""

    url: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    limit: int = Field(100, ge=1, le=1000)
    every_minutes: EveryMinutes | None = None


def file_upload(caller: Caller, workspace_id: str, upload: FileUpload, ports: Ports) -> tuple[Document, Ticket | None]:
    """A record that awaits its bytes, or one that gets new ones, and leave to bring them; None where they are the same.

    Raises UnsupportedType or TooLarge for what can be refused by name or size, Conflict while the workspace goes away;
    of a document that is to be replaced NotFound, Conflict before its first bytes came, Invalid for another kind.
    """
    workspace = open_to_documents(caller, workspace_id, ports)
    name = clean_name(upload.file_name)
    parse.accepts(name, upload.size_bytes, limit_bytes=ports.limits.upload_bytes)
    if upload.replaces is not None:
        replaced = ports.documents.get(workspace_id, upload.replaces)
        return replaced, renew.ticket(replaced, workspace, name, upload.size_bytes, upload.sha256, ports)
    content_type = _media_type(upload.content_type, name)
    path = "/".join(clean_name(part) for part in upload.path.split("/")) if upload.path else None
    document = _record(workspace, "file", name, content_type, upload.size_bytes, ports, path=path)
    ticket = ports.blobs.ticket(document, key=keys.original(document), seconds=ports.limits.ticket_seconds)
    return document, ticket


def text(caller: Caller, workspace_id: str, upload: TextUpload, ports: Ports) -> Document:
    """A document made of a text. Raises Conflict while the workspace goes away."""
    workspace = open_to_documents(caller, workspace_id, ports)
    return _bring(workspace, "text", upload.title, "text/plain", upload.content.encode(), ports)


def qna(caller: Caller, workspace_id: str, upload: QnaUpload, ports: Ports) -> Document:
    """A document of one question and its answer. Raises Conflict while the workspace goes away."""
    workspace = open_to_documents(caller, workspace_id, ports)
    content = json.dumps(upload.model_dump(), ensure_ascii=False).encode()
    title = upload.question[:NAME_LIMIT_CHARACTERS]
    return _bring(workspace, "qna", title, "application/json", content, ports)


def website(caller: Caller, workspace_id: str, upload: WebsiteUpload, ports: Ports) -> Document:
    """A site whose pages become its sub-documents. Raises Invalid for what is no address of a web page."""
    workspace = open_to_documents(caller, workspace_id, ports)
    site = Site.model_validate({"kind": "website", **upload.model_dump(), "url": start_address(upload.url)})
    return _bring_site(workspace, site, None, ports)


def rssfeed(caller: Caller, workspace_id: str, upload: FeedUpload, ports: Ports) -> Document:
    """A feed whose entries become its sub-documents. Raises Invalid for what is no address of the web."""
    workspace = open_to_documents(caller, workspace_id, ports)
    site = Site(kind="rssfeed", url=start_address(upload.url), limit=upload.limit, follow_links=False)
    return _bring_site(workspace, site, upload.every_minutes, ports)


def file_record(workspace: Workspace, path: str, size_bytes: int, ports: Ports, *, id: str) -> Document:
    """A record that awaits the bytes of a file we fetch ourselves; the one that is kept where it was made before.

    path: where it was found, below its source.
    """
    name = PurePosixPath(path).name
    try:
        return _record(workspace, "file", name, _media_type(None, name), size_bytes, ports, id=id, path=path)
    except Conflict:
        return ports.documents.get(workspace.id, id)


def awaited(workspace_id: str, document_id: str, ports: Ports, name: str = keys.FIRST) -> Document:
    """The document whose bytes may be written now; name: of which version.

    Raises NotFound where it was deleted, Conflict where its bytes have come already or were given up.
    """
    document = ports.documents.get(workspace_id, document_id)
    has_come = document.status != "awaiting" if name == keys.FIRST else name in renew.known(document)
    if has_come:
        raise Conflict(f"The bytes of {document.title!r} are not awaited any more: it is {document.status}.")
    return document


def arrived(workspace_id: str, document_id: str, ports: Ports, name: str = keys.FIRST) -> Document:
    """The bytes are there: submit the document. Again: nothing changes. name: of which version.

    Raises NotFound where it was deleted meanwhile, and forgets the bytes.
    """
    try:
        document = ports.documents.get(workspace_id, document_id)
    except NotFound:
        ports.blobs.remove(keys.folder(workspace_id, document_id))
        raise
    if name != keys.FIRST:
        return renew.arrived(document, ports.workspaces.get(workspace_id), name, ports)
    if document.status == "awaiting":
        try:
            return lifecycle.submit(document, ports)
        except Cancelled:  # told twice at once, or given up at this very moment
            return ports.documents.get(workspace_id, document_id)
    if document.status == "submitted":
        lifecycle.begin(document, ports)
    return document


def arrived_at(key: str, ports: Ports) -> bool:
    """As `arrived`, told by the key of what was written; False where it is no document's, or the document is gone."""
    named = keys.document_of(key)
    if named is None:
        log.warning("bytes came that nobody awaits", extra={"fields": {"key": key}})
        return False
    try:
        arrived(named.workspace_id, named.document_id, ports, named.name)
    except NotFound:
        return False
    return True


def clean_name(file_name: str) -> str:
    """The name without folders and without characters that cannot be seen; a long one keeps its ending."""
    last = re.split(r"[/\\]", file_name)[-1]
    visible = "".join(letter for letter in unicodedata.normalize("NFC", last) if unicodedata.category(letter)[0] != "C")
    name = " ".join(visible.split()).lstrip(".")
    if not name:
        raise Invalid(f"{file_name!r} is no name of a file. Give it one, with an ending like .pdf.")
    ending = PurePosixPath(name).suffix[:20]
    return name if len(name) <= NAME_LIMIT_CHARACTERS else name[: NAME_LIMIT_CHARACTERS - len(ending)] + ending


def _bring(
    workspace: Workspace, type: DocumentType, title: str, content_type: str, content: bytes, ports: Ports
) -> Document:
    document = _record(workspace, type, title, content_type, len(content), ports)
    ports.blobs.write(keys.original(document), [content])
    return arrived(workspace.id, document.id, ports)  # a bucket may have told of the bytes already


def _bring_site(workspace: Workspace, site: Site, every_minutes: int | None, ports: Ports) -> Document:
    """What is asked of the crawl lies where a file's bytes would."""
    title = site.url.partition("://")[2].rstrip("/")[:NAME_LIMIT_CHARACTERS]
    document = _record(
        workspace, site.kind, title, "application/json", 0, ports, path=site.url, every_minutes=every_minutes
    )
    clock.look_again_every(document, every_minutes, ports)
    ports.blobs.write(keys.original(document), [site.model_dump_json(by_alias=False).encode()])
    return arrived(workspace.id, document.id, ports)


def _record(
    workspace: Workspace,
    type: DocumentType,
    title: str,
    content_type: str,
    size_bytes: int,
    ports: Ports,
    *,
    id: str | None = None,
    path: str | None = None,
    every_minutes: int | None = None,
) -> Document:
    now = ports.now()
    document = Document(
        id=id or str(uuid4()),
        workspace_id=workspace.id,
        type=type,
        title=title,
        path=path or title,
        content_type=content_type,
        status="awaiting",
        size_in_bytes=size_bytes,
        every_minutes=every_minutes,
        created_at=now,
        updated_at=now,
    )
    ports.documents.add(document)
    return document


def _media_type(told: str | None, name: str) -> str:
    """What the browser says it is, where that can stand in a header; else what the name's ending says."""
    if told and _MEDIA_TYPE.fullmatch(told):
        return told
    return mimetypes.guess_type(name)[0] or ANY_TYPE
