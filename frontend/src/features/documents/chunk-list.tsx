/** The chunks of a document: read, edit, leave out of search. */
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import Toggle from "@cloudscape-design/components/toggle";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { isUnfinished } from "@/features/documents/documents";
import { get, patch } from "@/shared/api";
import { count } from "@/shared/format";
import { queryClient } from "@/shared/queries";
import { EmptyState, Loaded, Refusal } from "@/shared/states";
import type { Chunk, ChunkChange, Document, Page } from "@/shared/types";

const PAGE = 25;
const pathOf = (document: Document): string =>
  `/api/workspaces/${document.workspaceId}/documents/${document.id}/chunks`;

export function ChunkList({ document, mayChange }: { document: Document; mayChange: boolean }) {
  const { workspaceId, id, run, vectors } = document;
  const key = ["chunks", workspaceId, id, run, vectors, isUnfinished(document)]; // a run's chunks come at its end
  const chunks = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => get<Page<Chunk>>(`${pathOf(document)}?limit=${PAGE}${pageParam}`),
    initialPageParam: "",
    getNextPageParam: (last) => (last.nextCursor ? `&cursor=${encodeURIComponent(last.nextCursor)}` : undefined),
  });
  return (
    <Loaded query={chunks} what="the chunks" lines={8}>
      {({ pages }) => {
        const all = pages.flatMap((page) => page.items);
        if (all.length === 0) {
          return <EmptyState title="No chunks">They are here when the document is processed.</EmptyState>;
        }
        return (
          <SpaceBetween size="s">
            {all.map((chunk) => (
              <ChunkView
                key={chunk.chunkId}
                chunk={chunk}
                document={document}
                mayChange={mayChange}
                onChanged={() => void queryClient.invalidateQueries({ queryKey: key })}
              />
            ))}
            {chunks.hasNextPage && (
              <Button loading={chunks.isFetchingNextPage} onClick={() => void chunks.fetchNextPage()}>
                {`Show more (${all.length} of ${count(document.vectors, "chunk")})`}
              </Button>
            )}
          </SpaceBetween>
        );
      }}
    </Loaded>
  );
}

type ChunkViewProps = { chunk: Chunk; document: Document; mayChange: boolean; onChanged: () => void };

function ChunkView({ chunk, document, mayChange, onChanged }: ChunkViewProps) {
  const [draft, setDraft] = useState<string | null>(null);
  const changing = useMutation({
    mutationFn: (change: ChunkChange) => patch<Chunk>(`${pathOf(document)}/${chunk.chunkId}`, change),
    onSuccess: () => (setDraft(null), onChanged()),
  });
  const place = [chunk.heading, chunk.page === undefined ? undefined : `page ${chunk.page}`].filter(Boolean).join(", ");
  return (
    <Container
      header={
        <Header
          variant="h3"
          description={place}
          actions={
            mayChange && (
              <SpaceBetween direction="horizontal" size="s" alignItems="center">
                <Toggle
                  checked={chunk.enabled}
                  disabled={changing.isPending}
                  ariaLabel={`Chunk ${chunk.index + 1} is searched`}
                  onChange={({ detail }) => changing.mutate({ enabled: detail.checked })}
                >
                  Searched
                </Toggle>
                {draft === null && (
                  <Button ariaLabel={`Edit chunk ${chunk.index + 1}`} onClick={() => setDraft(chunk.content)}>
                    Edit
                  </Button>
                )}
              </SpaceBetween>
            )
          }
        >
          {`Chunk ${chunk.index + 1}`}
        </Header>
      }
    >
      <SpaceBetween size="s">
        {draft === null ? (
          <p className={chunk.enabled ? "chunk-text" : "chunk-text chunk-off"}>{chunk.content}</p>
        ) : (
          <Textarea
            rows={10}
            autoFocus
            ariaLabel={`Text of chunk ${chunk.index + 1}`}
            value={draft}
            onChange={({ detail }) => setDraft(detail.value)}
          />
        )}
        {chunk.contentComplement !== undefined && <p className="chunk-text chunk-around">{chunk.contentComplement}</p>}
        {changing.error && <Refusal error={changing.error} />}
        {draft !== null && (
          <SpaceBetween direction="horizontal" size="xs">
            <Button
              variant="primary"
              loading={changing.isPending}
              disabled={draft.trim() === "" || draft === chunk.content}
              onClick={() => changing.mutate({ content: draft })}
            >
              Save and embed again
            </Button>
            <Button variant="link" onClick={() => setDraft(null)}>
              Cancel
            </Button>
          </SpaceBetween>
        )}
      </SpaceBetween>
    </Container>
  );
}
