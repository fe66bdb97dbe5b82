/** What a workspace was set to before, what changed from one to the next, and the way back. */
import Button from "@cloudscape-design/components/button";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import Table from "@cloudscape-design/components/table";
import { useMutation, useQuery } from "@tanstack/react-query";
import { list, post } from "@/shared/api";
import { showFailure } from "@/shared/notices";
import { queryClient, workspacesQuery } from "@/shared/queries";
import { RelativeTime } from "@/shared/relative-time";
import { Loaded } from "@/shared/states";
import type { Workspace, WorkspaceVersion } from "@/shared/types";

const MOST = 200;

type VersionsProps = { workspaceId: string; mayChange: boolean; onRestored: (workspace: Workspace) => void };

export function Versions({ workspaceId, mayChange, onRestored }: VersionsProps) {
  const versions = useQuery({
    queryKey: ["versions", workspaceId],
    queryFn: () => list<WorkspaceVersion>(`/api/workspaces/${workspaceId}/versions`, MOST),
  });
  const restoring = useMutation({
    mutationFn: (version: number) => post<Workspace>(`/api/workspaces/${workspaceId}/versions/${version}/restore`, {}),
    onSuccess: async (kept) => {
      onRestored(kept);
      await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
      await queryClient.invalidateQueries({ queryKey: ["versions", workspaceId] });
    },
    onError: (error) => showFailure("set it back", error),
  });
  return (
    <ExpandableSection variant="container" headerText="Earlier settings">
      <Loaded query={versions} what="the earlier settings" lines={3}>
        {(all) => (
          <Table
            variant="embedded"
            items={all}
            trackBy="version"
            wrapLines
            ariaLabels={{ tableLabel: "Earlier settings" }}
            empty="Nothing was changed yet."
            columnDefinitions={[
              { id: "version", header: "Version", isRowHeader: true, width: 100, cell: (one) => one.version },
              { id: "changed", header: "Since", width: 160, cell: (one) => <RelativeTime moment={one.changedAt} /> },
              { id: "changes", header: "What changed", cell: (one) => <Changes version={one} /> },
              {
                id: "restore",
                header: <span className="for-listeners">Set back</span>,
                width: 160,
                cell: (one) =>
                  mayChange &&
                  one.version !== all[0]?.version && (
                    <Button
                      ariaLabel={`Set back to version ${one.version}`}
                      loading={restoring.isPending && restoring.variables === one.version}
                      onClick={() => restoring.mutate(one.version)}
                    >
                      Set back
                    </Button>
                  ),
              },
            ]}
          />
        )}
      </Loaded>
    </ExpandableSection>
  );
}

const told = (value: unknown): string => (value === null || value === undefined ? "none" : JSON.stringify(value));

function Changes({ version }: { version: WorkspaceVersion }) {
  if (version.changes.length === 0) return "As it was made";
  return (
    <ul className="changes">
      {version.changes.map((change) => (
        <li key={change.field}>{`${change.field}: ${told(change.old)} to ${told(change.new)}`}</li>
      ))}
    </ul>
  );
}
