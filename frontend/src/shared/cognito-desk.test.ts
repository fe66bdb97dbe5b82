import { signIn } from "aws-amplify/auth";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { get } from "@/shared/api";
import { admit, current, hasEnded, signedIn, signOut } from "@/shared/auth";
import { cognitoDesk, justSignedIn, signInHost } from "@/shared/cognito-desk";
import { FakeCognito, POOL, tokens } from "@/shared/fake-cognito";
import { place, type Cognito } from "@/shared/place";

let cognito: FakeCognito;

async function signInAt(pool: Cognito, claims: object = {}): Promise<void> {
  place.set(pool);
  cognitoDesk(pool);
  cognito.willAnswer("RespondToAuthChallenge", tokens("ada", claims));
  await signIn({ username: "ada", password: "word" });
  admit(await justSignedIn(pool));
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  cognito = new FakeCognito();
  vi.stubGlobal("fetch", cognito.fetch);
});
afterEach(() => {
  vi.unstubAllGlobals();
  admit(null);
  hasEnded.set(false);
  place.set({ signIn: "local" });
});

test("groups of the pool are roles, and who is in none of ours is a user", async () => {
  await signInAt(POOL, { "cognito:groups": ["staff", "admin"] });
  expect(signedIn.get()?.user).toEqual({ id: "id of ada", name: "ada", roles: ["admin"] });
  await signOut();
  await signInAt(POOL);
  expect(signedIn.get()?.user.roles).toEqual(["user"]);
});

test("a token is renewed before it ends", async () => {
  await signInAt(POOL);
  const first = signedIn.get();
  if (first) admit({ ...first, expiresAt: Date.now() + 60_000 });
  cognito.willAnswer("GetTokensFromRefreshToken", tokens("ada", { renewed: true }));
  expect((await current()).accessToken).not.toBe(first?.accessToken);
});

test("a sign-in that the pool has ended is over here too", async () => {
  await signInAt(POOL);
  const ended = { refused: "NotAuthorizedException", message: "Refresh Token has been revoked" };
  cognito.willAnswer("GetTokensFromRefreshToken", ended);
  const now = signedIn.get();
  if (now) admit({ ...now, expiresAt: Date.now() });
  await expect(current()).rejects.toThrow("Your sign-in has expired.");
  expect([signedIn.get(), hasEnded.get()]).toEqual([null, true]);
});

test("who signs out takes the refresh token with them, and is not told that it ended", async () => {
  await signInAt(POOL);
  await signOut();
  expect(cognito.asked("RevokeToken")).toMatchObject([{ Token: "refresh ada" }]);
  expect([signedIn.get(), hasEnded.get()]).toEqual([null, false]);
});

test.each([
  ["access", undefined],
  ["id", "id" as const],
])("REST calls carry the %s token where /kosha.json says so", async (use, restToken) => {
  await signInAt({ ...POOL, restToken });
  const seen: string[] = [];
  vi.stubGlobal("fetch", (_: string, request: RequestInit) => {
    seen.push(new Headers(request.headers).get("Authorization") ?? "");
    return Promise.resolve(Response.json({}));
  });
  await get("/api/me");
  expect(JSON.parse(atob(seen[0]?.split(".")[1] ?? ""))).toMatchObject({ token_use: use });
});

test("who is refused with a renewed token too has to sign in again", async () => {
  await signInAt(POOL);
  const calls: string[] = [];
  cognito.willAnswer("GetTokensFromRefreshToken", tokens("ada", { renewed: true }));
  vi.stubGlobal("fetch", (address: string | URL, request: RequestInit) => {
    if (!String(address).startsWith("/api/")) return cognito.fetch(address, request);
    calls.push(String(address));
    return Promise.resolve(Response.json({ detail: "Sign in again." }, { status: 401 }));
  });
  await expect(get("/api/me")).rejects.toThrow("Sign in again.");
  expect([calls.length, signedIn.get(), hasEnded.get()]).toEqual([2, null, true]);
});

test("people of another house change their password there", async () => {
  await signInAt(POOL, { identities: [{ providerName: "Larkspur" }] });
  expect(signedIn.get()?.byProvider).toBe(true);
});

test("the pool's own pages are at a prefix of Amazon's domain, or at a domain of its own", () => {
  expect(signInHost(POOL)).toBeNull();
  expect(signInHost({ ...POOL, signInDomain: "larkspur" })).toBe("larkspur.auth.eu-west-1.amazoncognito.com");
  expect(signInHost({ ...POOL, signInDomain: "sign-in.larkspur.example" })).toBe("sign-in.larkspur.example");
});
