"""Routes of documents."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from kosha.api.call import Call
from kosha.api.replies import Items, page_of
from kosha.api.resource import UUID_PATTERN, Cursor, Id, Limit, Resource
from kosha.ingestion import changes, lifecycle, read, register
from kosha.ingestion import remove as removal
from kosha.ingestion.changes import DocumentChange
from kosha.ingestion.register import FeedUpload, FileUpload, QnaUpload, TextUpload, WebsiteUpload
from kosha.model.document import Document, DocumentStatus, DocumentType, Ticket
from kosha.model.page import PageOf
from kosha.model.record import Record

ROUTES = Resource("documents")
_ALL = "/workspaces/<workspace_id>/documents"
_ONE = f"{_ALL}/<document_id>"
OfType = Annotated[DocumentType | None, Query(description="Only documents of this type.")]
OfStatus = Annotated[DocumentStatus | None, Query(description="Only documents of this status.")]
Parent = Annotated[
    str | None,
    Query(alias="parentId", pattern=UUID_PATTERN, description="The pages of this site."),
]


class DocumentList(Items[Document]):
    """Documents, newest first."""


class UploadTicket(Record):
    """A document that awaits its bytes, and how to bring them; absent where it was made of the same bytes already."""

    document_id: str
    upload: Ticket | None = None


@ROUTES.on("GET", _ALL)
def of(
    call: Call,
    workspace_id: Id,
    type: OfType = None,
    status: OfStatus = None,
    parent_id: Parent = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DocumentList:
    """The documents of a workspace, newest first; without `parentId` none that belong to a site or feed."""
    page = PageOf(limit, cursor)
    found = read.of(call.caller, workspace_id, page, ports=call.ports, type=type, status=status, parent_id=parent_id)
    return page_of(DocumentList, found)


@ROUTES.on("POST", f"{_ALL}/file-upload", status=201, is_creating=True)
def add_file(call: Call, workspace_id: Id, upload: FileUpload) -> UploadTicket:
    """Announce a file and get leave to upload it for 15 minutes.

    What can be refused by its name or size is refused here (415, 413). With `replaces` the file becomes a new version
    of that document, which answers until the new one is ready; with `sha256` too, the same bytes get no leave: they
    are there.
    """
    document, ticket = register.file_upload(call.caller, workspace_id, upload, call.ports)
    return UploadTicket(document_id=document.id, upload=ticket)


@ROUTES.on("POST", f"{_ALL}/text", status=201, is_creating=True)
def add_text(call: Call, workspace_id: Id, upload: TextUpload) -> Document:
    """A document made of a text."""
    return register.text(call.caller, workspace_id, upload, call.ports)


@ROUTES.on("POST", f"{_ALL}/qna", status=201, is_creating=True)
def add_qna(call: Call, workspace_id: Id, upload: QnaUpload) -> Document:
    """A question and the answer that people shall get to it."""
    return register.qna(call.caller, workspace_id, upload, call.ports)


@ROUTES.on("POST", f"{_ALL}/website", status=201, is_creating=True)
def add_website(call: Call, workspace_id: Id, upload: WebsiteUpload) -> Document:
    """Crawl a site; each page that is kept is a sub-document.

    `include` and `exclude` are globs of what follows the host, or of whole addresses; `limit` counts pages kept.
    """
    return register.website(call.caller, workspace_id, upload, call.ports)


@ROUTES.on("POST", f"{_ALL}/rssfeed", status=201, is_creating=True)
def add_feed(call: Call, workspace_id: Id, upload: FeedUpload) -> Document:
    """Follow an RSS or Atom feed; each entry is a sub-document."""
    return register.rssfeed(call.caller, workspace_id, upload, call.ports)


@ROUTES.on("GET", _ONE)
def get(call: Call, workspace_id: Id, document_id: Id) -> Document:
    """One document and how far its import is."""
    return read.get(call.caller, workspace_id, document_id, call.ports)


@ROUTES.on("PATCH", _ONE)
def change(call: Call, workspace_id: Id, document_id: Id, wish: DocumentChange) -> Document:
    """Change the title, the own fields for filters (all of them at once), or whether it is searched (editors).

    Search follows at once. The switch and the fields of a site or feed are those of its pages too.
    """
    return changes.document(call.caller, workspace_id, document_id, wish, call.ports)


@ROUTES.on("DELETE", _ONE, status=204)
def remove(call: Call, workspace_id: Id, document_id: Id) -> None:
    """Delete a document; what stored answers quote of it is erased to its title."""
    removal.document(call.caller, workspace_id, document_id, call.ports)


@ROUTES.on("POST", f"{_ONE}/retry")
def retry(call: Call, workspace_id: Id, document_id: Id) -> Document:
    """Import the same bytes again; what is served now stays until the new import is done."""
    return lifecycle.retry(call.caller, workspace_id, document_id, call.ports)


@ROUTES.on("POST", f"{_ONE}/cancel")
def cancel(call: Call, workspace_id: Id, document_id: Id) -> Document:
    """Stop an import, or give up an upload."""
    return lifecycle.cancel(call.caller, workspace_id, document_id, call.ports)


@ROUTES.on("GET", f"{_ONE}/content", status=302)
def content(call: Call, workspace_id: Id, document_id: Id) -> None:
    """The original bytes: a redirect to a link that needs no token, for five minutes."""
    link = read.content(call.caller, workspace_id, document_id, call.ports)
    redirect: Any = Response(status_code=302, headers={"Location": link, "Cache-Control": "no-store"}, body="")
    return redirect
