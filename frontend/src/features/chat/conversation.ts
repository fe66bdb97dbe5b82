/** What a conversation is made of on this side of the wire. */
import type { AnswerMetadata, ErrorData, FinalData, RunData, TokenData } from "@/shared/types";

export type Token = TokenData["token"];
export type Step = { name: string; detail?: string | null };
export type Phase = "sending" | "waiting" | "streaming" | "final" | "failed";

/** How an answer ended; of an answer read from history some of it may be missing. */
export type Ending = { answerId: string; stopReason: FinalData["stopReason"]; metadata: Partial<AnswerMetadata> };

/** One version of an answer. `messageId` names the turn that makes it; `run` is what to send again until it is accepted. */
export type Answer = {
  messageId: string;
  phase: Phase;
  accepted: boolean;
  stopping: boolean;
  run: RunData | null;
  runId: string | null;
  text: string;
  nextSequence: number;
  early: ReadonlyMap<number, Token>;
  steps: readonly Step[];
  ending: Ending | null;
  error: ErrorData | null;
};

/** A question and the versions of its answer, oldest first; `shown` is an index into them. */
export type Turn = { id: string; text: string; askedAt: string; answers: readonly Answer[]; shown: number };

/** `born` here, so that the server need not be asked for it; otherwise it was loaded. */
export type Conversation = { sessionId: string; born: boolean; turns: readonly Turn[] };

export const isRunning = (answer: Answer): boolean => answer.phase !== "final" && answer.phase !== "failed";

/** The answer being made, if one is. */
export function runningAnswer(conversation: Conversation | undefined): Answer | undefined {
  return conversation?.turns.flatMap((turn) => turn.answers).findLast(isRunning);
}

export function newAnswer(messageId: string, run: RunData | null): Answer {
  return {
    messageId,
    run,
    phase: run === null ? "waiting" : "sending",
    accepted: run === null,
    stopping: false,
    runId: null,
    text: "",
    nextSequence: 0,
    early: new Map(),
    steps: [],
    ending: null,
    error: null,
  };
}
