/** The first visit: try the sample, or make a workspace of one's own. */
import Button from "@cloudscape-design/components/button";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { makeSample, type SampleProgress } from "@/features/workspaces/make-sample";
import { queryClient, workspacesQuery } from "@/shared/queries";
import { navigate } from "@/shared/router";
import { EmptyState, Refusal } from "@/shared/states";
import type { Workspace } from "@/shared/types";

const CreateWorkspace = lazy(() =>
  import("@/features/workspaces/create-workspace").then((module) => ({ default: module.CreateWorkspace })),
);
const STAGES: Readonly<Record<SampleProgress["stage"], string>> = {
  adding: "Adding the guide's pages",
  reading: "Reading them",
};

export function FirstRun({
  mayCreate,
  onSampleReady,
}: {
  mayCreate: boolean;
  onSampleReady: (workspace: Workspace) => void;
}) {
  const [progress, setProgress] = useState<SampleProgress | null>(null);
  const [creating, setCreating] = useState(false);
  const reload = () => queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
  const sampling = useMutation({
    mutationFn: () => makeSample(setProgress),
    onSuccess: async (workspace) => {
      await reload();
      onSampleReady(workspace);
    },
  });
  const created = (workspace: Workspace): void => {
    void reload();
    navigate(`/workspaces/${workspace.id}`);
  };
  if (!mayCreate) {
    return (
      <EmptyState title="No workspace yet">
        No workspace is shared with you. Ask its owner, or an administrator, to add you as a member.
      </EmptyState>
    );
  }
  if (sampling.isPending) return <Making progress={progress} />;
  return (
    <>
      <EmptyState
        title="Ask your documents"
        action={
          <SpaceBetween size="m" alignItems="center">
            {sampling.error && <Refusal error={sampling.error} />}
            <div className="first-run-actions">
              <Button variant="primary" onClick={() => sampling.mutate()}>
                Try the sample workspace
              </Button>
              <Button onClick={() => setCreating(true)}>Create a workspace</Button>
            </div>
          </SpaceBetween>
        }
      >
        Kosha answers from documents that you bring in, and shows the passage behind every sentence. Begin with its own
        guide, or with documents of yours.
      </EmptyState>
      {creating && (
        <Suspense fallback={null}>
          <CreateWorkspace onDone={created} onCancel={() => setCreating(false)} />
        </Suspense>
      )}
    </>
  );
}

function Making({ progress }: { progress: SampleProgress | null }) {
  const { stage, done, total } = progress ?? { stage: "adding", done: 0, total: 0 };
  const share = total === 0 ? 0 : (stage === "adding" ? done / total : 1 + done / total) * 50;
  return (
    <EmptyState
      title="Making the sample workspace"
      action={
        <ProgressBar
          value={share}
          label={STAGES[stage]}
          additionalInfo={total > 0 ? `${done} of ${total} pages` : undefined}
        />
      }
    />
  );
}
