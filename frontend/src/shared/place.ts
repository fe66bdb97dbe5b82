/** Where this server's people sign in: at the server itself, or at a user pool of Cognito. The server tells in `/kosha.json`. */
import { Unreachable } from "@/shared/problem";
import { Store } from "@/shared/store";

export type Local = { signIn: "local" };
export type Cognito = {
  signIn: "cognito";
  region: string;
  userPoolId: string;
  userPoolClientId: string;
  /** An emulator's address instead of Cognito's own. */
  userPoolEndpoint?: string;
  /** Another house whose people may come in, by its name in the pool; its page is reached through `signInDomain`. */
  identityProvider?: string;
  /** The pool's domain: the prefix of one of Amazon's, or a whole name. */
  signInDomain?: string;
  /** Which token REST calls carry. API Gateway's own authorizer takes id tokens only. */
  restToken?: "id" | "access";
};
export type Place = Local | Cognito;

export const place = new Store<Place>({ signIn: "local" });

function isCognito(told: unknown): told is Cognito {
  const fields = (typeof told === "object" && told !== null ? told : {}) as Record<string, unknown>;
  const needed = [fields.region, fields.userPoolId, fields.userPoolClientId];
  return fields.signIn === "cognito" && needed.every((field) => typeof field === "string" && field !== "");
}

/** To be awaited before anybody is asked to sign in. A server that tells nothing of it signs people in itself. Throws Unreachable. */
export async function findPlace(): Promise<void> {
  let reply: Response;
  try {
    reply = await fetch("/kosha.json");
  } catch {
    throw new Unreachable();
  }
  const told: unknown = reply.ok ? await reply.json().catch(() => null) : null;
  place.set(isCognito(told) ? told : { signIn: "local" });
}
