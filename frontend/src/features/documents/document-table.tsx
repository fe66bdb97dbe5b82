/** The one table of documents. */
import Button from "@cloudscape-design/components/button";
import ButtonDropdown, { type ButtonDropdownProps } from "@cloudscape-design/components/button-dropdown";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import { useMemo, useState, type ReactNode } from "react";
import { DocumentStatus } from "@/features/documents/document-status";
import { cancel, isReplaceable, isUnfinished, retry } from "@/features/documents/documents";
import { openContent } from "@/shared/content";
import { count, size } from "@/shared/format";
import { useNarrow } from "@/shared/media";
import { RelativeTime } from "@/shared/relative-time";
import { navigate } from "@/shared/router";
import type { Document } from "@/shared/types";

const KINDS: Readonly<Record<Document["type"], string>> = {
  file: "File",
  text: "Text",
  qna: "Q&A",
  website: "Website",
  rssfeed: "Feed",
};

/** "PDF file" for a file, by its name. */
function kindOf(document: Document): string {
  const ending =
    document.type === "file" ? /\.([a-z0-9]{1,5})$/i.exec(document.path || document.title)?.[1] : undefined;
  return ending === undefined ? KINDS[document.type] : ending.toUpperCase();
}

const pageOf = (document: Document): string => `/workspaces/${document.workspaceId}/documents/${document.id}`;
const open = (document: Document): void => void openContent(document.workspaceId, document.id, document.title);

type Columns = TableProps.ColumnDefinition<Document>[];
/** `onReplace`: where files can be brought anew. */
type RowHandlers = {
  mayChange: boolean;
  onDelete: (document: Document) => void;
  onReplace?: (document: Document) => void;
};

function columns(narrow: boolean, handlers: RowHandlers): Columns {
  const { mayChange } = handlers;
  const name: Columns[number] = {
    id: "name",
    header: "Name",
    isRowHeader: true,
    minWidth: narrow ? undefined : 220,
    sortingComparator: (one, other) => one.title.localeCompare(other.title),
    cell: (document) => <Name document={document} narrow={narrow} mayChange={mayChange} />,
  };
  const status: Columns[number] = {
    id: "status",
    header: "Status",
    minWidth: 240,
    sortingField: "status",
    cell: (document) => <DocumentStatus document={document} mayChange={mayChange} />,
  };
  const actions: Columns[number] = {
    id: "actions",
    header: <span className="for-listeners">Actions</span>,
    minWidth: 56,
    width: 56,
    cell: (document) => <Actions document={document} {...handlers} />,
  };
  if (narrow) return [name, actions];
  return [
    name,
    {
      id: "kind",
      header: "Kind",
      cell: kindOf,
      sortingComparator: (one, other) => kindOf(one).localeCompare(kindOf(other)),
    },
    {
      id: "size",
      header: "Size",
      cell: (document) => <span className="nowrap">{size(document.sizeInBytes)}</span>,
      sortingField: "sizeInBytes",
    },
    status,
    {
      id: "chunks",
      header: "Chunks",
      cell: (document) => document.vectors.toLocaleString("en"),
      sortingField: "vectors",
    },
    {
      id: "changed",
      header: "Changed",
      cell: (document) => <RelativeTime moment={document.updatedAt} />,
      sortingField: "updatedAt",
    },
    actions,
  ];
}

/** On a phone the name's cell tells everything. */
function Name({ document, narrow, mayChange }: { document: Document; narrow: boolean; mayChange: boolean }) {
  return (
    <span className="document-name">
      <Button variant="inline-link" ariaLabel={`Open ${document.title}`} onClick={() => navigate(pageOf(document))}>
        {document.title}
      </Button>
      {narrow && (
        <small>{[kindOf(document), size(document.sizeInBytes), count(document.vectors, "chunk")].join(", ")}</small>
      )}
      {narrow && <DocumentStatus document={document} mayChange={mayChange} />}
    </span>
  );
}

function Actions({ document, mayChange, onDelete, onReplace }: { document: Document } & RowHandlers) {
  const items: ButtonDropdownProps.Item[] = [
    { id: "chunks", text: "Chunks and details" },
    { id: "open", text: "Open original", disabled: document.status === "awaiting" },
  ];
  if (mayChange && isUnfinished(document)) items.push({ id: "cancel", text: "Cancel" });
  if (mayChange && !isUnfinished(document)) items.push({ id: "retry", text: "Read again" });
  if (mayChange && onReplace && isReplaceable(document)) items.push({ id: "replace", text: "Replace the file…" });
  if (mayChange) items.push({ id: "delete", text: "Delete" });
  const act = (id: string): void => {
    if (id === "chunks") navigate(pageOf(document));
    if (id === "open") open(document);
    if (id === "cancel") void cancel(document);
    if (id === "retry") void retry(document);
    if (id === "replace") onReplace?.(document);
    if (id === "delete") onDelete(document);
  };
  return (
    <ButtonDropdown
      variant="icon"
      expandToViewport
      ariaLabel={`Actions for ${document.title}`}
      items={items}
      onItemClick={({ detail }) => act(detail.id)}
    />
  );
}

export function DocumentTable({
  documents,
  mayChange,
  empty,
  onDelete,
  onReplace,
}: { documents: readonly Document[]; empty: ReactNode } & RowHandlers) {
  const narrow = useNarrow();
  const [filter, setFilter] = useState("");
  const [sorting, setSorting] = useState<TableProps.SortingState<Document>>({
    sortingColumn: { sortingField: "updatedAt" },
    isDescending: true,
  });
  const definitions = useMemo(
    () => columns(narrow, { mayChange, onDelete, onReplace }),
    [narrow, mayChange, onDelete, onReplace],
  );
  const shown = useMemo(() => arrange(documents, filter, sorting), [documents, filter, sorting]);
  return (
    <Table
      variant="container"
      items={shown}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: "Documents" }}
      columnDefinitions={definitions}
      sortingColumn={sorting.sortingColumn}
      sortingDescending={sorting.isDescending}
      onSortingChange={({ detail }) => setSorting(detail)}
      filter={
        documents.length > 5 && (
          <TextFilter
            filteringText={filter}
            filteringPlaceholder="Find a document"
            filteringAriaLabel="Find a document"
            countText={filter === "" ? undefined : count(shown.length, "match", "matches")}
            onChange={({ detail }) => setFilter(detail.filteringText)}
          />
        )
      }
      empty={filter === "" ? empty : `No document's name contains "${filter}".`}
    />
  );
}

function arrange(
  documents: readonly Document[],
  filter: string,
  { sortingColumn, isDescending }: TableProps.SortingState<Document>,
): Document[] {
  const wanted = filter.trim().toLowerCase();
  const field = sortingColumn.sortingField as keyof Document | undefined;
  const compare =
    sortingColumn.sortingComparator ??
    ((one: Document, other: Document) => (field === undefined ? 0 : order(one[field], other[field])));
  return documents
    .filter((document) => document.title.toLowerCase().includes(wanted))
    .sort((one, other) => compare(one, other) * (isDescending ? -1 : 1));
}

function order(one: unknown, other: unknown): number {
  return typeof one === "number" && typeof other === "number" ? one - other : String(one).localeCompare(String(other));
}
