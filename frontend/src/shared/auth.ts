/** Who is signed in here, and an access token that is always fresh. A refresh token may be good once only, so all tabs take turns. */
import { localDesk } from "@/shared/local-desk";
import { place } from "@/shared/place";
import { Refused, Unreachable } from "@/shared/problem";
import { readSaved, save } from "@/shared/saved";
import { Store } from "@/shared/store";
import type { User } from "@/shared/types";

/** `restToken`: for REST calls, where it is not the access token. `refreshToken`: where the desk keeps none itself.
 *  `expiresAt`: ms since 1970. `byProvider`: another house knows them, and has their password. */
export type SignedIn = {
  accessToken: string;
  restToken?: string;
  refreshToken?: string;
  expiresAt: number;
  user: User;
  byProvider?: boolean;
};

/** Who gives sign-ins. Every call throws Unreachable when it is away, and Refused. */
export type Desk = {
  /** Null when the sign-in has ended for good. */
  renew: (now: SignedIn) => Promise<SignedIn | null>;
  leave: (now: SignedIn) => Promise<void>;
  /** The sign-in that goes on from there. */
  changePassword: (old: string, next: string, now: SignedIn) => Promise<SignedIn>;
};

const KEY = "kosha.signed-in";
const LOCK = "kosha.refresh";
const MARGIN_MS = 120_000; // a hidden tab's timers run once a minute, and the one that renews must not come too late

export const signedIn = new Store<SignedIn | null>(readSaved<SignedIn | null>(KEY, null));

/** Whether the last sign-in was ended by the server, and not by its user. */
export const hasEnded = new Store(false);

window.addEventListener("storage", (event) => {
  if (event.key === KEY) signedIn.set(readSaved<SignedIn | null>(KEY, null));
});

/** Let somebody in, or nobody. */
export function admit(next: SignedIn | null): SignedIn | null {
  save(KEY, next);
  if (next !== null) hasEnded.set(false);
  signedIn.set(next);
  return next;
}

/** The server takes not even a new token. */
export function end(): null {
  hasEnded.set(true);
  admit(null);
  return null;
}

async function desk(): Promise<Desk> {
  const here = place.get();
  if (here.signIn === "local") return localDesk;
  try {
    return (await import("@/shared/cognito-desk")).cognitoDesk(here);
  } catch {
    throw new Unreachable(); // the part of the page that knows Cognito could not be loaded
  }
}

export async function signOut(): Promise<void> {
  const leaving = signedIn.get();
  hasEnded.set(false);
  admit(null);
  if (leaving !== null)
    await desk()
      .then((open) => open.leave(leaving))
      .catch(() => undefined); // gone here either way
}

/** `old` is empty for a user who came by a sign-in link and never had a password. */
export async function changePassword(old: string, next: string): Promise<void> {
  const now = await current();
  admit(await (await desk()).changePassword(old, next, now));
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

const isFresh = (one: SignedIn): boolean => one.expiresAt - Date.now() > MARGIN_MS;

/** Renew unless another tab has done so since `stale` was read. A refused renewal signs out; a desk that is away does not. */
async function renew(stale: string): Promise<SignedIn | null> {
  const stored = readSaved<SignedIn | null>(KEY, signedIn.get());
  if (stored === null) return admit(null);
  if (stored.accessToken !== stale && isFresh(stored)) {
    signedIn.set(stored);
    return stored;
  }
  const renewed = await (await desk()).renew(stored);
  return renewed === null ? end() : admit(renewed);
}

/** After a 401 to the access token `stale`: a new sign-in, or null when the user has to sign in again. */
export function refresh(stale: string): Promise<SignedIn | null> {
  return inTurn(() => renew(stale));
}

/** A sign-in good for some minutes. Throws Refused (401) when nobody is signed in, Unreachable when renewing needs a desk that is away. */
export async function current(): Promise<SignedIn> {
  const now = signedIn.get();
  if (now === null) throw new Refused(401, "You are signed out. Sign in again.");
  if (isFresh(now)) return now;
  const renewed = await refresh(now.accessToken);
  if (renewed === null) throw new Refused(401, "Your sign-in has expired. Sign in again.");
  return renewed;
}
