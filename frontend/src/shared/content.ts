/** Open a document's original bytes in a new tab, or save them when a browser cannot show them safely.
 *  The API answers with a redirect: to this origin, or to a file store elsewhere, which gets no token of ours (a browser
 *  drops the header at another origin) and whose link is good by itself. */
import { reply } from "@/shared/api";
import { showFailure } from "@/shared/notices";

const SHOWN_AS_IS = new Set(["application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"]);
const KEPT_MS = 10 * 60_000;

/** The type to open it with; null means save it. Markup is shown as text: it must not run with our origin's rights. */
export function shownAs(contentType: string): string | null {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (SHOWN_AS_IS.has(type)) return type;
  return type.startsWith("text/") || type === "application/json" ? "text/plain;charset=utf-8" : null;
}

/** Where the bytes are to be opened: their own link where they lie elsewhere, so that a large file is not first read here.
 *  Text is read all the same, and opened as a plain text: a browser may not show it otherwise. */
async function addressOf(answer: Response, type: string | null): Promise<string> {
  const isElsewhere = answer.url !== "" && new URL(answer.url).origin !== location.origin;
  if (isElsewhere && (type === null || type === "application/pdf")) {
    await answer.body?.cancel();
    return answer.url;
  }
  const bytes = await answer.blob();
  const address = URL.createObjectURL(type === null ? bytes : new Blob([bytes], { type }));
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
  return address;
}

function saveAs(url: string, name: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

/** `page` opens a PDF there. Never throws: a failure becomes a notice. */
export async function openContent(
  workspaceId: string,
  documentId: string,
  title: string,
  page?: number | null,
): Promise<void> {
  const tab = window.open("", "_blank"); // now, while the browser still counts this as the user's click
  try {
    const answer = await reply("GET", `/api/workspaces/${workspaceId}/documents/${documentId}/content`);
    const type = shownAs(answer.headers.get("Content-Type") ?? "");
    const url = await addressOf(answer, type);
    if (type === null || tab === null) {
      tab?.close();
      saveAs(url, title);
    } else {
      tab.opener = null;
      tab.location.replace(type === "application/pdf" && page ? `${url}#page=${page}` : url);
    }
  } catch (error) {
    tab?.close();
    showFailure(`open "${title}"`, error);
  }
}
