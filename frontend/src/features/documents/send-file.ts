/** Bring one file: ask for a ticket, then send the bytes as the ticket says. */
import { post } from "@/shared/api";
import { storeRefusedBy, StoreUnreachable } from "@/features/documents/store-words";
import { refusedBy, Unreachable } from "@/shared/problem";
import type { FileUpload, Ticket, UploadTicket } from "@/shared/types";

const DIGEST_MOST_BYTES = 256 * 2 ** 20; // a browser makes it of the whole file in memory

/** What the ticket wants sent: the bytes alone, or a form with every field and then the file. */
export function bodyFor(ticket: Ticket, file: File): File | FormData {
  if (ticket.method === "PUT") return file;
  const form = new FormData();
  for (const [name, value] of Object.entries(ticket.fields)) form.append(name, value);
  form.append("file", file);
  return form;
}

/** XMLHttpRequest, because fetch does not tell how much has been sent. */
function transfer(ticket: Ticket, file: File, signal: AbortSignal, onSent: (bytes: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(ticket.method, ticket.url);
    for (const [name, value] of Object.entries(ticket.headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onSent(Math.min(event.loaded, file.size));
    const isElsewhere = new URL(ticket.url, location.href).origin !== location.origin;
    const refused = isElsewhere ? storeRefusedBy : refusedBy;
    request.onload = () => (request.status < 300 ? resolve() : reject(refused(request.status, request.responseText)));
    request.onerror = () => reject(isElsewhere ? new StoreUnreachable() : new Unreachable());
    request.onabort = () => reject(new DOMException("Upload cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(bodyFor(ticket, file));
  });
}

/** SHA-256 in hex. Undefined for a large file, and where a browser makes none: away from https and this machine. */
async function digestOf(file: File): Promise<string | undefined> {
  if (!isSecureContext || file.size > DIGEST_MOST_BYTES) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** `replaces`: the id of the document whose new version it is. Resolves when the server has every byte: to false where
 *  it has had them already, and none was sent. Throws Refused (with the server's own limit) or Unreachable. */
export async function sendFile(
  workspaceId: string,
  file: File,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
  replaces?: string,
): Promise<boolean> {
  const wanted: FileUpload = {
    fileName: file.name,
    sizeBytes: file.size,
    ...(file.type && { contentType: file.type }),
    ...(replaces && { replaces, sha256: await digestOf(file) }),
  };
  const leave = await post<UploadTicket>(`/api/workspaces/${workspaceId}/documents/file-upload`, wanted);
  signal.throwIfAborted();
  if (leave.upload) await transfer(leave.upload, file, signal, onSent);
  return leave.upload !== undefined;
}
