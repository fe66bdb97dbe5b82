/** The sample workspace: the product's own guide, brought in as texts. */
import { list, post } from "@/shared/api";
import { refusedBy, Unreachable } from "@/shared/problem";
import { SAMPLE_NAME } from "@/shared/sample";
import type { Document, Workspace } from "@/shared/types";

type GuidePage = { title: string; url: string };
/** How far it is: `done` of `total` pages in the given stage. */
export type SampleProgress = { stage: "adding" | "reading"; done: number; total: number };

const POLL_MS = 500;

async function read(url: string): Promise<Response> {
  const answer = await fetch(url).catch(() => {
    throw new Unreachable();
  });
  if (!answer.ok) throw refusedBy(answer.status, await answer.text());
  return answer;
}

const isSettled = (document: Document): boolean => ["processed", "error", "cancelled"].includes(document.status);

/** The sample as far as an earlier try came, or a new one. */
async function sampleWorkspace(): Promise<Workspace> {
  const existing = (await list<Workspace>("/api/workspaces")).find((workspace) => workspace.name === SAMPLE_NAME);
  return existing ?? post<Workspace>("/api/workspaces", { name: SAMPLE_NAME });
}

/** Resolves when every page has been read. Safe to repeat. Throws Refused or Unreachable. */
export async function makeSample(onProgress: (progress: SampleProgress) => void): Promise<Workspace> {
  const pages = (await (await read("/guide/index.json")).json()) as GuidePage[];
  const workspace = await sampleWorkspace();
  const documents = `/api/workspaces/${workspace.id}/documents`;
  const there = new Set((await list<Document>(documents)).map((document) => document.title));
  for (const [done, page] of pages.entries()) {
    onProgress({ stage: "adding", done, total: pages.length });
    if (there.has(page.title)) continue;
    const content = await (await read(page.url)).text();
    await post<Document>(`${documents}/text`, { title: page.title, content });
  }
  for (;;) {
    const settled = (await list<Document>(documents)).filter(isSettled).length;
    onProgress({ stage: "reading", done: settled, total: pages.length });
    if (settled >= pages.length) return workspace;
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}
