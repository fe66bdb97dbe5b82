/** Where the next question goes, and which model answers it. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { chosenModel, chosenWorkspace, preferences } from "@/features/chat/preferences";
import type { Choice } from "@/features/chat/use-chat";
import { modelsQuery, workspacesQuery } from "@/shared/queries";
import { useStore } from "@/shared/store";

/** `waiting`: not read yet; `failed`: could not be read. A question asked meanwhile would go to the wrong place. */
export type Known = "known" | "waiting" | "failed";

export function useChoice() {
  const workspacesRead = useQuery(workspacesQuery);
  const modelsRead = useQuery(modelsQuery);
  const unread = [workspacesRead, modelsRead].filter((query) => query.data === undefined);
  const known: Known = unread.length === 0 ? "known" : unread.some((query) => query.error) ? "failed" : "waiting";
  const readAgain = (): void => unread.forEach((query) => void query.refetch());
  const workspaces = workspacesRead.data ?? [];
  const models = modelsRead.data ?? [];
  const chosen = useStore(preferences);
  const workspace = chosenWorkspace(chosen.workspaceId, workspaces);
  const model = chosenModel(chosen.model, models);
  const choice = useMemo<Choice>(
    () => ({
      ...(workspace && { workspaceId: workspace.id }),
      ...(model && { provider: model.provider, modelName: model.name }),
      ...(chosen.modelKwargs && { modelKwargs: chosen.modelKwargs }),
    }),
    [workspace, model, chosen.modelKwargs],
  );
  return { known, readAgain, workspaces, models, workspace, model, choice };
}
