/** How a workspace cuts, finds and answers: changed here, tried out here, and set back from here. */
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { AdvancedFields, type Advanced } from "@/features/workspaces/advanced-fields";
import { ChunkTrial } from "@/features/workspaces/chunk-trial";
import { IndexRecall } from "@/features/workspaces/index-recall";
import { RetrievalFields } from "@/features/workspaces/retrieval-fields";
import { Versions } from "@/features/workspaces/versions";
import "@/features/workspaces/workspaces.css";
import { patch } from "@/shared/api";
import { show } from "@/shared/notices";
import { queryClient, workspacesQuery } from "@/shared/queries";
import { Refusal } from "@/shared/states";
import type { Workspace, WorkspaceChange } from "@/shared/types";

const SAVED_MS = 5000;

/** What may be changed of a workspace that is there. */
const changeable = (workspace: Workspace): Advanced => ({
  hybridSearch: workspace.hybridSearch,
  chunkingStrategy: workspace.chunkingStrategy,
  chunkSize: workspace.chunkSize,
  chunkOverlap: workspace.chunkOverlap,
  chunkOptions: workspace.chunkOptions,
  emptyRetrieval: workspace.emptyRetrieval,
  retrieval: workspace.retrieval,
});

const cutsOtherwise = (before: Advanced, after: Advanced): boolean =>
  (["chunkingStrategy", "chunkSize", "chunkOverlap"] as const).some((field) => before[field] !== after[field]) ||
  JSON.stringify(before.chunkOptions) !== JSON.stringify(after.chunkOptions);

export function SettingsView({ workspace }: { workspace: Workspace }) {
  const before = changeable(workspace);
  const [wanted, setWanted] = useState<Advanced>(before);
  const mayChange = workspace.grant === "owner";
  const isChanged = JSON.stringify(wanted) !== JSON.stringify(before);
  const saving = useMutation({
    mutationFn: () => patch<Workspace>(`/api/workspaces/${workspace.id}`, wanted as WorkspaceChange),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
      await queryClient.invalidateQueries({ queryKey: ["versions", workspace.id] });
      show({
        type: "success",
        text: `"${workspace.name}" answers with the new settings from now on.`,
        lastsMs: SAVED_MS,
      });
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (mayChange && isChanged) saving.mutate();
  };
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">How it finds and answers</Header>}>
        <form onSubmit={submit}>
          <SpaceBetween size="m">
            {!mayChange && <Alert type="info">Only an owner may change these.</Alert>}
            <AdvancedFields value={wanted} isNew={false} onChange={setWanted} />
            <RetrievalFields
              value={wanted.retrieval ?? {}}
              onChange={(retrieval) => setWanted({ ...wanted, retrieval: { ...wanted.retrieval, ...retrieval } })}
            />
            {cutsOtherwise(before, wanted) && (
              <Alert type="info">
                Documents that are here keep their chunks until they are read again; new ones are cut this way at once.
              </Alert>
            )}
            {saving.error && <Refusal error={saving.error} />}
            {mayChange && (
              <Button variant="primary" loading={saving.isPending} disabled={!isChanged}>
                Save settings
              </Button>
            )}
          </SpaceBetween>
        </form>
      </Container>
      <ChunkTrial workspaceId={workspace.id} settings={wanted} />
      <IndexRecall workspaceId={workspace.id} />
      <Versions workspaceId={workspace.id} mayChange={mayChange} onRestored={(kept) => setWanted(changeable(kept))} />
    </SpaceBetween>
  );
}
