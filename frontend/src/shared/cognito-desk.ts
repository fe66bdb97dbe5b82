/** Sign-in at a user pool of Cognito, by Amplify. Loaded only where there is one: nothing else may import Amplify statically. */
import { Amplify } from "aws-amplify";
import { fetchAuthSession, signOut, updatePassword, type AuthSession } from "aws-amplify/auth";
import type { Desk, SignedIn } from "@/shared/auth";
import { inWords, told } from "@/shared/cognito-words";
import type { Cognito } from "@/shared/place";
import type { Role } from "@/shared/types";

const OVER =
  /^(NotAuthorized|TokenRevoked|RefreshTokenReuse|User(NotFound|NotConfirmed|UnAuthenticated)|PasswordResetRequired)/;
const ROLES: readonly Role[] = ["admin", "manager", "user"];

/** Where the pool's own pages are; null where it has none. */
export function signInHost({ signInDomain, region }: Cognito): string | null {
  if (!signInDomain) return null;
  return signInDomain.includes(".") ? signInDomain : `${signInDomain}.auth.${region}.amazoncognito.com`;
}

/** Must come before any other call of Amplify's. It also ends a sign-in that another house's page has sent back here. */
export function configure(pool: Cognito): void {
  const { userPoolId, userPoolClientId, userPoolEndpoint } = pool;
  const host = signInHost(pool);
  const home = [`${location.origin}/`];
  const oauth = {
    domain: host ?? "",
    scopes: ["openid", "email", "profile"],
    redirectSignIn: home,
    redirectSignOut: home,
    responseType: "code" as const,
  };
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId,
        userPoolClientId,
        ...(userPoolEndpoint && { userPoolEndpoint }),
        ...(host && { loginWith: { oauth } }),
      },
    },
  });
}

/** Groups of the pool are roles; whoever is in none of ours is a user, as the server has it. */
function rolesIn(groups: unknown): Role[] {
  const roles = ROLES.filter((role) => Array.isArray(groups) && groups.includes(role));
  return roles.length > 0 ? roles : ["user"];
}

/** Null where the session is nobody's. */
export function signedInBy({ tokens }: AuthSession, { restToken }: Cognito): SignedIn | null {
  if (tokens === undefined) return null;
  const { accessToken, idToken } = tokens;
  const { sub = "", username, exp = 0, iat = 0, "cognito:groups": groups } = accessToken.payload;
  return {
    accessToken: accessToken.toString(),
    ...(restToken === "id" && idToken && { restToken: idToken.toString() }),
    expiresAt: Date.now() + (exp - iat) * 1000, // it was made just now; this machine's clock may be wrong
    user: { id: sub, name: typeof username === "string" ? username : sub, roles: rolesIn(groups) },
    ...(idToken?.payload.identities !== undefined && { byProvider: true }),
  };
}

/** The sign-in that Amplify has just made; null where it made none. */
export async function justSignedIn(pool: Cognito): Promise<SignedIn | null> {
  return signedInBy(await told(() => fetchAuthSession()), pool);
}

/** Null where the pool no longer knows the sign-in; a busy or absent pool does not end it. */
async function renewed(pool: Cognito): Promise<SignedIn | null> {
  try {
    return signedInBy(await fetchAuthSession({ forceRefresh: true }), pool);
  } catch (error) {
    if (error instanceof Error && OVER.test(error.name)) return null;
    throw inWords(error);
  }
}

let configured: Cognito | null = null;

export function cognitoDesk(pool: Cognito): Desk {
  if (configured !== pool) configure(pool);
  configured = pool;
  return {
    renew: () => renewed(pool),
    leave: () => signOut(),
    changePassword: async (oldPassword, newPassword, now) => {
      await told(() => updatePassword({ oldPassword, newPassword }));
      return now;
    },
  };
}
