/** Above a conversation: where it looks, who answers, and how. */
import Button from "@cloudscape-design/components/button";
import type { SelectProps } from "@cloudscape-design/components/select";
import { lazy, Suspense, useState, type Ref } from "react";
import { ModelPicker, WorkspacePicker } from "@/features/chat/pickers";
import { prefer } from "@/features/chat/preferences";
import type { Model, Workspace } from "@/shared/types";

const AnswerSettings = lazy(() => import("@/features/chat/answer-settings"));

type ToolbarProps = {
  ref: Ref<SelectProps.Ref>;
  workspaces: readonly Workspace[];
  workspace: Workspace | null;
  models: readonly Model[];
  model: Model | undefined;
};

/** `ref`: the workspace picker. */
export function ChatToolbar({ ref, workspaces, workspace, models, model }: ToolbarProps) {
  const [settings, setSettings] = useState(false);
  return (
    <div className="chat-toolbar">
      <WorkspacePicker
        ref={ref}
        workspaces={workspaces}
        chosen={workspace}
        onChoose={(workspaceId) => prefer({ workspaceId })}
      />
      <ModelPicker
        models={models}
        chosen={model}
        onChoose={({ provider, name }) => prefer({ model: { provider, name } })}
      />
      <div className="chat-settings">
        <Button variant="icon" iconName="settings" ariaLabel="Answer settings" onClick={() => setSettings(true)} />
      </div>
      {settings && (
        <Suspense fallback={null}>
          <AnswerSettings onClose={() => setSettings(false)} />
        </Suspense>
      )}
    </div>
  );
}
