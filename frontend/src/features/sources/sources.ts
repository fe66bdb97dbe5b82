/** The folders and buckets that a workspace follows. */
import { queryOptions } from "@tanstack/react-query";
import { list, tell } from "@/shared/api";
import { showFailure } from "@/shared/notices";
import { queryClient } from "@/shared/queries";
import type { Source } from "@/shared/types";

const POLL_MS = 1000;

export const pathOf = (workspaceId: string): string => `/api/workspaces/${workspaceId}/sources`;

/** Asked again every second while one is looked at. */
export const sourcesQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ["sources", workspaceId],
    queryFn: () => list<Source>(pathOf(workspaceId)),
    refetchInterval: ({ state }) =>
      state.data?.some((source) => ["waiting", "syncing"].includes(source.status)) ? POLL_MS : false,
  });

export async function reloadSources(workspaceId: string): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ["sources", workspaceId] });
}

export async function sync(source: Source): Promise<void> {
  await tell("POST", `${pathOf(source.workspaceId)}/${source.id}/sync`).catch((error: unknown) =>
    showFailure(`look at "${source.location}"`, error),
  );
  await reloadSources(source.workspaceId);
}

/** Throws Refused or Unreachable. */
export async function remove(source: Source): Promise<void> {
  await tell("DELETE", `${pathOf(source.workspaceId)}/${source.id}`);
  await reloadSources(source.workspaceId);
}
