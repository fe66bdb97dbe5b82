/** What a search found, with the place of each passage at every stage. */
import Button from "@cloudscape-design/components/button";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import { openContent } from "@/shared/content";
import { useNarrow } from "@/shared/media";
import { EmptyState } from "@/shared/states";
import type { Found, Hit } from "@/shared/types";

type Stage = "vector" | "keyword" | "fused" | "rerank";
const STAGES: readonly { id: Stage; header: string }[] = [
  { id: "vector", header: "By meaning" },
  { id: "keyword", header: "By words" },
  { id: "fused", header: "Together" },
  { id: "rerank", header: "Reranked" },
];

/** "2 (0.81)"; a dash where the stage did not see the passage. */
export function standing(hit: Hit, stage: Stage): string {
  const rank = hit.ranks[stage];
  const score = hit.scores[stage];
  if (rank === undefined) return "–";
  return score === undefined ? `${rank}` : `${rank} (${score.toFixed(2)})`;
}

type ResultsProps = { found: Found; workspaceId: string; onExplain: (hit: Hit) => void };

export function Results({ found, workspaceId, onExplain }: ResultsProps) {
  const narrow = useNarrow();
  const passage: TableProps.ColumnDefinition<Hit> = {
    id: "passage",
    header: "Passage",
    isRowHeader: true,
    minWidth: narrow ? undefined : 320,
    cell: (hit) => (
      <Passage hit={hit} workspaceId={workspaceId} onExplain={onExplain} standings={narrow ? STAGES : []} />
    ),
  };
  const stages = STAGES.map(({ id, header }) => ({
    id,
    header,
    minWidth: 110,
    cell: (hit: Hit) => <span className="nowrap">{standing(hit, id)}</span>,
  }));
  return (
    <Table
      variant="container"
      items={found.items}
      trackBy="chunkId"
      wrapLines
      ariaLabels={{ tableLabel: "Passages" }}
      columnDefinitions={narrow ? [passage] : [passage, ...stages]}
      empty={
        <EmptyState title="Nothing is close enough">
          {`The best passage has a relevance of ${found.relevance.toFixed(2)}. Try other words, loosen the filters, or lower the workspace's threshold.`}
        </EmptyState>
      }
    />
  );
}

function Passage({
  hit,
  workspaceId,
  onExplain,
  standings,
}: {
  hit: Hit;
  workspaceId: string;
  onExplain: (hit: Hit) => void;
  standings: typeof STAGES;
}) {
  const place = [hit.heading, hit.page === undefined ? undefined : `page ${hit.page}`].filter(Boolean).join(", ");
  return (
    <article className="hit">
      <header>
        <Button
          variant="inline-link"
          ariaLabel={`Open ${hit.title}`}
          onClick={() => void openContent(workspaceId, hit.documentId, hit.title, hit.page)}
        >
          {hit.title}
        </Button>
        {place !== "" && <small>{place}</small>}
      </header>
      <p>{hit.content}</p>
      {hit.contentComplement !== undefined && <p className="hit-complement">{hit.contentComplement}</p>}
      {standings.length > 0 && (
        <small>
          {standings.map((stage) => `${stage.header.toLowerCase()} ${standing(hit, stage.id)}`).join(" · ")}
        </small>
      )}
      <Button variant="inline-link" ariaLabel={`Explain ${hit.title}`} onClick={() => onExplain(hit)}>
        Where did this document stand?
      </Button>
    </article>
  );
}
