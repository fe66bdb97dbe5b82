import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { endingOf, refusalOf } from "@/features/documents/replacement";
import { forgetAll, replace, uploads } from "@/features/documents/uploads";
import { signedIn } from "@/shared/auth";
import { FakeTransfer } from "@/shared/fake-transfer";
import { notices } from "@/shared/notices";
import { queryClient } from "@/shared/queries";
import type { Document, FileUpload } from "@/shared/types";

const handbook = {
  id: "d",
  workspaceId: "w",
  type: "file",
  title: "Handbook",
  path: "rules/handbook.MD",
  status: "processed",
  run: 1,
  vectors: 3,
} as Document;
const file = new File(["new"], "2027.md");
const SHA256_OF_NEW = "11507a0e2f5e69d5dfa40a62a1bd7b6ee57e6bcd85c67c9b8431b36fff21c437";

let present: Document;
let asked: FileUpload[];

/** A server that has the document `present`, and gives leave as told to bring another version. */
function serves(leave: unknown, status = 201): void {
  vi.stubGlobal("fetch", (path: string, { method, body }: { method: string; body?: string }) => {
    if (method === "GET")
      return Promise.resolve(new Response(JSON.stringify(path.endsWith("/d") ? present : { items: [] })));
    asked.push(JSON.parse(body ?? "") as FileUpload);
    return Promise.resolve(new Response(JSON.stringify(leave), { status }));
  });
}
const becomes = (what: Partial<Document>): void => void (present = { ...present, ...what });
const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const told = (): string[] => notices.get().map(({ type, text }) => `${type}: ${text}`);
const TICKET = { documentId: "d", upload: { method: "PUT", url: "/upload/1", headers: {}, fields: {} } };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
  vi.stubGlobal("XMLHttpRequest", FakeTransfer);
  vi.stubGlobal("isSecureContext", true);
  FakeTransfer.all = [];
  [present, asked] = [handbook, []];
  const user = { id: "u", name: "ada", roles: ["user" as const] };
  signedIn.set({ accessToken: "t", refreshToken: "r", expiresAt: Date.now() + 3_600_000, user });
});
afterEach(() => {
  forgetAll();
  notices.set([]);
  queryClient.clear();
  signedIn.set(null);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The new version is on its way: its transfer. */
async function sending(): Promise<FakeTransfer> {
  replace(handbook, file);
  await vi.waitFor(() => expect(FakeTransfer.all).toHaveLength(1));
  return FakeTransfer.latest();
}

test("the same bytes are not sent, and that is told", async () => {
  serves({ documentId: "d" });
  replace(handbook, file);
  await vi.waitFor(() => expect(told()).toEqual(['info: Nothing changed: "Handbook" already has this file.']));
  expect(asked).toEqual([{ fileName: "2027.md", sizeBytes: 3, replaces: "d", sha256: SHA256_OF_NEW }]);
  expect([uploads.get(), FakeTransfer.all]).toEqual([[], []]);
});

test("a version is told of when it has been read, not before", async () => {
  serves(TICKET);
  const transfer = await sending();
  transfer.tell(2);
  expect(uploads.get()[0]).toMatchObject({ state: "sending", sent: 2 });
  transfer.end(204);
  becomes({ run: 2, status: "processing" });
  await passes(60_000);
  expect(told()).toEqual([]);
  becomes({ status: "processed" });
  await passes(1_000);
  expect(told()).toEqual(['success: "Handbook" answers from its new file.']);
});

test("a version that cannot be read is told of with its reason, and with what answers now", async () => {
  serves(TICKET);
  (await sending()).end(204);
  becomes({ run: 2, status: "error", error: { code: "empty", message: "The file is empty.", retryable: false } });
  await passes(1_000);
  expect(told()).toEqual([
    'error: The new file of "Handbook" could not be read. The file is empty. The one before still answers.',
  ]);
});

test("what is told of a later version takes the place of what was told before", async () => {
  serves(TICKET);
  (await sending()).end(204);
  becomes({ run: 2, status: "error" });
  await passes(1_000);
  serves({ documentId: "d" });
  replace(handbook, file);
  await vi.waitFor(() => expect(told()).toEqual(['info: Nothing changed: "Handbook" already has this file.']));
});

test("an import that somebody cancelled says nothing more", async () => {
  serves(TICKET);
  (await sending()).end(204);
  becomes({ run: 2, status: "cancelled" });
  await passes(60_000);
  expect(told()).toEqual([]);
});

test("where no digest is made, bytes that change nothing are told of after a while", async () => {
  vi.stubGlobal("isSecureContext", false);
  serves(TICKET);
  (await sending()).end(204);
  await passes(31_000);
  expect(asked[0]?.sha256).toBeUndefined();
  expect(told()).toEqual([
    'info: "Handbook" is as before: it already had this file, or the new one still waits to be read.',
  ]);
});

test("what the server refuses stands in the tray in its words", async () => {
  serves({ detail: "The file has 3 bytes; 2 are allowed." }, 413);
  replace(handbook, file);
  await vi.waitFor(() =>
    expect(uploads.get()[0]).toMatchObject({
      state: "failed",
      refused: true,
      reason: "The file has 3 bytes; 2 are allowed.",
    }),
  );
});

test("a version is a single file with the ending of the one before", () => {
  const other = new File([], "handbook.pdf");
  expect(refusalOf(handbook, [file])).toBeNull();
  expect(refusalOf(handbook, [other])).toBe(
    'handbook.pdf is another kind of file than "Handbook": its new version ends in .md.',
  );
  expect(refusalOf(handbook, [file, file])).toContain("Choose a single file");
  expect(refusalOf({ ...handbook, path: "LICENSE" }, [other])).toContain("has no ending");
});

test("an ending is what follows the last dot of a name that has more", () => {
  expect(["a/b.TAR.GZ", "a.b/c", ".hidden", "x."].map(endingOf)).toEqual([".gz", "", "", ""]);
});
