"""Takes a document in: its record first, then its bytes; pasted text is a file that we upload to ourselves."""

import json
import mimetypes
import re
import unicodedata
from pathlib import PurePosixPath
from typing import Annotated
from uuid import uuid4

from pydantic import Field, StringConstraints

from kosha import access
from kosha.errors import Cancelled, Conflict, Invalid, NotFound
from kosha.ingestion import keys, lifecycle, parse
from kosha.model.document import Document, DocumentType, Ticket
from kosha.model.record import Request
from kosha.model.user import Caller
from kosha.model.workspace import Workspace
from kosha.observe import log
from kosha.ports import Ports

NAME_LIMIT_CHARACTERS = 200
TEXT_LIMIT_CHARACTERS = 5_000_000
ANY_TYPE = "application/octet-stream"
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,120}", re.ASCII)

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_LIMIT_CHARACTERS)]
Text = Annotated[str, StringConstraints(pattern=r"\S", max_length=TEXT_LIMIT_CHARACTERS)]


class FileUpload(Request):
    """A file somebody is about to upload."""

    file_name: Annotated[str, StringConstraints(min_length=1, max_length=4096)]
    size_bytes: int = Field(ge=0)
    content_type: str | None = None


class TextUpload(Request):
    """A text that is a document as it stands."""

    title: Title
    content: Text


class QnaUpload(Request):
    """A question as people would ask it, and the answer they shall get."""

    question: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
    answer: Annotated[str, StringConstraints(pattern=r"\S", max_length=50_000)]


def file_upload(caller: Caller, workspace_id: str, upload: FileUpload, ports: Ports) -> tuple[Document, Ticket]:
    """A record that awaits its bytes, and leave to bring them.

    Raises UnsupportedType or TooLarge for what can be refused by name or size, Conflict while the workspace goes away.
    """
    workspace = _open_workspace(caller, workspace_id, ports)
    name = clean_name(upload.file_name)
    parse.accepts(name, upload.size_bytes, limit_bytes=ports.limits.upload_bytes)
    content_type = _media_type(upload.content_type, name)
    document = _record(workspace, "file", name, content_type, upload.size_bytes, ports)
    ticket = ports.blobs.ticket(document, key=keys.original(document), seconds=ports.limits.ticket_seconds)
    return document, ticket


def text(caller: Caller, workspace_id: str, upload: TextUpload, ports: Ports) -> Document:
    """A document made of a text. Raises Conflict while the workspace goes away."""
    workspace = _open_workspace(caller, workspace_id, ports)
    return _bring(workspace, "text", upload.title, "text/plain", upload.content.encode(), ports)


def qna(caller: Caller, workspace_id: str, upload: QnaUpload, ports: Ports) -> Document:
    """A document of one question and its answer. Raises Conflict while the workspace goes away."""
    workspace = _open_workspace(caller, workspace_id, ports)
    content = json.dumps(upload.model_dump(), ensure_ascii=False).encode()
    title = upload.question[:NAME_LIMIT_CHARACTERS]
    return _bring(workspace, "qna", title, "application/json", content, ports)


def awaited(workspace_id: str, document_id: str, ports: Ports) -> Document:
    """The document whose bytes may be written now.

    Raises NotFound where it was deleted, Conflict where its bytes have come already or were given up.
    """
    document = ports.documents.get(workspace_id, document_id)
    if document.status != "awaiting":
        raise Conflict(f"The bytes of {document.title!r} are not awaited any more: it is {document.status}.")
    return document


def arrived(workspace_id: str, document_id: str, ports: Ports) -> Document:
    """The bytes are there: submit the document. Again: nothing changes.

    Raises NotFound where it was deleted meanwhile, and forgets the bytes.
    """
    try:
        document = ports.documents.get(workspace_id, document_id)
    except NotFound:
        ports.blobs.remove(f"{keys.workspace(workspace_id)}{document_id}/")
        raise
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
        arrived(*named, ports)
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


def _open_workspace(caller: Caller, workspace_id: str, ports: Ports) -> Workspace:
    workspace = access.allow(caller, "write", workspace_id, ports.workspaces)
    if workspace.status in {"deleting", "error"}:
        reason = f" {workspace.status_reason}" if workspace.status_reason else ""
        raise Conflict(f"Workspace {workspace.name!r} takes no documents: it is {workspace.status}.{reason}")
    return workspace


def _bring(
    workspace: Workspace, type: DocumentType, title: str, content_type: str, content: bytes, ports: Ports
) -> Document:
    document = _record(workspace, type, title, content_type, len(content), ports)
    ports.blobs.write(keys.original(document), [content])
    return arrived(workspace.id, document.id, ports)  # a bucket may have told of the bytes already


def _record(
    workspace: Workspace, type: DocumentType, title: str, content_type: str, size_bytes: int, ports: Ports
) -> Document:
    now = ports.now()
    document = Document(
        id=str(uuid4()),
        workspace_id=workspace.id,
        type=type,
        title=title,
        path=title,
        content_type=content_type,
        status="awaiting",
        size_in_bytes=size_bytes,
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
