/** Short messages at the top of the page: what went wrong, what was done, and how to undo it. */
import { messageOf } from "@/shared/problem";
import { Store } from "@/shared/store";
import { uuid } from "@/shared/uuid";

/** `lastsMs`: it goes by itself after that; without, it stays until dismissed. */
export type Notice = {
  id: string;
  type: "error" | "info" | "success" | "warning";
  text: string;
  action?: { label: string; onClick: () => void };
  lastsMs?: number;
};

export const notices = new Store<readonly Notice[]>([]);

export function dismiss(id: string): void {
  notices.update((all) => all.filter((notice) => notice.id !== id));
}

/** Returns the id, for `dismiss`. The same words are not shown twice. */
export function show(notice: Omit<Notice, "id">): string {
  const id = uuid();
  notices.update((all) => [...all.filter((other) => other.text !== notice.text), { ...notice, id }]);
  if (notice.lastsMs !== undefined) setTimeout(() => dismiss(id), notice.lastsMs);
  return id;
}

/** `doing` completes "Could not ...": "delete the workspace". */
export function showFailure(doing: string, error: unknown): void {
  show({ type: "error", text: `Could not ${doing}. ${messageOf(error)}` });
}
