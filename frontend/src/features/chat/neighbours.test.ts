import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { neighbours } from "@/features/chat/neighbours";
import { signedIn } from "@/shared/auth";

const chunk = (index: number) => ({ chunkId: `c${index}`, index, content: `text ${index}`, enabled: true });
const PAGES = [[0, 1, 2], [3, 4, 5], [6]];
let asked: string[] = [];

beforeEach(() => {
  asked = [];
  const user = { id: "u", name: "ada", roles: ["user" as const] };
  signedIn.set({ accessToken: "t", refreshToken: "r", expiresAt: Date.now() + 3_600_000, user });
  vi.stubGlobal("fetch", (url: string) => {
    asked.push(url);
    const page = Number(new URLSearchParams(url.split("?")[1]).get("cursor") ?? 0);
    const nextCursor = page + 1 < PAGES.length ? `${page + 1}` : null;
    return Promise.resolve(new Response(JSON.stringify({ items: PAGES[page]?.map(chunk), nextCursor })));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  signedIn.set(null);
});

const around = async (id: string) => (await neighbours("w", "d", id)).map((one) => one.chunkId);

test("a chunk in the middle of a page needs that page only", async () => {
  expect(await around("c1")).toEqual(["c0", "c1", "c2"]);
  expect(asked).toHaveLength(1);
});

test("neighbours are found over the edge of a page", async () => {
  expect(await around("c2")).toEqual(["c1", "c2", "c3"]);
  expect(await around("c3")).toEqual(["c2", "c3", "c4"]);
});

test("the first, the last and one that is gone", async () => {
  expect(await around("c0")).toEqual(["c0", "c1"]);
  expect(await around("c6")).toEqual(["c5", "c6"]);
  expect(await around("gone")).toEqual([]);
});
