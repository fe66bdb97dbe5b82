/** What several features read from the server: one key and one function for each. */
import { QueryClient, queryOptions } from "@tanstack/react-query";
import { get, list } from "@/shared/api";
import { Refused } from "@/shared/problem";
import type { Me, Model, Page, Workspace } from "@/shared/types";

const POLL_MS = 1000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && !(error instanceof Refused && error.status < 500),
    },
  },
});

/** Polled while one is being made or deleted. */
export const workspacesQuery = queryOptions({
  queryKey: ["workspaces"],
  queryFn: () => list<Workspace>("/api/workspaces"),
  refetchInterval: ({ state }) =>
    state.data?.some((workspace) => !["ready", "error"].includes(workspace.status)) ? POLL_MS : false,
});

/** What this server can do, and this user may do. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => get<Me>("/api/me"),
  staleTime: 60_000,
});

export const modelsQuery = queryOptions({
  queryKey: ["llms"],
  queryFn: async () => (await get<Page<Model>>("/api/llms")).items,
  staleTime: 60_000,
});
