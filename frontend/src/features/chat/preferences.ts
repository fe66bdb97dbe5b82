/** Which workspace and model the next question goes to; kept in this browser. */
import { readSaved, save } from "@/shared/saved";
import { Store } from "@/shared/store";
import type { Model, ModelKwargs, Workspace } from "@/shared/types";

/** `workspaceId`: null is plain conversation, undefined was never chosen. `model`: provider and name. */
export type Preferences = {
  workspaceId?: string | null;
  model?: { provider: string; name: string };
  modelKwargs?: ModelKwargs;
};

const KEY = "kosha.chat";
export const preferences = new Store<Preferences>(readSaved<Preferences>(KEY, {}));
preferences.subscribe(() => save(KEY, preferences.get()));

export function prefer(change: Preferences): void {
  preferences.update((before) => ({ ...before, ...change }));
}

/** What was chosen while it is there, else the first that is ready; null is plain conversation. */
export function chosenWorkspace(
  chosen: Preferences["workspaceId"],
  workspaces: readonly Workspace[],
): Workspace | null {
  if (chosen === null) return null;
  return (
    workspaces.find((workspace) => workspace.id === chosen) ??
    workspaces.find((workspace) => workspace.status === "ready") ??
    null
  );
}

export function chosenModel(chosen: Preferences["model"], models: readonly Model[]): Model | undefined {
  const usable = models.filter((model) => model.available);
  return usable.find((model) => model.provider === chosen?.provider && model.name === chosen.name) ?? usable[0];
}
