/** The chunk that was cited with the one before and the one after it. */
import { get } from "@/shared/api";
import type { Chunk, Page } from "@/shared/types";

const PAGE_LIMIT = 100;

/** In the order of the document; empty where the chunk is not there any more. Reads page by page, no further than needed. */
export async function neighbours(workspaceId: string, documentId: string, chunkId: string): Promise<Chunk[]> {
  let cursor: string | null | undefined;
  let seen: Chunk[] = [];
  do {
    const query = `limit=${PAGE_LIMIT}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`;
    const page = await get<Page<Chunk>>(`/api/workspaces/${workspaceId}/documents/${documentId}/chunks?${query}`);
    seen = [...seen.slice(-2), ...page.items];
    cursor = page.nextCursor;
    const at = seen.findIndex((chunk) => chunk.chunkId === chunkId);
    if (at >= 0 && (at + 1 < seen.length || !cursor)) return seen.slice(Math.max(0, at - 1), at + 2);
  } while (cursor);
  return [];
}
