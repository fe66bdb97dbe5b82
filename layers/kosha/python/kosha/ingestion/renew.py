"""New bytes for a document that is there: built beside what is served, swapped at once, and the same ones do nothing.

Each version has a name of its own and lies beside the one before until it is served, so a version that cannot be read
leaves the old one answering, and its bytes to look at.
"""

import hashlib
import json
from pathlib import PurePosixPath
from typing import Unpack
from uuid import uuid4

from kosha.errors import Cancelled, Conflict, Invalid, NotFound
from kosha.ingestion import keys, lifecycle, stream
from kosha.model.document import Document, Ticket
from kosha.model.workspace import Workspace
from kosha.ports import Ports

# What the passages of a document, their vectors and their words depend on besides its bytes.
_SHAPED_BY = (
    "engine",
    "languages",
    "embeddings_model_provider",
    "embeddings_model_name",
    "chunking_strategy",
    "chunk_size",
    "chunk_overlap",
    "chunk_options",
)


def ticket(
    document: Document, workspace: Workspace, name: str, size_bytes: int, digest: str | None, ports: Ports
) -> Ticket | None:
    """Leave to bring a new version of a file; None where `digest` (SHA-256) tells that it is the one that is served.

    Raises Conflict, Invalid where it cannot be a version of this document.
    """
    if document.type != "file" or document.parent_id is not None:
        raise Invalid(f"{document.title!r} is no file that was uploaded. Change it where it comes from.")
    if document.status == "awaiting":
        raise Conflict(f"The first bytes of {document.title!r} have not come yet. Upload those, or delete it.")
    ending = PurePosixPath(document.path).suffix.lower()
    if PurePosixPath(name).suffix.lower() != ending:
        message = f"{name!r} is another kind of file than {document.title!r}: a new version ends in {ending!r}."
        raise Invalid(message, (("fileName", message),))
    if digest and _is_served(document, workspace, digest):
        return None
    sized = document.model_copy(update={"size_in_bytes": size_bytes})
    key = keys.version(document, f"{keys.FIRST}-{uuid4().hex}")
    return ports.blobs.ticket(sized, key=key, seconds=ports.limits.ticket_seconds)


def name_for(run: int) -> str:
    """Of the bytes that we bring ourselves, for that import: written again after a crash they lie in the same place."""
    return keys.FIRST if run == 1 else f"{keys.FIRST}-{run}"


def arrived(document: Document, workspace: Workspace, name: str, ports: Ports) -> Document:
    """The bytes of a new version are there: import them, unless the document was made of the same. Again: no change.

    Raises NotFound where the document was deleted.
    """
    if name in known(document):
        return take(document, name, ports)
    key = keys.version(document, name)
    try:
        read = _fingerprint(key, ports)
    except NotFound:  # they were there already, or another version was faster: its bytes are those that count
        return document
    if _is_served(document, workspace, read.digest):
        ports.blobs.remove(key)
        return document
    return take(document, name, ports, size_in_bytes=read.size_bytes)


def take(document: Document, name: str, ports: Ports, **changes: Unpack[lifecycle.Changes]) -> Document:
    """Import the version of that name, instead of one that is being imported. Again: nothing changes.

    Raises NotFound where the document was deleted.
    """
    while True:
        if name in known(document) and document.status != "awaiting":
            if document.status == "submitted":
                lifecycle.begin(document, ports)
            return document
        superseded = document.incoming
        try:
            if document.status in lifecycle.IMPORTING:
                # What it has made goes when the new import begins: whoever is told of bytes may not reach the index.
                document = lifecycle.advance(document, "cancelled", ports, stage=None)
                ports.workflows.stop(keys.execution(document))
            changes["incoming"] = None if name == document.original else name
            taken = lifecycle.submit(document, ports, **changes)
        except Cancelled:  # somebody else changed it at this moment
            document = ports.documents.get(document.workspace_id, document.id)
            continue
        if superseded:
            ports.blobs.remove(keys.version(taken, superseded))
        return taken


def made_of(document: Document, workspace: Workspace, ports: Ports) -> str | None:
    """What the present import is made of; None for what nobody uploads as a new version."""
    if document.type != "file" or document.parent_id is not None:
        return None
    return _made_of(_fingerprint(keys.newest(document), ports).digest, workspace)


def known(document: Document) -> tuple[str | None, ...]:
    """The names of its versions: the one it was brought as or is served of, and the one that is being imported."""
    return document.original, document.incoming


def _is_served(document: Document, workspace: Workspace, digest: str) -> bool:
    return document.status == "processed" and document.made_of == _made_of(digest, workspace)


def _made_of(digest: str, workspace: Workspace) -> str:
    settings = workspace.model_dump(mode="json", by_alias=False, include=set(_SHAPED_BY))
    return hashlib.sha256(json.dumps([digest, settings], sort_keys=True).encode()).hexdigest()


def _fingerprint(key: str, ports: Ports) -> stream.Fingerprint:
    with ports.blobs.open(key) as file:
        return stream.fingerprint(file)
