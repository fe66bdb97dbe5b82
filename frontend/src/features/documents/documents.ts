/** The documents of a workspace as the server has them, and what can be done with one. */
import { queryOptions } from "@tanstack/react-query";
import { get, list, patch, tell } from "@/shared/api";
import { showFailure } from "@/shared/notices";
import { queryClient, workspacesQuery } from "@/shared/queries";
import type { Document, DocumentChange } from "@/shared/types";

const POLL_MS = 1000;
const MOST_SHOWN = 2000;

export const isUnfinished = (document: Document): boolean =>
  ["awaiting", "submitted", "processing"].includes(document.status);

/** Whether its file can be brought anew: one that somebody uploads, once its first bytes have come. */
export const isReplaceable = (document: Document): boolean =>
  document.type === "file" && document.parentId === undefined && document.status !== "awaiting";

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

export const documentQuery = (workspaceId: string, documentId: string) =>
  queryOptions({
    queryKey: ["documents", workspaceId, "one", documentId],
    queryFn: () => get<Document>(`${pathOf(workspaceId)}/${documentId}`),
    refetchInterval: ({ state }) => (state.data !== undefined && isUnfinished(state.data) ? POLL_MS : false),
  });

/** The pages of a site, or the entries of a feed; asked again while the site is being read. */
export const childrenQuery = (document: Document) =>
  queryOptions({
    queryKey: ["documents", document.workspaceId, "of", document.id],
    queryFn: () => list<Document>(`${pathOf(document.workspaceId)}?parentId=${document.id}`, MOST_SHOWN),
    refetchInterval: ({ state }) => (isUnfinished(document) || state.data?.some(isUnfinished) ? POLL_MS : false),
  });

/** Throws Refused or Unreachable. */
export async function change(document: Document, what: DocumentChange): Promise<Document> {
  const changed = await patch<Document>(`${pathOf(document.workspaceId)}/${document.id}`, what);
  await reloadDocuments(document.workspaceId);
  return changed;
}

/** One after the other; those that cannot be are told of at the top of the page. */
export async function retryAll(documents: readonly Document[]): Promise<void> {
  for (const document of documents) await retry(document);
}

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
