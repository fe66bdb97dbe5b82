/** Why the hits are what they are, and where the chunks of one document fell out. */
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import Table from "@cloudscape-design/components/table";
import { count } from "@/shared/format";
import type { Explanation as Explained } from "@/shared/types";

const NAMES: Readonly<Record<string, string>> = {
  filter: "Filters",
  index: "Index",
  vector: "By meaning",
  keyword: "By words",
  fused: "Together",
  rerank: "Reranked",
  threshold: "Threshold",
};

export const stageName = (stage: string): string => NAMES[stage] ?? stage;

type Trace = NonNullable<Explained["document"]>["chunks"][number];

export function Explanation({ explained, title }: { explained: Explained; title: string | null }) {
  return (
    <SpaceBetween size="l">
      <Table
        variant="container"
        header={<Header variant="h2">What each stage did</Header>}
        items={explained.stages}
        trackBy="stage"
        wrapLines
        ariaLabels={{ tableLabel: "Stages" }}
        columnDefinitions={[
          { id: "stage", header: "Stage", isRowHeader: true, cell: (one) => stageName(one.stage) },
          { id: "candidates", header: "Saw", cell: (one) => one.candidates.toLocaleString("en") },
          { id: "kept", header: "Kept", cell: (one) => one.kept.toLocaleString("en") },
          { id: "rule", header: "Rule", cell: (one) => one.rule },
        ]}
      />
      {explained.document !== undefined && title !== null && (
        <DocumentTrace chunks={explained.document.chunks} title={title} />
      )}
    </SpaceBetween>
  );
}

function DocumentTrace({ chunks, title }: { chunks: readonly Trace[]; title: string }) {
  const found = chunks.filter((chunk) => chunk.lostAt === undefined).length;
  if (chunks.length === 0) {
    return (
      <Container header={<Header variant="h2">{title}</Header>}>
        <Box>No chunk of this document is served. It is not processed yet, or it has no text.</Box>
      </Container>
    );
  }
  return (
    <Table
      variant="container"
      header={
        <Header variant="h2" description={`${count(found, "chunk")} of ${chunks.length} came among the results`}>
          {title}
        </Header>
      }
      items={chunks.map((chunk, index) => ({ ...chunk, number: index + 1 }))}
      trackBy="chunkId"
      wrapLines
      ariaLabels={{ tableLabel: `Chunks of ${title}` }}
      columnDefinitions={[
        { id: "number", header: "Chunk", isRowHeader: true, cell: (one) => one.number },
        { id: "ranks", header: "Ranks", cell: (one) => ranks(one) },
        { id: "lost", header: "Fell out at", cell: (one) => <Fate trace={one} /> },
        { id: "reason", header: "Why", cell: (one) => one.reason ?? "" },
      ]}
    />
  );
}

const ranks = (trace: Trace): string =>
  Object.entries(trace.ranks)
    .map(([stage, rank]) => `${stageName(stage)} ${rank}`)
    .join(", ") || "–";

function Fate({ trace }: { trace: Trace }) {
  if (trace.lostAt === undefined) return <StatusIndicator type="success">Found</StatusIndicator>;
  return <StatusIndicator type="stopped">{stageName(trace.lostAt)}</StatusIndicator>;
}
