import { expect, test } from "vitest";
import { metaWords, withoutSource } from "@/features/chat/meta-line";
import type { Ending } from "@/features/chat/conversation";

const hit = (documentId: string) => ({
  chunkId: documentId,
  documentId,
  documentType: "file" as const,
  title: "t",
  path: "p",
  content: "c",
  score: 1,
  scores: {},
  ranks: {},
});
const ending = (metadata: Ending["metadata"], stopReason: Ending["stopReason"] = "end"): Ending => ({
  answerId: "a",
  stopReason,
  metadata,
});

test("the line counts documents, not passages", () => {
  expect(
    metaWords(
      ending({
        workspaceId: "w",
        documents: [hit("a"), hit("a"), hit("b")],
        timingsMs: { total: 412 },
        modelId: "m",
      } as Ending["metadata"]),
    ),
  ).toBe("searched 2 documents, 0.4 s, m");
});

test("an answer that was stopped or degraded says so", () => {
  expect(metaWords(ending({ degraded: true }, "stopped"))).toBe("stopped by you, by a stand-in model");
});

test("an answer without a source says so, and why", () => {
  const citations = [{ marker: 1, chunkId: "c", documentId: "d", title: "t", quote: "q" }];
  expect(withoutSource(ending({ workspaceId: "w", citations }))).toBeNull();
  expect(withoutSource(ending({ workspaceId: "w" }, "refused"))).toContain("documents do not say");
  expect(withoutSource(ending({ workspaceId: "w" }))).toContain("does not rest on your documents");
  expect(withoutSource(ending({}))).toContain("no workspace was searched");
});
