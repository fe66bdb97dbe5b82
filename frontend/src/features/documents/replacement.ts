/** A new version of a document's file: sent, and what became of it told at the top of the page. */
import { documentQuery, isUnfinished, reloadDocuments } from "@/features/documents/documents";
import { sendFile } from "@/features/documents/send-file";
import { dismiss, show, type Notice } from "@/shared/notices";
import { queryClient } from "@/shared/queries";
import type { Document } from "@/shared/types";

const LOOK_MS = 1000;
const BEGIN_MS = 30_000; // a store elsewhere tells of new bytes by a queue: a second as a rule
const TOLD_MS = 8000;
const told = new Map<string, string>(); // the notice of each document's last version, by the document's id

const present = (document: Document): Promise<Document> =>
  queryClient.fetchQuery({ ...documentQuery(document.workspaceId, document.id), staleTime: 0 });

/** The ending of a name in lower case, with its dot: what two versions of a document have in common. "" for none. */
export const endingOf = (name: string): string => /[^/](\.[^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";

/** Why these cannot be the new version, or null. */
export function refusalOf(document: Document, files: readonly File[]): string | null {
  const ending = endingOf(document.path);
  const [file] = files;
  if (file === undefined || files.length > 1) return "One file takes the place of one. Choose a single file.";
  if (endingOf(file.name) === ending) return null;
  const wanted = ending === "" ? "has no ending" : `ends in ${ending}`;
  return `${file.name} is another kind of file than "${document.title}": its new version ${wanted}.`;
}

/** Resolves when the server has every byte: to false where the document is made of them already. Throws as `sendFile`. */
export async function sendVersion(
  document: Document,
  file: File,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<boolean> {
  const before = await present(document);
  const isNew = await sendFile(document.workspaceId, file, signal, onSent, document.id);
  if (isNew) void tellOutcome(before);
  else tell(before, "info", `Nothing changed: "${document.title}" already has this file.`);
  return isNew;
}

/** Instead of what was told of an earlier version. An error stays until it is dismissed. */
function tell({ id }: Document, type: Notice["type"], text: string): void {
  dismiss(told.get(id) ?? "");
  told.set(id, show({ type, text, ...(type !== "error" && { lastsMs: TOLD_MS }) }));
}

/** Once the import that began after `before` has ended: every import has a higher `run` than the one before. */
async function tellOutcome(before: Document): Promise<void> {
  const { title, run } = before;
  const patience = Date.now() + BEGIN_MS;
  let now = before;
  try {
    while (now.run === run ? Date.now() < patience : isUnfinished(now)) {
      await new Promise((go) => setTimeout(go, LOOK_MS));
      const begins = now.run === run;
      now = await present(before);
      if (now.run > run && (begins || !isUnfinished(now))) void reloadDocuments(now.workspaceId);
    }
  } catch {
    return; // signed out, deleted or away: who looks at the document sees how it stands
  }
  if (now.run === run)
    tell(before, "info", `"${title}" is as before: it already had this file, or the new one still waits to be read.`);
  else if (now.status === "processed") tell(before, "success", `"${title}" answers from its new file.`);
  else if (now.status === "error") {
    const kept = now.vectors > 0 ? " The one before still answers." : "";
    tell(before, "error", `The new file of "${title}" could not be read. ${now.error?.message ?? ""}${kept}`);
  }
}
