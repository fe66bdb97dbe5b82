/** Where the next question is asked, and which model answers it. */
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import type { Ref } from "react";
import type { Model, Workspace } from "@/shared/types";

const PLAIN = "";

export function WorkspacePicker({
  ref,
  workspaces,
  chosen,
  onChoose,
}: {
  ref?: Ref<SelectProps.Ref>;
  workspaces: readonly Workspace[];
  chosen: Workspace | null;
  onChoose: (id: string | null) => void;
}) {
  const plain: SelectProps.Option = {
    value: PLAIN,
    label: "No workspace",
    description: "Plain conversation, nothing is searched",
  };
  const options = workspaces.map((workspace) => ({
    value: workspace.id,
    label: workspace.name,
    disabled: workspace.status !== "ready",
    description: workspace.status === "ready" ? undefined : (workspace.statusReason ?? workspace.status),
  }));
  return (
    <Select
      ref={ref}
      ariaLabel="Workspace"
      inlineLabelText="Workspace"
      options={[...options, plain]}
      selectedOption={chosen === null ? plain : { value: chosen.id, label: chosen.name }}
      onChange={({ detail }) => onChoose(detail.selectedOption.value || null)}
      filteringType={workspaces.length > 8 ? "auto" : "none"}
      filteringAriaLabel="Find a workspace"
      expandToViewport
    />
  );
}

const keyOf = (model: Model): string => `${model.provider}/${model.name}`;

export function ModelPicker({
  models,
  chosen,
  onChoose,
}: {
  models: readonly Model[];
  chosen: Model | undefined;
  onChoose: (model: Model) => void;
}) {
  const options = models.map((model) => ({
    value: keyOf(model),
    label: model.label,
    labelTag: model.provider,
    disabled: !model.available,
    description: model.available ? undefined : (model.reason ?? "Not available now"),
  }));
  return (
    <Select
      ariaLabel="Model"
      inlineLabelText="Model"
      options={options}
      selectedOption={chosen === undefined ? null : { value: keyOf(chosen), label: chosen.label }}
      onChange={({ detail }) => {
        const model = models.find((one) => keyOf(one) === detail.selectedOption.value);
        if (model) onChoose(model);
      }}
      placeholder="No model available"
      filteringType={models.length > 8 ? "auto" : "none"}
      filteringAriaLabel="Find a model"
      expandToViewport
    />
  );
}
