/** The steps by which Cognito lets somebody in: each call tells which comes next. Errors are in words. */
import {
  confirmResetPassword,
  confirmSignIn,
  resetPassword,
  signIn,
  signInWithRedirect,
  signOut,
  type SignInOutput,
} from "aws-amplify/auth";
import { told } from "@/shared/cognito-words";
import { Refused } from "@/shared/problem";

/** What the pool wants next. `codeSetup`: the secret for an authenticator app, and the same as a link that opens one. */
export type Step =
  | { name: "done" }
  | { name: "newPassword" }
  | { name: "code" }
  | { name: "codeSetup"; secret: string; link: string }
  | { name: "mustReset" };

const PLAIN: Readonly<Record<string, Step>> = {
  CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED: { name: "newPassword" },
  CONFIRM_SIGN_IN_WITH_TOTP_CODE: { name: "code" },
  RESET_PASSWORD: { name: "mustReset" },
  DONE: { name: "done" },
};

function stepOf({ nextStep }: SignInOutput, userName: string): Step {
  if (nextStep.signInStep === "CONTINUE_SIGN_IN_WITH_TOTP_SETUP") {
    const { totpSetupDetails } = nextStep;
    const link = totpSetupDetails.getSetupUri("Kosha", userName).toString();
    return { name: "codeSetup", secret: totpSetupDetails.sharedSecret, link };
  }
  const step = PLAIN[nextStep.signInStep];
  if (step !== undefined) return step;
  const strange = `The user pool asks for a step that Kosha does not know (${nextStep.signInStep}).`;
  throw new Refused(400, `${strange} Ask an administrator.`);
}

/** Somebody else's sign-in that is left in this browser goes first. */
async function signInAnew(username: string, password: string): Promise<SignInOutput> {
  try {
    return await signIn({ username, password });
  } catch (error) {
    if (!(error instanceof Error && error.name === "UserAlreadyAuthenticatedException")) throw error;
    await signOut();
    return await signIn({ username, password });
  }
}

export const begin = (userName: string, password: string): Promise<Step> =>
  told(async () => stepOf(await signInAnew(userName, password), userName));

/** `answer`: the new password or the code that was asked for. */
export const goOn = (userName: string, answer: string): Promise<Step> =>
  told(async () => stepOf(await confirmSignIn({ challengeResponse: answer }), userName));

/** Where the code was sent, as far as the pool tells: "a***@e***". */
export const sendCode = (username: string): Promise<string> =>
  told(async () => (await resetPassword({ username })).nextStep.codeDeliveryDetails?.destination ?? "");

export const setPassword = (username: string, confirmationCode: string, newPassword: string): Promise<void> =>
  told(() => confirmResetPassword({ username, confirmationCode, newPassword }));

/** Leaves the page for the other house's. */
export const goThrough = (provider: string): Promise<void> =>
  told(() => signInWithRedirect({ provider: { custom: provider } }));
