/** For tests: a user pool as the wire has it (Cognito's JSON API over fetch). It believes every proof of a password. */
import type { Cognito } from "@/shared/place";

export const POOL: Cognito = {
  signIn: "cognito",
  region: "eu-west-1",
  userPoolId: "eu-west-1_pool",
  userPoolClientId: "client",
  userPoolEndpoint: "http://cognito.test",
};

type Body = Record<string, unknown>;
type Refusal = { refused: string; message: string };
type Answer = Body | Refusal;
const isRefusal = (answer: Answer): answer is Refusal => typeof answer.refused === "string";

const base64 = (value: object): string =>
  btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** Signed by nobody: only the server looks at signatures. */
export function jwt(claims: object): string {
  const iat = Math.floor(Date.now() / 1000);
  return [base64({ alg: "RS256" }), base64({ iat, exp: iat + 3600, ...claims }), "c2ln"].join(".");
}

/** What a pool gives whom it lets in. */
export function tokens(name: string, claims: object = {}): Body {
  const about = { sub: `id of ${name}`, origin_jti: "j", event_id: "e" };
  return {
    AuthenticationResult: {
      AccessToken: jwt({ ...about, token_use: "access", username: name, client_id: "client", ...claims }),
      IdToken: jwt({ ...about, token_use: "id", "cognito:username": name, aud: "client", ...claims }),
      RefreshToken: `refresh ${name}`,
      ExpiresIn: 3600,
      TokenType: "Bearer",
    },
  };
}

const PROOF: Body = {
  ChallengeName: "PASSWORD_VERIFIER",
  ChallengeParameters: { USER_ID_FOR_SRP: "ada", SRP_B: "a1".repeat(384), SALT: "b2".repeat(16), SECRET_BLOCK: "c2Vj" },
};

export class FakeCognito {
  readonly calls: { action: string; body: Body }[] = [];
  private readonly answers = new Map<string, Answer[]>([["InitiateAuth", [PROOF]]]);

  /** The next calls of an action are answered with these in turn, all later ones with the last. */
  willAnswer(action: string, ...answers: Answer[]): void {
    this.answers.set(action, answers);
  }

  readonly fetch = async (address: string | URL, request?: RequestInit): Promise<Response> => {
    const headers = new Headers(request?.headers);
    const action = headers.get("x-amz-target")?.split(".").at(-1) ?? `no action at ${String(address)}`;
    this.calls.push({ action, body: JSON.parse(request?.body as string) as Body });
    const answers = this.answers.get(action) ?? [{}];
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
    if (!isRefusal(answer)) return Promise.resolve(Response.json(answer));
    return Promise.resolve(Response.json({ __type: answer.refused, message: answer.message }, { status: 400 }));
  };

  asked(action: string): Body[] {
    return this.calls.filter((call) => call.action === action).map((call) => call.body);
  }
}
