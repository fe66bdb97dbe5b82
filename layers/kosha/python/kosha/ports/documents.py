"""Documents: their records, their bytes, and what reads them."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from kosha.model.document import Document, DocumentStatus, DocumentType, Ticket
from kosha.model.page import Page, PageOf
from kosha.model.section import Parsed


class Documents(Protocol):
    """The records of documents. Their status moves only through `ingestion.lifecycle`."""

    def add(self, document: Document) -> None:
        """Keep a new record. Conflict if the id is taken."""
        ...

    def get(self, workspace_id: str, document_id: str) -> Document:
        """Raises NotFound, also for a document of another workspace."""
        ...

    def of(
        self,
        workspace_id: str,
        page: PageOf,
        *,
        type: DocumentType | None = None,
        status: DocumentStatus | None = None,
        parent_id: str | None = None,
    ) -> Page[Document]:
        """Newest first; without `parent_id` no sub-documents."""
        ...

    def replace(self, old: Document, new: Document) -> bool:
        """Write `new` if status, run and `updated_at` of the record are still those of `old`; else False."""
        ...

    def remove(self, workspace_id: str, document_id: str) -> None:
        """Forget it; nothing happens where it is gone."""
        ...

    def unfinished(self) -> list[Document]:
        """Every document that is submitted, processing or has a pending change: what a restart must see to."""
        ...


class Blobs(Protocol):
    """Bytes by key. Keys look like `workspace/document/name`."""

    def write(self, key: str, pieces: Iterable[bytes]) -> int:
        """Keep bytes, whole or not at all; returns their number."""
        ...

    def open(self, key: str) -> BinaryIO:
        """To read from the start. Raises NotFound."""
        ...

    def file(self, key: str) -> AbstractContextManager[Path]:
        """The bytes as a file for as long as the context is open. Raises NotFound."""
        ...

    def remove(self, prefix: str) -> None:
        """Forget every key under a prefix (`workspace/` or `workspace/document/`)."""
        ...

    def ticket(self, document: Document, *, key: str, seconds: int) -> Ticket:
        """Leave for somebody without a token to write that key, of the document's size and type."""
        ...

    def link(self, key: str, *, file_name: str, content_type: str, seconds: int) -> str:
        """Where somebody without a token can read that key for a while; may be relative to the server."""
        ...


class Parser(Protocol):
    """Reads a file apart from us, within limits of time and memory."""

    def parse(self, path: Path, file_name: str, *, cancelled: Callable[[], bool]) -> Parsed:
        """Raises Rejected with a reason for the person who brought the file; Cancelled when told so."""
        ...
