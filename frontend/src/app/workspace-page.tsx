/** One workspace: its head and its documents. */
import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import { useQuery } from "@tanstack/react-query";
import { newChat } from "@/app/next-session";
import { prefer } from "@/features/chat/preferences";
import { DocumentsView } from "@/features/documents/documents-view";
import { WorkspaceHeader } from "@/features/workspaces/workspace-header";
import { usePageTitle } from "@/shared/page-title";
import { workspacesQuery } from "@/shared/queries";
import { navigate } from "@/shared/router";
import { EmptyState, Loaded } from "@/shared/states";
import type { Workspace } from "@/shared/types";

export function WorkspacePage({ workspaceId, isAdmin }: { workspaceId: string; isAdmin: boolean }) {
  const workspaces = useQuery(workspacesQuery);
  return (
    <Loaded query={workspaces} what="the workspace">
      {(all) => {
        const workspace = all.find((one) => one.id === workspaceId);
        return workspace === undefined ? <NoWorkspace /> : <Full workspace={workspace} isAdmin={isAdmin} />;
      }}
    </Loaded>
  );
}

function NoWorkspace() {
  return (
    <EmptyState
      title="No such workspace"
      action={<Button onClick={() => navigate("/workspaces")}>See your workspaces</Button>}
    >
      It was deleted, or it is not shared with you.
    </EmptyState>
  );
}

function Full({ workspace, isAdmin }: { workspace: Workspace; isAdmin: boolean }) {
  usePageTitle(workspace.name);
  const ask = (): void => {
    prefer({ workspaceId: workspace.id });
    newChat();
  };
  return (
    <ContentLayout
      header={
        <WorkspaceHeader
          workspace={workspace}
          isAdmin={isAdmin}
          actions={<Button onClick={ask}>Ask about it</Button>}
          onDeleted={() => navigate("/workspaces")}
        />
      }
    >
      {workspace.grant ? (
        <DocumentsView workspaceId={workspace.id} mayChange={workspace.grant !== "viewer"} />
      ) : (
        <EmptyState title="Not shared with you">
          You may manage its members; its documents can be read by members only.
        </EmptyState>
      )}
    </ContentLayout>
  );
}
