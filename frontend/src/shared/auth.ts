/** Who is signed in here, and an access token that is always fresh. Refresh tokens are good once, so all tabs take turns. */
import { Refused, refusedBy, Unreachable } from "@/shared/problem";
import { readSaved, save } from "@/shared/saved";
import { Store } from "@/shared/store";
import type { SignedIn as Reply, User } from "@/shared/types";

/** `expiresAt`: ms since 1970. */
export type SignedIn = { accessToken: string; refreshToken: string; expiresAt: number; user: User };

const KEY = "kosha.signed-in";
const LOCK = "kosha.refresh";
const MARGIN_MS = 60_000;

export const signedIn = new Store<SignedIn | null>(readSaved<SignedIn | null>(KEY, null));

window.addEventListener("storage", (event) => {
  if (event.key === KEY) signedIn.set(readSaved<SignedIn | null>(KEY, null));
});

function keep(reply: Reply | null): SignedIn | null {
  const next = reply && {
    accessToken: reply.accessToken,
    refreshToken: reply.refreshToken,
    expiresAt: Date.now() + reply.expiresIn * 1000,
    user: reply.user,
  };
  save(KEY, next);
  signedIn.set(next);
  return next;
}

async function post(path: string, body: unknown, token?: string): Promise<Response> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (token !== undefined) headers.Authorization = `Bearer ${token}`;
  let reply: Response;
  try {
    reply = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  } catch {
    throw new Unreachable();
  }
  if (!reply.ok) throw refusedBy(reply.status, await reply.text());
  return reply;
}

export async function signIn(username: string, password: string): Promise<void> {
  const reply = await post("/auth/login", { username, password });
  keep((await reply.json()) as Reply);
}

export async function exchange(oneTimeToken: string): Promise<void> {
  const reply = await post("/auth/exchange", { oneTimeToken });
  keep((await reply.json()) as Reply);
}

export async function signOut(): Promise<void> {
  const refreshToken = signedIn.get()?.refreshToken;
  keep(null);
  if (refreshToken !== undefined) await post("/auth/logout", { refreshToken }).catch(() => undefined); // gone here either way
}

/** `old` is empty for a user who came by a sign-in link and never had a password. All older tokens end; we get new ones. */
export async function changePassword(old: string, next: string): Promise<void> {
  const reply = await post("/auth/password", { old, new: next }, await accessToken());
  keep((await reply.json()) as Reply);
}

/** One at a time over all tabs; a plain queue where the browser has no locks (they need a secure context). */
let queue: Promise<unknown> = Promise.resolve();
function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const locks = (navigator as { locks?: LockManager | null }).locks;
  if (locks) return locks.request(LOCK, work) as Promise<Result>;
  const result = queue.then(work, work);
  queue = result.catch(() => undefined);
  return result;
}

/** Renew unless another tab has done so since `stale` was read. A refused refresh signs out; an unreachable server does not. */
async function renew(stale: string): Promise<SignedIn | null> {
  const stored = readSaved<SignedIn | null>(KEY, signedIn.get());
  if (stored === null) return keep(null);
  if (stored.accessToken !== stale && stored.expiresAt - Date.now() > MARGIN_MS) {
    signedIn.set(stored);
    return stored;
  }
  try {
    const reply = await post("/auth/refresh", { refreshToken: stored.refreshToken });
    return keep((await reply.json()) as Reply);
  } catch (error) {
    if (error instanceof Refused && error.status < 500 && error.status !== 429) return keep(null);
    throw error;
  }
}

/** After a 401: a new token, or null when the user has to sign in again. */
export async function refresh(stale: string): Promise<string | null> {
  return (await inTurn(() => renew(stale)))?.accessToken ?? null;
}

/** A token good for another minute at least. Throws Refused (401) when nobody is signed in, Unreachable when renewing needs a server that is away. */
export async function accessToken(): Promise<string> {
  const now = signedIn.get();
  if (now === null) throw new Refused(401, "You are signed out. Sign in again.");
  if (now.expiresAt - Date.now() > MARGIN_MS) return now.accessToken;
  const token = await refresh(now.accessToken);
  if (token === null) throw new Refused(401, "Your sign-in has expired. Sign in again.");
  return token;
}
