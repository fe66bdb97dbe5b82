import { afterEach, expect, test, vi } from "vitest";
import { admit, current, hasEnded, signedIn } from "@/shared/auth";
import { byLink } from "@/shared/local-desk";
import { Refused, Unreachable } from "@/shared/problem";

const grant = (name: string, expiresIn = 3600) => ({
  accessToken: `access ${name}`,
  refreshToken: `refresh ${name}`,
  expiresIn,
  user: { id: "u", name: "ada", roles: ["user"] },
});
const accessToken = async () => (await current()).accessToken;
const reply = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });

async function signedInFor(expiresIn: number): Promise<void> {
  vi.stubGlobal("fetch", () => Promise.resolve(reply(grant("first", expiresIn))));
  admit(await byLink("link"));
}

afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
  signedIn.set(null);
});

test("a fresh token is used as it is", async () => {
  await signedInFor(3600);
  expect(await accessToken()).toBe("access first");
});

test("a token about to expire is renewed once, however many ask for it", async () => {
  await signedInFor(30);
  const calls = vi.fn(() => Promise.resolve(reply(grant("second"))));
  vi.stubGlobal("fetch", calls);
  expect(await Promise.all([accessToken(), accessToken(), accessToken()])).toEqual([
    "access second",
    "access second",
    "access second",
  ]);
  expect(calls).toHaveBeenCalledOnce();
});

test("a refused renewal signs out", async () => {
  await signedInFor(30);
  vi.stubGlobal("fetch", () => Promise.resolve(reply({ detail: "This refresh token was used before." }, 401)));
  await expect(accessToken()).rejects.toBeInstanceOf(Refused);
  expect([signedIn.get(), hasEnded.get()]).toEqual([null, true]);
});

test("a server that is away does not sign out", async () => {
  await signedInFor(30);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
  await expect(accessToken()).rejects.toBeInstanceOf(Unreachable);
  expect(signedIn.get()?.accessToken).toBe("access first");
});
