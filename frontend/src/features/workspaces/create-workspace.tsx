/** A new workspace: a name is enough. */
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { AdvancedFields, type Advanced } from "@/features/workspaces/advanced-fields";
import { post } from "@/shared/api";
import { FormModal } from "@/shared/form-modal";
import type { Workspace, WorkspaceSettings } from "@/shared/types";

export function CreateWorkspace({
  onDone,
  onCancel,
}: {
  onDone: (workspace: Workspace) => void;
  onCancel: () => void;
}) {
  const [name, setName] = useState("");
  const [advanced, setAdvanced] = useState<Advanced>({});
  const settings: WorkspaceSettings = { name: name.trim(), ...advanced };
  return (
    <FormModal
      title="Create workspace"
      verb="Create workspace"
      disabled={settings.name === ""}
      send={() => post<Workspace>("/api/workspaces", settings)}
      onDone={onDone}
      onCancel={onCancel}
    >
      <FormField label="Name" description="What the documents in it have in common.">
        <Input value={name} autoFocus onChange={({ detail }) => setName(detail.value)} placeholder="Handbook" />
      </FormField>
      <ExpandableSection headerText="Advanced" headerDescription="Everything here has a good default.">
        <AdvancedFields value={advanced} onChange={setAdvanced} />
      </ExpandableSection>
    </FormModal>
  );
}
