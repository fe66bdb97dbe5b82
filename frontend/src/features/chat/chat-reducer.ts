/** Every rule of a conversation, pure: what a user did or a frame said goes in, the next state comes out. */
import { isRunning, newAnswer, type Answer, type Conversation, type Turn } from "@/features/chat/conversation";
import { turnsOf } from "@/features/chat/history";
import type { Frame, Message, RunData, TokenData } from "@/shared/types";

export type ChatEvent =
  | { type: "loaded"; sessionId: string; messages: readonly Message[] }
  | { type: "asked"; run: RunData; at: string; inPlaceOf?: string; restored?: boolean }
  | { type: "stopAsked"; messageId: string }
  | { type: "versionShown"; turnId: string; index: number }
  | { type: "frame"; frame: Frame };

type TokenNow = TokenData["token"];

/** Undefined where the conversation is not open here. */
export function reduceChat(conversation: Conversation | undefined, event: ChatEvent): Conversation | undefined {
  switch (event.type) {
    case "loaded":
      return loaded(conversation, event.sessionId, event.messages);
    case "asked":
      return asked(conversation, event);
    case "stopAsked":
      return (
        conversation &&
        changeAnswer(conversation, event.messageId, (answer) =>
          isRunning(answer) ? { ...answer, stopping: true } : answer,
        )
      );
    case "versionShown":
      return conversation && changeTurn(conversation, event.turnId, (turn) => ({ ...turn, shown: event.index }));
    case "frame":
      return conversation && heard(conversation, event.frame);
  }
}

/** The server's turns, with what only this page knows: answers on their way and the version that was being read. */
function loaded(known: Conversation | undefined, sessionId: string, messages: readonly Message[]): Conversation {
  const stored = turnsOf(messages);
  const local = known?.turns ?? [];
  const merged = stored.map((turn) =>
    mergeTurn(
      turn,
      local.find((other) => other.id === turn.id),
    ),
  );
  const unsent = local.filter((turn) => !stored.some((other) => other.id === turn.id) && turn.answers.some(isRunning));
  return { sessionId, born: false, turns: [...merged, ...unsent] };
}

/** Where a stored answer is also known here, ours stays: it may be on the screen. What the first run made is stored once any answer is. */
function mergeTurn(stored: Turn, local: Turn | undefined): Turn {
  if (local === undefined) return stored;
  const ended = stored.answers.filter((answer) => answer.ending !== null);
  const ours = (id: string | undefined): Answer | undefined =>
    local.answers.find((answer) => answer.ending !== null && answer.ending.answerId === id);
  const only = local.answers.filter(
    (answer) =>
      !(ended.length > 0 && answer.ending === null && answer.messageId === stored.id) &&
      !(answer.ending !== null && ended.some((other) => other.ending?.answerId === answer.ending?.answerId)),
  );
  const answers = [...ended.map((answer) => ours(answer.ending?.answerId) ?? answer), ...only];
  const unchanged = answers.length === local.answers.length ? local.shown : answers.length - 1;
  return answers.length === 0 ? stored : { ...stored, answers, shown: unchanged };
}

/** A new question, another answer to a question, or a question in the place of one and of all that followed it.
 *  One restored after a reload belongs to a conversation that the server may know more of. */
function asked(
  known: Conversation | undefined,
  { run, at, inPlaceOf, restored }: Extract<ChatEvent, { type: "asked" }>,
): Conversation {
  const conversation = known ?? { sessionId: run.sessionId, born: !restored, turns: [] };
  if (conversation.turns.some((turn) => turn.answers.some((answer) => answer.messageId === run.messageId)))
    return conversation;
  const answer = newAnswer(run.messageId, run);
  if (run.regenerateOf) {
    return changeTurn(conversation, run.regenerateOf, (turn) => ({
      ...turn,
      answers: [...turn.answers, answer],
      shown: turn.answers.length,
    }));
  }
  const turn: Turn = { id: run.messageId, text: run.text, askedAt: at, answers: [answer], shown: 0 };
  const stood = conversation.turns.findIndex((other) => other.id === inPlaceOf);
  const before = stood < 0 ? conversation.turns : conversation.turns.slice(0, stood);
  return { ...conversation, turns: [...before.map(showNewest), turn] };
}

/** The server goes on from the newest version; so the page shows that one. */
function showNewest(turn: Turn): Turn {
  const newest = turn.answers.length - 1;
  return turn.shown === newest ? turn : { ...turn, shown: newest };
}

function heard(conversation: Conversation, frame: Frame): Conversation {
  if (frame.action === "heartbeat") return conversation;
  const { messageId } = frame.data;
  if (!messageId) return conversation;
  return changeAnswer(conversation, messageId, (answer) => (isRunning(answer) ? answered(answer, frame) : answer));
}

function answered(answer: Answer, frame: Exclude<Frame, { action: "heartbeat" }>): Answer {
  switch (frame.action) {
    case "accepted":
      return answer.accepted
        ? answer
        : { ...answer, accepted: true, phase: answer.phase === "sending" ? "waiting" : answer.phase };
    case "thinking_step":
      return { ...answer, steps: [...answer.steps, { name: frame.data.name, detail: frame.data.detail }] };
    case "llm_new_token":
      return withToken(answer, frame.data.token);
    case "final_response": {
      const { answerId, stopReason, metadata, content } = frame.data;
      return {
        ...answer,
        accepted: true,
        phase: "final",
        text: content,
        early: new Map(),
        ending: { answerId, stopReason, metadata },
      };
    }
    case "error":
      if (frame.data.code === "unauthorized") return answer; // the connection is renewed, and the answer goes on
      return { ...answer, phase: "failed", early: new Map(), error: frame.data };
  }
}

/** Tokens are taken strictly in the order of their numbers, each once; one that comes early waits for those before it. */
function withToken(answer: Answer, token: TokenNow): Answer {
  if (token.sequenceNumber < answer.nextSequence || answer.early.has(token.sequenceNumber)) return answer;
  const early = new Map(answer.early).set(token.sequenceNumber, token);
  let { text, runId, nextSequence } = answer;
  for (let next = early.get(nextSequence); next !== undefined; next = early.get(nextSequence)) {
    early.delete(nextSequence);
    text = next.runId === runId ? text + next.value : next.value; // a new run: the text so far is void
    runId = next.runId;
    nextSequence += 1;
  }
  const phase = nextSequence > 0 ? "streaming" : answer.phase;
  return { ...answer, accepted: true, phase, text, runId, nextSequence, early };
}

function changeTurn(conversation: Conversation, id: string, change: (turn: Turn) => Turn): Conversation {
  return { ...conversation, turns: conversation.turns.map((turn) => (turn.id === id ? change(turn) : turn)) };
}

/** What did not change keeps its identity: the view paints only what did. */
function changeAnswer(conversation: Conversation, messageId: string, change: (answer: Answer) => Answer): Conversation {
  let changed = false;
  const turns = conversation.turns.map((turn) => {
    const at = turn.answers.findIndex((answer) => answer.messageId === messageId);
    const before = turn.answers[at];
    if (before === undefined) return turn;
    const after = change(before);
    if (after === before) return turn;
    changed = true;
    return withAnswer(turn, at, after);
  });
  return changed ? { ...conversation, turns } : conversation;
}

/** An answer that was loaded from the server and then arrives here too stands once. */
function withAnswer(turn: Turn, at: number, after: Answer): Turn {
  const answers = turn.answers.with(at, after);
  const twin = answers.findIndex(
    (other) => other !== after && after.ending !== null && other.ending?.answerId === after.ending.answerId,
  );
  if (twin < 0) return { ...turn, answers };
  return { ...turn, answers: answers.toSpliced(twin, 1), shown: answers.length - 2 };
}
