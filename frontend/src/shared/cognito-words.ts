/** What Cognito refuses, in words a person can act on. Its errors are told by name, some of them by their text. */
import { Refused, Unreachable } from "@/shared/problem";

/** The steps of a sign-in have a time limit, and this one is over: it begins anew. */
export class BeginAgain extends Refused {}

type Rule = { name: RegExp; text?: RegExp; words: string | ((text: string) => string) };

const WRONG = "The user name or the password is wrong.";
const LATER = "Too many attempts. Wait some minutes, then try again.";
const RULES: readonly Rule[] = [
  { name: /^NotAuthorized/, text: /attempts exceeded/i, words: LATER },
  {
    name: /^NotAuthorized/,
    text: /temporary password has expired/i,
    words: "This first password is no longer good. Ask an administrator for a new one.",
  },
  { name: /^NotAuthorized/, text: /disabled/i, words: "This account is switched off. Ask an administrator." },
  {
    name: /^NotAuthorized/,
    text: /password cannot be reset/i,
    words: "This password cannot be reset here. Ask an administrator for a new one.",
  },
  { name: /^(NotAuthorized|UserNotFound)/, words: WRONG },
  { name: /^(CodeMismatch|EnableSoftwareTokenMFA)/, words: "This code is wrong. Check it and try again." },
  { name: /^ExpiredCode/, words: "This code is wrong or no longer good. Ask for a new one." },
  {
    name: /^InvalidPassword/,
    words: (text) => `This password does not fit the rules. ${sentence(text.replace(/^.*policy: */i, ""))}`,
  },
  { name: /^PasswordHistory/, words: "You have had this password before. Choose another." },
  { name: /^(LimitExceeded|TooManyRequests|TooManyFailedAttempts)/, words: LATER },
  {
    name: /^InvalidParameter/,
    text: /verified|registered/i,
    words: "This account has no address that a code could be sent to. Ask an administrator for a new password.",
  },
  { name: /^CodeDelivery/, words: "The code could not be sent. Ask an administrator." },
  { name: /^UserNotConfirmed/, words: "This account is not confirmed yet. Ask an administrator." },
];

/** With the full stop that Cognito sometimes leaves out. */
export const sentence = (text: string): string => (text === "" || /[.!?]$/.test(text) ? text : `${text}.`);

/** Amplify's and Cognito's errors as Refused, BeginAgain or Unreachable. */
export function inWords(error: unknown): Error {
  if (!(error instanceof Error) || error instanceof Refused) return error as Error;
  const { name, message } = error;
  if (name === "NetworkError") return new Unreachable();
  if (name === "SignInException" || (/^(NotAuthorized|InvalidParameter)/.test(name) && /session/i.test(message)))
    return new BeginAgain(401, "That took too long. Begin again.");
  const rule = RULES.find((one) => one.name.test(name) && (one.text?.test(message) ?? true));
  if (rule === undefined) return new Refused(400, sentence(message));
  return new Refused(401, typeof rule.words === "string" ? rule.words : rule.words(message));
}

/** `work`, with what it refuses in words. */
export async function told<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw inWords(error);
  }
}
