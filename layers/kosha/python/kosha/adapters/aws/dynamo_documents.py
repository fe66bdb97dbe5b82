"""The records of documents in DynamoDB; what a workspace holds is counted in the same transaction."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import uuid4

from kosha.adapters.aws.clients import DynamoDb
from kosha.adapters.aws.dynamo import CROWDED, DynamoTable, Write
from kosha.adapters.aws.items import Item, is_key
from kosha.adapters.aws.patience import attempts
from kosha.adapters.cursors import malformed, read_cursor, write_cursor
from kosha.adapters.storable import to_json
from kosha.errors import Conflict, NotFound, Unavailable
from kosha.model.document import Document, DocumentStatus, DocumentType
from kosha.model.page import Page, PageOf
from kosha.model.record import rfc3339

_UNFINISHED: frozenset[DocumentStatus] = frozenset(["submitted", "processing"])
_LOOKS = 4
_AS_KEPT = (
    "#status = :status AND #run = :run AND #updated_at = :updated_at"
    " AND #vectors = :vectors AND #size_bytes = :size_bytes"
)
_AS_COUNTED = "#vectors = :vectors AND #size_bytes = :size_bytes"


class _Sums(NamedTuple):
    """What a document adds to the counts of its workspace."""

    documents: int = 0
    vectors: int = 0
    size_bytes: int = 0

    def less(self, other: "_Sums") -> "_Sums":
        return _Sums(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))


class DynamoDocuments:
    """Fits the port `Documents`. A document that was added a second ago may not be in lists yet.

    workspaces_table: where the counts are. looked_at: entries of a filtered list that one query reads.
    """

    def __init__(self, client: DynamoDb, *, table: str, workspaces_table: str, looked_at: int = 1000) -> None:
        self._table = DynamoTable(client, table)
        self._workspaces = DynamoTable(client, workspaces_table)
        self._looked_at = looked_at

    def add(self, document: Document) -> None:
        """Keep a new record. Conflict if the id is taken."""
        item = _item(document)
        new = self._table.putting(item, "attribute_not_exists(#document_id)")
        if self._table.transact([new, self._counting(document.workspace_id, _sums(item))]):
            kept = self._table.get(_key(document.workspace_id, document.id))
            if kept is None or kept["written_by"] != item["written_by"]:
                raise Conflict(f"There is a document {document.id!r} already.")

    def get(self, workspace_id: str, document_id: str) -> Document:
        """Raises NotFound, also for a document of another workspace."""
        item = self._table.get(_key(workspace_id, document_id))
        if item is None:
            raise NotFound("document", document_id)
        return _document(item)

    def of(
        self,
        workspace_id: str,
        page: PageOf,
        *,
        type: DocumentType | None = None,
        status: DocumentStatus | None = None,
        parent_id: str | None = None,
    ) -> Page[Document]:
        """Newest first; without `parent_id` no sub-documents. Raises Invalid for a malformed cursor.

        With `type` or `status` one call looks at 4,000 documents: where few of them fit, its page is short, or empty,
        and its cursor goes on.
        """
        wanted = {name: value for name, value in (("type", type), ("status", status)) if value}
        listed, goes_on = self._listed(workspace_id, parent_id or "-", page, wanted)
        kept = {item["document_id"]: item for item in self._table.get_many([_key_of(entry) for entry in listed])}
        fresh = (kept[entry["document_id"]] for entry in listed if entry["document_id"] in kept)
        fitting = [item for item in fresh if wanted.items() <= item.items()]
        return Page([_document(item) for item in fitting], goes_on)

    def replace(self, old: Document, new: Document) -> bool:
        """Write `new` if status, run and `updated_at` of the record are still those of `old`; else False."""
        item, counted = _item(new), _sums(_item(old))
        for _ in attempts():
            values = {
                "status": old.status,
                "run": old.run,
                "updated_at": rfc3339(old.updated_at),
                "vectors": counted.vectors,
                "size_bytes": counted.size_bytes,
            }
            if self._put(item, values, _sums(item).less(counted)):
                return True
            kept = self._table.get(_key(new.workspace_id, new.id))
            if kept is None:
                return False
            if kept["written_by"] == item["written_by"]:
                return True
            if (kept["status"], kept["run"], kept["updated_at"]) != (old.status, old.run, rfc3339(old.updated_at)):
                return False
            counted = _sums(kept)
        raise Unavailable(CROWDED)

    def remove(self, workspace_id: str, document_id: str) -> None:
        """Forget it; nothing happens where it is gone."""
        key = _key(workspace_id, document_id)
        for _ in attempts():
            kept = self._table.get(key)
            if kept is None:
                return
            sums = _sums(kept)
            gone = self._table.deleting(key, _AS_COUNTED, _numbers(sums))
            there = "attribute_exists(#object_type)"  # a workspace that was removed leaves no counts behind
            failed = self._table.transact([gone, self._counting(workspace_id, _Sums().less(sums), condition=there)])
            if not failed:
                return
            if 0 not in failed:  # the counts are gone
                self._table.delete(key)
        raise Unavailable(CROWDED)

    def unfinished(self) -> list[Document]:
        """Every document that is submitted, processing or has a pending change, oldest first."""
        entries = self._table.every("#unfinished = :unfinished", {"unfinished": "1"}, index="by_unfinished")
        items = self._table.get_many([_key_of(entry) for entry in entries])
        documents = [_document(item) for item in items if "unfinished" in item]
        return sorted(documents, key=lambda document: document.created_at)

    def _put(self, item: Item, values: Item, change: _Sums) -> bool:
        if not any(change):
            return self._table.put(item, condition=_AS_KEPT, values=values)
        put = self._table.putting(item, _AS_KEPT, values)
        return not self._table.transact([put, self._counting(item["workspace_id"], change)])

    def _counting(self, workspace_id: str, change: _Sums, *, condition: str | None = None) -> Write:
        key = {"workspace_id": workspace_id, "object_type": "counts"}
        add = "ADD #documents :documents, #vectors :vectors, #size_bytes :size_bytes"
        return self._workspaces.updating(key, add, condition, change._asdict())

    def _listed(
        self, workspace_id: str, parent: str, page: PageOf, wanted: dict[str, str]
    ) -> tuple[list[Item], str | None]:
        """The entries of a page in the index, and the cursor of what follows it."""
        prefix = f"{parent}/"
        found: list[Item] = []
        place: Item | None = _start(workspace_id, prefix, page.cursor)
        for entries, last in self._looks(workspace_id, prefix, place, page, wanted):
            found += entries
            place = last
            if len(found) > page.limit:
                return found[: page.limit], _cursor(found[page.limit - 1], prefix)
            if place is None:
                return found, None
        return found, _cursor(place, prefix) if place else None

    def _looks(
        self, workspace_id: str, prefix: str, start: Item | None, page: PageOf, wanted: dict[str, str]
    ) -> Iterator[tuple[list[Item], Item | None]]:
        """Slices of the index, as many as one call may read: with a filter more, for most may not fit."""
        for _ in range(_LOOKS if wanted else 1):
            entries, start = self._table.query(
                "#workspace_id = :workspace_id AND begins_with(#compound_sort_key, :prefix)",
                {"workspace_id": workspace_id, "prefix": prefix, **wanted},
                index="by_compound_sort_key",
                filter=" AND ".join(f"#{name} = :{name}" for name in wanted) or None,
                start=start,
                limit=self._looked_at if wanted else page.limit + 1,
                descending=True,
            )
            yield entries, start
            if start is None:
                return


def _key(workspace_id: str, document_id: str) -> Item:
    return {"workspace_id": workspace_id, "document_id": document_id}


def _key_of(item: Item) -> Item:
    return _key(item["workspace_id"], item["document_id"])


def _item(document: Document) -> Item:
    unfinished = {"unfinished": "1"} if document.status in _UNFINISHED or document.change_pending else {}
    return {
        **_key(document.workspace_id, document.id),
        **unfinished,
        "compound_sort_key": f"{document.parent_id or '-'}/{rfc3339(document.created_at)}/{document.id}",
        "updated_at": rfc3339(document.updated_at),
        "type": document.type,
        "status": document.status,
        "run": document.run,
        "vectors": document.vectors,
        "size_bytes": document.size_in_bytes,
        "written_by": str(uuid4()),  # tells a call that is sent again, its reply lost, from another's
        "record": to_json(document),
    }


def _document(item: Item) -> Document:
    return Document.model_validate_json(item["record"])


def _sums(item: Item) -> _Sums:
    return _Sums(1, item["vectors"], item["size_bytes"])


def _numbers(sums: _Sums) -> Item:
    """The values of conditions that hold while a document counts as much as was read."""
    return {"vectors": sums.vectors, "size_bytes": sums.size_bytes}


def _cursor(entry: Item, prefix: str) -> str:
    moment, _, document_id = entry["compound_sort_key"].removeprefix(prefix).partition("/")
    return write_cursor(moment, document_id)


def _start(workspace_id: str, prefix: str, cursor: str | None) -> Item | None:
    """The place in the reader's own list that a cursor names: of a cursor only a time and an id are taken."""
    if cursor is None:
        return None
    moment, document_id = read_cursor(cursor)
    try:
        moment = rfc3339(datetime.fromisoformat(moment))
    except (ValueError, OverflowError):
        raise malformed(cursor) from None
    sort_key = f"{prefix}{moment}/{document_id}"
    if not is_key(workspace_id, document_id, sort_key):
        raise malformed(cursor)
    return {**_key(workspace_id, document_id), "compound_sort_key": sort_key}
