/** What a file store (S3) says when it refuses an upload, in words a person can act on. It speaks XML, and of its own matters. */
import { Refused } from "@/shared/problem";

/** No reply came from the file store: it is away, or takes nothing from this address. */
export class StoreUnreachable extends Error {
  constructor() {
    super("The file store does not answer. Check that this device is connected, then try again.");
  }
}

const OVER = "The leave to send this file has ended. Try again.";
const BUSY = "The file store is busy. Try again in a moment.";
const OTHER_SIZE = "The file is not as large as when it was chosen: it has changed since. Choose it again.";
const RETRY = 408;

/** `status`: how the upload is treated, where it is not the store's own; 408 may be tried again. */
type Rule = { code: RegExp; text?: RegExp; words: string; status?: number };
const RULES: readonly Rule[] = [
  { code: /^EntityToo(Large|Small)$/, words: OTHER_SIZE },
  { code: /^AccessDenied$/, text: /expired/i, words: OVER, status: RETRY },
  { code: /^(ExpiredToken|InvalidToken|TokenRefreshRequired|RequestTimeTooSkewed)$/, words: OVER, status: RETRY },
  { code: /^RequestTimeout$/, words: "The upload took too long without a byte. Try again.", status: RETRY },
  { code: /^(SlowDown|InternalError|ServiceUnavailable|OperationAborted)$/, words: BUSY, status: RETRY },
];

/** `text`: `<Error><Code>..</Code><Message>..</Message></Error>`; another one still gives a sentence. */
export function storeRefusedBy(status: number, text: string): Refused {
  const told = new DOMParser().parseFromString(text, "application/xml");
  const code = told.querySelector("Error > Code")?.textContent ?? "";
  const message = told.querySelector("Error > Message")?.textContent ?? "";
  const rule = RULES.find((one) => one.code.test(code) && (one.text?.test(message) ?? true));
  if (rule !== undefined) return new Refused(rule.status ?? status, rule.words);
  const why = [code, message].filter(Boolean).join(": ") || `status ${status}`;
  return new Refused(status, `The file store has refused the file (${why}). Tell an administrator if it stays so.`);
}
