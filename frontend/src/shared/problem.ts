/** Errors a person reads: what was wrong, with the limit, and what to do next. */
import type { Problem } from "@/shared/types";

/** The server refused or failed; `message` is its own sentence. `status` is the HTTP status. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: readonly { path: string; message: string }[] = [],
  ) {
    super(message);
  }
}

/** No reply came: the network or the server is away. */
export class Unreachable extends Error {
  constructor() {
    super("The server does not answer. Check that it runs and that this device is connected, then try again.");
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "detail" in body && typeof body.detail === "string";
}

/** Read a failed reply; a body that is no problem+json still gives a sentence. */
export function refusedBy(status: number, text: string): Refused {
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    body = null; // a proxy's HTML page, say: its words are of no use here
  }
  if (isProblem(body)) return new Refused(status, body.detail, body.errors ?? []);
  return new Refused(
    status,
    `The server answered with status ${status}. Try again; if it stays, look at the server's log.`,
  );
}

export function messageOf(error: unknown): string {
  if (error instanceof Refused) {
    const fields = error.fields
      .map((field) => `${field.path}: ${field.message}`)
      .filter((line) => !error.message.includes(line));
    return [error.message, ...fields].join(" ");
  }
  return error instanceof Error ? error.message : String(error);
}
