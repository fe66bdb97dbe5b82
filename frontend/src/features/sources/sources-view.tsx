/** What a workspace follows, and how the last look at each went. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ButtonDropdown from "@cloudscape-design/components/button-dropdown";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { AddSource } from "@/features/sources/add-source";
import { remove, sourcesQuery, sync } from "@/features/sources/sources";
import { Confirm } from "@/shared/confirm";
import { count } from "@/shared/format";
import { RelativeTime } from "@/shared/relative-time";
import { EmptyState, Loaded } from "@/shared/states";
import type { Source } from "@/shared/types";

export function SourcesView({ workspaceId, mayChange }: { workspaceId: string; mayChange: boolean }) {
  const sources = useQuery(sourcesQuery(workspaceId));
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Source | null>(null);
  const add = mayChange && <Button onClick={() => setAdding(true)}>Follow a folder or bucket</Button>;
  return (
    <div className="documents">
      <Loaded query={sources} what="the sources" lines={4}>
        {(all) =>
          all.length === 0 ? (
            <EmptyState title="Nothing is followed" action={add || undefined}>
              Files of a folder or bucket become documents here, change with it, and go with it.
            </EmptyState>
          ) : (
            <>
              {add && <div>{add}</div>}
              <SourceTable sources={all} mayChange={mayChange} onDelete={setLeaving} />
            </>
          )
        }
      </Loaded>
      {adding && <AddSource workspaceId={workspaceId} onClose={() => setAdding(false)} />}
      {leaving !== null && (
        <Confirm
          title={`Stop following "${leaving.location}"`}
          verb="Stop following"
          act={() => remove(leaving)}
          onDone={() => setLeaving(null)}
          onCancel={() => setLeaving(null)}
        >
          <Box>{`Its ${count(leaving.documents, "document")} stay as they are, and change no more by themselves.`}</Box>
        </Confirm>
      )}
    </div>
  );
}

type SourceTableProps = { sources: readonly Source[]; mayChange: boolean; onDelete: (source: Source) => void };

function SourceTable({ sources, mayChange, onDelete }: SourceTableProps) {
  return (
    <Table
      variant="container"
      items={sources}
      trackBy="id"
      wrapLines
      ariaLabels={{ tableLabel: "Sources" }}
      columnDefinitions={[
        { id: "location", header: "Location", isRowHeader: true, cell: (one) => one.location },
        { id: "documents", header: "Documents", cell: (one) => one.documents.toLocaleString("en") },
        { id: "status", header: "Last look", minWidth: 220, cell: (one) => <LastLook source={one} /> },
        {
          id: "actions",
          header: <span className="for-listeners">Actions</span>,
          width: 56,
          cell: (one) =>
            mayChange && (
              <ButtonDropdown
                variant="icon"
                expandToViewport
                ariaLabel={`Actions for ${one.location}`}
                items={[
                  { id: "sync", text: "Look now", disabled: one.status === "syncing" },
                  { id: "delete", text: "Stop following" },
                ]}
                onItemClick={({ detail }) => (detail.id === "sync" ? void sync(one) : onDelete(one))}
              />
            ),
        },
      ]}
    />
  );
}

function LastLook({ source }: { source: Source }) {
  const { added, changed, removed, skipped } = source.counts;
  const told = `${added} added, ${changed} changed, ${removed} removed, ${skipped} left out`;
  return (
    <>
      {source.status === "error" && <StatusIndicator type="error">{source.statusReason}</StatusIndicator>}
      {source.status === "syncing" && <StatusIndicator type="in-progress">{`Looking: ${told}`}</StatusIndicator>}
      {source.status === "waiting" && <StatusIndicator type="pending">Waiting for its turn</StatusIndicator>}
      {source.status === "ok" && (
        <StatusIndicator type="success">
          {told}, {source.syncedAt !== undefined && <RelativeTime moment={source.syncedAt} />}
        </StatusIndicator>
      )}
      {source.notes.map((note) => (
        <p key={note} className="document-reason">
          {note}
        </p>
      ))}
    </>
  );
}
