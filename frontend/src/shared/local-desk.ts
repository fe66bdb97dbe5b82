/** Sign-in at the server itself: by name and password, or by a link; tokens of its own. */
import type { Desk, SignedIn } from "@/shared/auth";
import { Refused, refusedBy, Unreachable } from "@/shared/problem";
import type { SignedIn as Reply } from "@/shared/types";

function signedInBy(reply: Reply): SignedIn {
  return {
    accessToken: reply.accessToken,
    refreshToken: reply.refreshToken,
    expiresAt: Date.now() + reply.expiresIn * 1000,
    user: reply.user,
  };
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

async function signedInAt(path: string, body: unknown, token?: string): Promise<SignedIn> {
  return signedInBy((await (await post(path, body, token)).json()) as Reply);
}

export const byPassword = (username: string, password: string): Promise<SignedIn> =>
  signedInAt("/auth/login", { username, password });

export const byLink = (oneTimeToken: string): Promise<SignedIn> => signedInAt("/auth/exchange", { oneTimeToken });

export const localDesk: Desk = {
  renew: ({ refreshToken }) =>
    signedInAt("/auth/refresh", { refreshToken }).catch((error: unknown) => {
      if (error instanceof Refused && error.status < 500 && error.status !== 429) return null;
      throw error;
    }),
  leave: async ({ refreshToken }) => void (await post("/auth/logout", { refreshToken })),
  /** All older tokens end; these are new ones. */
  changePassword: (old, next, { accessToken }) => signedInAt("/auth/password", { old, new: next }, accessToken),
};
