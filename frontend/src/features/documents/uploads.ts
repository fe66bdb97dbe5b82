/** Files on their way: a queue that goes on while one looks elsewhere. */
import { reloadDocuments } from "@/features/documents/documents";
import { sendVersion } from "@/features/documents/replacement";
import { sendFile } from "@/features/documents/send-file";
import { messageOf, Refused } from "@/shared/problem";
import { Store } from "@/shared/store";
import type { Document } from "@/shared/types";
import { uuid } from "@/shared/uuid";

/** `replaces`: whose new version it is. `sent`: bytes. `reason`: why it failed, in the server's words; `refused`: the
 *  same file would be refused again. */
export type Upload = {
  id: string;
  workspaceId: string;
  file: File;
  replaces?: Document;
  state: "queued" | "sending" | "done" | "failed";
  sent: number;
  reason?: string;
  refused?: boolean;
};

const AT_ONCE = 3;
const DONE_SHOWN_MS = 5_000;
const aborts = new Map<string, AbortController>();

export const uploads = new Store<readonly Upload[]>([]);

export const isOnItsWay = (upload: Upload): boolean => upload.state === "queued" || upload.state === "sending";

window.addEventListener("beforeunload", (event) => {
  if (uploads.get().some(isOnItsWay)) event.preventDefault();
});

function change(id: string, what: Partial<Upload>): void {
  uploads.update((all) => all.map((upload) => (upload.id === id ? { ...upload, ...what } : upload)));
}

export function upload(workspaceId: string, files: readonly File[]): void {
  enqueue(files.map((file): Upload => ({ id: uuid(), workspaceId, file, state: "queued", sent: 0 })));
}

/** The new version of a document's file. */
export function replace(replaces: Document, file: File): void {
  enqueue([{ id: uuid(), workspaceId: replaces.workspaceId, file, replaces, state: "queued", sent: 0 }]);
}

function enqueue(added: readonly Upload[]): void {
  uploads.update((all) => [...all, ...added]);
  pump();
}

export function retryUpload(id: string): void {
  change(id, { state: "queued", sent: 0, reason: undefined });
  pump();
}

/** Ends it if it is on its way, and takes it off the list. */
export function forget(id: string): void {
  aborts.get(id)?.abort();
  uploads.update((all) => all.filter((upload) => upload.id !== id));
}

/** For who signs out: nothing of it goes on or stays. */
export function forgetAll(): void {
  for (const { id } of uploads.get()) forget(id);
}

export function forgetFinished(): void {
  uploads.update((all) => all.filter(isOnItsWay));
}

function pump(): void {
  const free = AT_ONCE - uploads.get().filter((upload) => upload.state === "sending").length;
  for (const next of uploads
    .get()
    .filter((upload) => upload.state === "queued")
    .slice(0, Math.max(0, free)))
    void send(next);
}

async function send({ id, workspaceId, file, replaces }: Upload): Promise<void> {
  const abort = new AbortController();
  aborts.set(id, abort);
  change(id, { state: "sending" });
  try {
    const onSent = (sent: number): void => change(id, { sent });
    const isNew = await (replaces
      ? sendVersion(replaces, file, abort.signal, onSent)
      : sendFile(workspaceId, file, abort.signal, onSent));
    if (isNew) change(id, { state: "done", sent: file.size });
    else forget(id);
  } catch (error) {
    change(id, {
      state: "failed",
      reason: messageOf(error),
      refused: error instanceof Refused && error.status < 500 && ![408, 429].includes(error.status),
    });
  } finally {
    aborts.delete(id);
  }
  void reloadDocuments(workspaceId);
  pump();
  if (uploads.get().every((upload) => upload.state === "done")) setTimeout(forgetDone, DONE_SHOWN_MS);
}

/** A tray where all went well goes by itself. */
function forgetDone(): void {
  if (uploads.get().every((upload) => upload.state === "done")) uploads.set([]);
}
