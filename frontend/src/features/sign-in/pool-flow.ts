/** Every rule of a sign-in at a user pool, pure: what happened goes in, which form stands there comes out. */
import type { Step } from "@/features/sign-in/pool";
import type { Note } from "@/features/sign-in/sign-in-box";

/** The form that is shown. `mustReset`: an administrator has asked for a new password. `sentTo`: as far as it is told. */
export type Stage =
  | { name: "password" }
  | { name: "newPassword" }
  | { name: "code" }
  | { name: "codeSetup"; secret: string; link: string }
  | { name: "forgot"; mustReset: boolean }
  | { name: "reset"; sentTo: string };

/** `note`: what has just come of the form before. */
export type Flow = { stage: Stage; userName: string; note: Note | null };

export type Happening =
  | { type: "stepped"; userName: string; step: Step }
  | { type: "forgotten"; userName: string }
  | { type: "codeSent"; userName: string; sentTo: string }
  | { type: "passwordSet" }
  | { type: "begunAgain"; why?: string };

export const START: Flow = { stage: { name: "password" }, userName: "", note: null };

export function reduceFlow(flow: Flow, happening: Happening): Flow {
  switch (happening.type) {
    case "stepped":
      return stepped(flow, happening.userName, happening.step);
    case "forgotten":
      return { ...START, stage: { name: "forgot", mustReset: false }, userName: happening.userName };
    case "codeSent":
      return { ...START, stage: { name: "reset", sentTo: happening.sentTo }, userName: happening.userName };
    case "passwordSet":
      return {
        ...START,
        userName: flow.userName,
        note: { type: "success", text: "Your new password is set. Sign in with it." },
      };
    case "begunAgain":
      return { ...START, userName: flow.userName, note: happening.why ? { type: "error", text: happening.why } : null };
  }
}

function stepped(flow: Flow, userName: string, step: Step): Flow {
  if (step.name === "done") return flow; // the page goes with the sign-in
  if (step.name === "mustReset") return { ...START, userName, stage: { name: "forgot", mustReset: true } };
  return { ...START, userName, stage: step };
}
