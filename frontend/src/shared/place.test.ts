import { afterEach, expect, test, vi } from "vitest";
import { findPlace, place } from "@/shared/place";
import { Unreachable } from "@/shared/problem";

const POOL = { signIn: "cognito", region: "eu-west-1", userPoolId: "eu-west-1_a", userPoolClientId: "b" };
const served = (reply: () => Promise<Response>): void => void vi.stubGlobal("fetch", reply);

afterEach(() => {
  vi.unstubAllGlobals();
  place.set({ signIn: "local" });
});

test("a user pool is found", async () => {
  served(() => Promise.resolve(Response.json(POOL)));
  await findPlace();
  expect(place.get()).toEqual(POOL);
});

test.each([
  ["says so", () => Response.json({ signIn: "local" })],
  ["has no such file", () => new Response("Not found", { status: 404 })],
  ["gives its page for it", () => new Response("<!doctype html>")],
  ["names no pool", () => Response.json({ signIn: "cognito", region: "eu-west-1" })],
])("a server that %s signs people in itself", async (_, reply) => {
  served(() => Promise.resolve(reply()));
  await findPlace();
  expect(place.get()).toEqual({ signIn: "local" });
});

test("a server that is away is not taken for one that tells nothing", async () => {
  served(() => Promise.reject(new TypeError("failed")));
  await expect(findPlace()).rejects.toBeInstanceOf(Unreachable);
});
