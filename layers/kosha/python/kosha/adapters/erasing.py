"""What stored answers tell of a document, and how that is erased, the same in every store."""

from typing import Any, cast

# The names of a hit and a citation, as messages (camelCase) and turns (snake_case) keep them.
_KEPT = {"documentId", "document_id", "documentType", "document_type", "chunkId", "chunk_id", "title", "marker"}
_LISTS = ("documents", "citations")


def told_documents(metadata: dict[str, Any]) -> set[str]:
    """Ids of the documents that an answer's hits and citations are of."""
    told = (_document_id(entry) for name in _LISTS for entry in _entries(metadata, name))
    return {document_id for document_id in told if document_id}


def erase(metadata: dict[str, Any], document_ids: set[str]) -> dict[str, Any]:
    """The metadata with hits and citations of these documents cut down to their title and `deleted: true`."""
    lists = {name: [_erased(entry, document_ids) for entry in _entries(metadata, name)] for name in _LISTS}
    return {**metadata, **{name: entries for name, entries in lists.items() if entries}}


def erase_ending(ending: dict[str, Any], document_ids: set[str]) -> dict[str, Any]:
    """The same for the end of a turn, whose records need their texts: they are left empty."""
    final: dict[str, Any] | None = ending.get("final")
    if final is None:
        return ending
    metadata = erase(final["metadata"], document_ids)
    for name, blank in (("documents", {"path": "", "content": ""}), ("citations", {"quote": ""})):
        metadata[name] = [{**blank, **entry} for entry in _entries(metadata, name)]
    return {**ending, "final": {**final, "metadata": metadata}}


def _entries(metadata: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The list of that name; metadata that somebody shaped otherwise has none."""
    entries = metadata.get(name)
    if not isinstance(entries, list):
        return []
    return [cast("dict[str, Any]", entry) for entry in cast("list[object]", entries) if isinstance(entry, dict)]


def _document_id(entry: dict[str, Any]) -> str | None:
    document_id = entry.get("documentId", entry.get("document_id"))
    return document_id if isinstance(document_id, str) else None


def _erased(entry: dict[str, Any], document_ids: set[str]) -> dict[str, Any]:
    if _document_id(entry) not in document_ids:
        return entry
    return {name: value for name, value in entry.items() if name in _KEPT} | {"deleted": True}
