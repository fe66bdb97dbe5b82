import { afterEach, expect, test, vi } from "vitest";
import { admit } from "@/shared/auth";
import { openContent, shownAs } from "@/shared/content";

test("markup is opened as plain text, never as a page of our origin", () => {
  expect(shownAs("text/html; charset=utf-8")).toBe("text/plain;charset=utf-8");
  expect(shownAs("image/svg+xml")).toBeNull();
  expect(shownAs("application/xhtml+xml")).toBeNull();
});

test("what a browser shows safely is opened, the rest is saved", () => {
  expect(shownAs("application/pdf")).toBe("application/pdf");
  expect(shownAs("application/vnd.openxmlformats-officedocument.wordprocessingml.document")).toBeNull();
});

const LINK = "https://files.example/original?signature=s";
const tab = () => ({ opener: {}, close: vi.fn(), location: { replace: vi.fn() } });

/** A file store that the API has redirected to. */
function stored(contentType: string): void {
  const reply = new Response("bytes", { headers: { "Content-Type": contentType } });
  Object.defineProperty(reply, "url", { value: LINK });
  vi.stubGlobal("fetch", () => Promise.resolve(reply));
  const user = { id: "u", name: "ada", roles: ["user" as const] };
  admit({ accessToken: "t", expiresAt: Date.now() + 3_600_000, user });
}

afterEach(() => {
  vi.unstubAllGlobals();
  admit(null);
});

test("a PDF in a file store elsewhere opens at its own link, at the page", async () => {
  stored("application/pdf");
  const opened = tab();
  vi.stubGlobal("open", () => opened);
  await openContent("w", "d", "handbook.pdf", 12);
  expect(opened.location.replace).toHaveBeenCalledWith(`${LINK}#page=12`);
});

test("text in a file store elsewhere is read and shown as plain text", async () => {
  stored("text/markdown");
  const opened = tab();
  vi.stubGlobal("open", () => opened);
  await openContent("w", "d", "notes.md");
  expect(opened.location.replace).toHaveBeenCalledWith(expect.stringMatching(/^blob:/));
});
