/** How an answer came about, in one small line; an answer without a source says so. */
import type { Ending } from "@/features/chat/conversation";
import { count, seconds } from "@/shared/format";

const ENDINGS: Partial<Record<Ending["stopReason"], string>> = {
  stopped: "stopped by you",
  length: "cut at the length limit",
  error: "ended early by a fault",
};

/** Null where the answer has its sources. */
export function withoutSource({ stopReason, metadata }: Ending): string | null {
  if ((metadata.citations?.length ?? 0) > 0) return null;
  if (!metadata.workspaceId) return "No source: no workspace was searched for this answer.";
  return stopReason === "refused"
    ? "No source: the documents do not say."
    : "No source: this answer does not rest on your documents.";
}

export function metaWords({ stopReason, metadata }: Ending): string {
  const documents = new Set(metadata.documents?.map((hit) => hit.documentId)).size;
  const total = metadata.timingsMs?.total;
  return [
    documents > 0 && `searched ${count(documents, "document")}`,
    total !== undefined && seconds(total),
    metadata.modelId,
    ENDINGS[stopReason],
    metadata.degraded && "by a stand-in model",
    metadata.cached && "from an earlier answer",
  ]
    .filter(Boolean)
    .join(", ");
}

export function MetaLine({ ending }: { ending: Ending }) {
  const missing = withoutSource(ending);
  return (
    <div className="meta-line">
      {missing !== null && <p className="no-source">{missing}</p>}
      <p>{metaWords(ending)}</p>
    </div>
  );
}
