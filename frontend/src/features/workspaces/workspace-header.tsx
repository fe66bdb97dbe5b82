/** A workspace's own head: its name and counts, and rename, share, delete. */
import Box from "@cloudscape-design/components/box";
import ButtonDropdown, { type ButtonDropdownProps } from "@cloudscape-design/components/button-dropdown";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState, type ReactNode } from "react";
import { Members } from "@/features/workspaces/members";
import { patch, tell } from "@/shared/api";
import { Confirm } from "@/shared/confirm";
import { FormModal } from "@/shared/form-modal";
import { count, size } from "@/shared/format";
import { queryClient, workspacesQuery } from "@/shared/queries";
import type { Workspace } from "@/shared/types";

type Doing = "rename" | "members" | "delete" | null;
type WorkspaceHeaderProps = { workspace: Workspace; isAdmin: boolean; actions: ReactNode; onDeleted: () => void };

/** `actions`: what else can be done here, put before the menu. */
export function WorkspaceHeader({ workspace, isAdmin, actions, onDeleted }: WorkspaceHeaderProps) {
  const [doing, setDoing] = useState<Doing>(null);
  const owns = workspace.grant === "owner";
  const items: ButtonDropdownProps.Item[] = [
    { id: "rename", text: "Rename", disabled: !owns },
    { id: "members", text: "Members", disabled: !owns && !isAdmin },
    { id: "delete", text: "Delete workspace", disabled: !owns },
  ];
  const changed = async (): Promise<void> => {
    setDoing(null);
    await queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey });
  };
  return (
    <>
      <Header
        variant="h1"
        description={`${count(workspace.documents, "document")}, ${count(workspace.vectors, "chunk")}, ${size(workspace.sizeInBytes)}`}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            {actions}
            <ButtonDropdown
              ariaLabel="More for this workspace"
              variant="icon"
              items={items}
              onItemClick={({ detail }) => setDoing(detail.id as Doing)}
            />
          </SpaceBetween>
        }
      >
        {workspace.name}
      </Header>
      {doing === "rename" && (
        <Rename workspace={workspace} onDone={() => void changed()} onCancel={() => setDoing(null)} />
      )}
      {doing === "members" && <Members workspace={workspace} onClose={() => setDoing(null)} />}
      {doing === "delete" && (
        <Confirm
          title={`Delete "${workspace.name}"`}
          verb="Delete workspace"
          act={() => tell("DELETE", `/api/workspaces/${workspace.id}`)}
          onDone={() => void changed().then(onDeleted)}
          onCancel={() => setDoing(null)}
        >
          <Box>
            {`${count(workspace.documents, "document")}, ${count(workspace.vectors, "chunk")} and ${size(workspace.sizeInBytes)} of originals go. Conversations stay, without what these documents said. This cannot be undone.`}
          </Box>
        </Confirm>
      )}
    </>
  );
}

function Rename({ workspace, onDone, onCancel }: { workspace: Workspace; onDone: () => void; onCancel: () => void }) {
  const [name, setName] = useState(workspace.name);
  return (
    <FormModal
      title="Rename workspace"
      verb="Rename"
      disabled={name.trim() === ""}
      send={() => patch(`/api/workspaces/${workspace.id}`, { name: name.trim() })}
      onDone={onDone}
      onCancel={onCancel}
    >
      <FormField label="Name">
        <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </FormModal>
  );
}
