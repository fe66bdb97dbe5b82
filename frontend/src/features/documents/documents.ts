/** The documents of a workspace as the server has them, and what can be done with one. */
import { queryOptions } from "@tanstack/react-query";
import { list, tell } from "@/shared/api";
import { showFailure } from "@/shared/notices";
import { queryClient, workspacesQuery } from "@/shared/queries";
import type { Document } from "@/shared/types";

const POLL_MS = 1000;
const MOST_SHOWN = 2000;

export const isUnfinished = (document: Document): boolean =>
  ["awaiting", "submitted", "processing"].includes(document.status);

const pathOf = (workspaceId: string): string => `/api/workspaces/${workspaceId}/documents`;

/** Asked again every second while something is on its way, else not. */
export const documentsQuery = (workspaceId: string) =>
  queryOptions({
    queryKey: ["documents", workspaceId],
    queryFn: async () => {
      const documents = await list<Document>(pathOf(workspaceId), MOST_SHOWN);
      void queryClient.invalidateQueries({ queryKey: workspacesQuery.queryKey }); // its counts stand above the table
      return documents;
    },
    refetchInterval: ({ state }) => (state.data?.some(isUnfinished) ? POLL_MS : false),
  });

export async function reloadDocuments(workspaceId: string): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: ["documents", workspaceId] });
}

async function act(document: Document, verb: "retry" | "cancel"): Promise<void> {
  await tell("POST", `${pathOf(document.workspaceId)}/${document.id}/${verb}`).catch((error: unknown) =>
    showFailure(`${verb} "${document.title}"`, error),
  );
  await reloadDocuments(document.workspaceId);
}

export const retry = (document: Document): Promise<void> => act(document, "retry");
export const cancel = (document: Document): Promise<void> => act(document, "cancel");

/** Throws Refused or Unreachable. */
export async function remove(document: Document): Promise<void> {
  await tell("DELETE", `${pathOf(document.workspaceId)}/${document.id}`);
  await reloadDocuments(document.workspaceId);
}
