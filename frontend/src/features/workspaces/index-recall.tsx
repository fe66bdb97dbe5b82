/** How well the index finds what an exact search would. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import { get } from "@/shared/api";
import { size } from "@/shared/format";
import { Refusal } from "@/shared/states";
import type { IndexReport } from "@/shared/types";

const KINDS: Readonly<Record<IndexReport["kind"], string>> = {
  exact: "Exact: every vector is looked at",
  hnsw: "HNSW: a graph of neighbours",
  other: "Kept by its engine",
};

export function IndexRecall({ workspaceId }: { workspaceId: string }) {
  const measuring = useMutation({ mutationFn: () => get<IndexReport>(`/api/workspaces/${workspaceId}/recall`) });
  const report = measuring.data;
  return (
    <ExpandableSection
      variant="container"
      headerText="Index"
      headerDescription="What a fast search finds of what an exact one would."
    >
      <SpaceBetween size="m">
        <Button loading={measuring.isPending} onClick={() => measuring.mutate()}>
          Measure
        </Button>
        {measuring.error && <Refusal error={measuring.error} />}
        {report !== undefined && (
          <>
            <KeyValuePairs
              columns={3}
              items={[
                { label: "Kind", value: KINDS[report.kind] },
                { label: "Recall of the first ten", value: `${(report.recallAt10 * 100).toFixed(1)} %` },
                { label: "Chunks", value: report.chunks.toLocaleString("en") },
                { label: "Search by index", value: `${report.indexMs.toFixed(1)} ms` },
                { label: "Exact search", value: `${report.exactMs.toFixed(1)} ms` },
                { label: "Size", value: size(report.sizeInBytes) },
              ]}
            />
            {report.reason !== undefined && <Box color="text-body-secondary">{report.reason}</Box>}
          </>
        )}
      </SpaceBetween>
    </ExpandableSection>
  );
}
