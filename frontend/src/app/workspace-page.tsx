/** One workspace: its head, its documents, what it follows, its settings; or one document of it. */
import Button from "@cloudscape-design/components/button";
import ContentLayout from "@cloudscape-design/components/content-layout";
import Tabs from "@cloudscape-design/components/tabs";
import { useQuery } from "@tanstack/react-query";
import { newChat } from "@/app/next-session";
import type { WorkspacePart } from "@/app/pages";
import { prefer } from "@/features/chat/preferences";
import { DocumentPage } from "@/features/documents/document-page";
import { DocumentsView } from "@/features/documents/documents-view";
import { SourcesView } from "@/features/sources/sources-view";
import { SettingsView } from "@/features/workspaces/settings-view";
import { WorkspaceHeader } from "@/features/workspaces/workspace-header";
import { usePageTitle } from "@/shared/page-title";
import { workspacesQuery } from "@/shared/queries";
import { navigate } from "@/shared/router";
import { EmptyState, Loaded } from "@/shared/states";
import type { Workspace } from "@/shared/types";

type WorkspacePageProps = { workspaceId: string; part: WorkspacePart; documentId?: string; isAdmin: boolean };

export function WorkspacePage({ workspaceId, part, documentId, isAdmin }: WorkspacePageProps) {
  const workspaces = useQuery(workspacesQuery);
  return (
    <Loaded query={workspaces} what="the workspace">
      {(all) => {
        const workspace = all.find((one) => one.id === workspaceId);
        if (workspace === undefined) return <NoWorkspace />;
        if (documentId !== undefined && workspace.grant) {
          return <DocumentPage workspace={workspace} documentId={documentId} />;
        }
        return <Full workspace={workspace} part={part} isAdmin={isAdmin} />;
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

function Full({ workspace, part, isAdmin }: { workspace: Workspace; part: WorkspacePart; isAdmin: boolean }) {
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
        <Parts workspace={workspace} part={part} />
      ) : (
        <EmptyState title="Not shared with you">
          You may manage its members; its documents can be read by members only.
        </EmptyState>
      )}
    </ContentLayout>
  );
}

function Parts({ workspace, part }: { workspace: Workspace; part: WorkspacePart }) {
  const mayChange = workspace.grant !== "viewer";
  const home = `/workspaces/${workspace.id}`;
  return (
    <Tabs
      activeTabId={part}
      ariaLabel="Parts of the workspace"
      onChange={({ detail }) => navigate(detail.activeTabId === "documents" ? home : `${home}/${detail.activeTabId}`)}
      tabs={[
        {
          id: "documents",
          label: "Documents",
          content: <DocumentsView workspaceId={workspace.id} mayChange={mayChange} />,
        },
        { id: "sources", label: "Sources", content: <SourcesView workspaceId={workspace.id} mayChange={mayChange} /> },
        { id: "settings", label: "Settings", content: <SettingsView workspace={workspace} /> },
      ]}
    />
  );
}
