/** The workspaces one may use: what is in them, and a way to make one. */
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Cards from "@cloudscape-design/components/cards";
import Header from "@cloudscape-design/components/header";
import Link from "@cloudscape-design/components/link";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { CreateWorkspace } from "@/features/workspaces/create-workspace";
import { count, size } from "@/shared/format";
import { usePageTitle } from "@/shared/page-title";
import { queryClient, workspacesQuery } from "@/shared/queries";
import { RelativeTime } from "@/shared/relative-time";
import { follow, navigate } from "@/shared/router";
import { Loaded } from "@/shared/states";
import type { Workspace } from "@/shared/types";

const STATUS: Readonly<Record<Workspace["status"], StatusIndicatorProps.Type>> = {
  submitted: "pending",
  creating: "in-progress",
  ready: "success",
  deleting: "in-progress",
  error: "error",
};

/** `firstRun`: what stands here before there is any workspace. */
export function WorkspacesPage({ mayCreate, firstRun }: { mayCreate: boolean; firstRun: ReactNode }) {
  const workspaces = useQuery(workspacesQuery);
  const [creating, setCreating] = useState(false);
  usePageTitle("Workspaces");
  const created = (workspace: Workspace): void => {
    setCreating(false);
    void queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
    navigate(`/workspaces/${workspace.id}`);
  };
  return (
    <Loaded query={workspaces} what="your workspaces">
      {(all) => (
        <>
          <Cards
            variant="full-page"
            header={
              <Header
                variant="h1"
                counter={`(${all.length})`}
                description="A workspace holds documents that are searched together."
                actions={
                  mayCreate && (
                    <Button variant="primary" onClick={() => setCreating(true)}>
                      Create workspace
                    </Button>
                  )
                }
              >
                Workspaces
              </Header>
            }
            items={all}
            trackBy="id"
            cardDefinition={CARD}
            cardsPerRow={[{ cards: 1 }, { minWidth: 600, cards: 2 }, { minWidth: 1100, cards: 3 }]}
            empty={firstRun}
            ariaLabels={{ itemSelectionLabel: () => "", selectionGroupLabel: "Workspaces" }}
          />
          {creating && <CreateWorkspace onDone={created} onCancel={() => setCreating(false)} />}
        </>
      )}
    </Loaded>
  );
}

const CARD = {
  header: (workspace: Workspace) => (
    <Link href={`/workspaces/${workspace.id}`} fontSize="heading-m" onFollow={follow}>
      {workspace.name}
    </Link>
  ),
  sections: [
    {
      id: "status",
      content: (workspace: Workspace) => (
        <StatusIndicator type={STATUS[workspace.status]}>{workspace.statusReason ?? workspace.status}</StatusIndicator>
      ),
    },
    {
      id: "counts",
      content: (workspace: Workspace) => (
        <Box>{`${count(workspace.documents, "document")}, ${count(workspace.vectors, "chunk")}, ${size(workspace.sizeInBytes)}`}</Box>
      ),
    },
    {
      id: "changed",
      content: (workspace: Workspace) => (
        <Box color="text-body-secondary" fontSize="body-s">
          changed <RelativeTime moment={workspace.updatedAt} />
          {workspace.grant
            ? `, you are ${workspace.grant === "owner" || workspace.grant === "editor" ? "an" : "a"} ${workspace.grant}`
            : ", not shared with you"}
        </Box>
      ),
    },
  ],
};
