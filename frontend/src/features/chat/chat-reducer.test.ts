import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reduceChat, type ChatEvent } from "@/features/chat/chat-reducer";
import { isRunning, runningAnswer, type Answer, type Conversation } from "@/features/chat/conversation";
import type { FinalData, Frame, Message, RunData } from "@/shared/types";

const SESSION = "s";
const run = (messageId: string, more: Partial<RunData> = {}): RunData => ({
  sessionId: SESSION,
  messageId,
  text: `question ${messageId}`,
  mode: "chain",
  ...more,
});
const asked = (messageId: string, more: Partial<RunData> = {}, inPlaceOf?: string): ChatEvent => ({
  type: "asked",
  run: run(messageId, more),
  at: "2026-11-20T10:00:00Z",
  inPlaceOf,
});
const frame = (heard: Frame): ChatEvent => ({ type: "frame", frame: heard });
const token = (sequenceNumber: number, value: string, runId = "run"): ChatEvent =>
  frame({
    action: "llm_new_token",
    data: { sessionId: SESSION, messageId: "q1", token: { runId, sequenceNumber, value } },
  });
const accepted = (messageId = "q1"): ChatEvent =>
  frame({ action: "accepted", data: { sessionId: SESSION, messageId } });
const metadata: FinalData["metadata"] = {
  provider: "local",
  modelId: "m",
  modelKwargs: { streaming: true, maxTokens: 512, temperature: 0.1, topP: 1 },
  mode: "chain",
  sessionId: SESSION,
  userId: "u",
  degraded: false,
  cached: false,
  documents: [],
  citations: [],
  usage: { inputTokens: 1, outputTokens: 1 },
  timingsMs: { queue: 0, history: 0, embed: 0, search: 0, rerank: 0, firstToken: 0, total: 0 },
  traceId: "t",
};
const final = (content: string, answerId = "a1", messageId = "q1"): ChatEvent =>
  frame({
    action: "final_response",
    data: { sessionId: SESSION, messageId, answerId, content, stopReason: "end", metadata },
  });
const failed = (retryable = true): ChatEvent =>
  frame({
    action: "error",
    data: { sessionId: SESSION, messageId: "q1", code: "model_unavailable", content: "The model is away.", retryable },
  });

function play(...events: ChatEvent[]): Conversation {
  const end = events.reduce<Conversation | undefined>(reduceChat, undefined);
  if (end === undefined) throw new Error("nothing was asked");
  return end;
}
function answerOf(conversation: Conversation, turn = 0, version = 0): Answer {
  const answer = conversation.turns[turn]?.answers[version];
  if (answer === undefined) throw new Error("no such answer");
  return answer;
}

/** Token frames of one message over several runs, numbered without a gap. */
const runs = fc.array(fc.array(fc.string(), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 });
function framesOf(values: string[][]): ChatEvent[] {
  let number = 0;
  return values.flatMap((ofRun, index) => ofRun.map((value) => token(number++, value, `run ${index}`)));
}

describe("tokens", () => {
  test("arriving in any order and repeated at will, they give the last run's text", () => {
    fc.assert(
      fc.property(
        runs.chain((values) => fc.tuple(fc.constant(values), fc.array(fc.nat()), fc.nat())),
        ([values, repeats, seed]) => {
          const frames = framesOf(values);
          const again = repeats.map((at) => frames[at % frames.length] as ChatEvent);
          const shuffled = [...frames, ...again]
            .map((event, index) => [(index * 7919 + seed) % 104_729, event] as const)
            .sort(([one], [other]) => one - other)
            .map(([, event]) => event);
          const answer = answerOf(play(asked("q1"), ...shuffled));
          expect(answer.text).toBe(values.at(-1)?.join(""));
          expect(answer.nextSequence).toBe(frames.length);
          expect(answer.early.size).toBe(0);
        },
      ),
    );
  });

  test("lost on the way, they come back by a replay from the last one taken", () => {
    fc.assert(
      fc.property(runs, fc.array(fc.boolean()), (values, lost) => {
        const frames = framesOf(values);
        const before = play(asked("q1"), accepted(), ...frames.filter((_, index) => !lost[index]));
        const from = answerOf(before).nextSequence; // resume says afterSequence = from - 1
        const after = frames.slice(from).reduce<Conversation | undefined>(reduceChat, before);
        expect(after && answerOf(after).text).toBe(values.at(-1)?.join(""));
      }),
    );
  });

  test("are shown only as far as they are gapless", () => {
    expect(answerOf(play(asked("q1"), token(0, "a"), token(2, "c"))).text).toBe("a");
  });

  test("of a new run void the text so far", () => {
    expect(answerOf(play(asked("q1"), token(0, "old", "one"), token(1, "new", "two"))).text).toBe("new");
  });
});

describe("the end of an answer", () => {
  test("its content counts, even when tokens are still missing", () => {
    const answer = answerOf(play(asked("q1"), token(0, "a"), token(2, "c"), final("abc")));
    expect([answer.text, answer.phase, answer.early.size]).toEqual(["abc", "final", 0]);
  });

  test("nothing that comes after it changes it", () => {
    const ended = play(asked("q1"), token(0, "a"), final("a"));
    expect(
      [token(1, "b"), failed(), final("other"), accepted()].reduce<Conversation | undefined>(reduceChat, ended),
    ).toBe(ended);
  });

  test("an expired sign-in does not end it: it goes on with a new token", () => {
    const before = play(asked("q1"), accepted());
    const expired = frame({
      action: "error",
      data: { sessionId: SESSION, messageId: "q1", code: "unauthorized", content: "Expired.", retryable: true },
    });
    expect(reduceChat(before, expired)).toBe(before);
  });

  test("an error keeps the text so far and says whether to try again", () => {
    const answer = answerOf(play(asked("q1"), accepted(), token(0, "so far"), failed()));
    expect([answer.phase, answer.text, answer.accepted, answer.error?.retryable]).toEqual([
      "failed",
      "so far",
      true,
      true,
    ]);
  });
});

describe("a question", () => {
  test("is being sent until it is accepted, then awaits its answer", () => {
    expect(answerOf(play(asked("q1"))).phase).toBe("sending");
    expect(answerOf(play(asked("q1"), accepted())).phase).toBe("waiting");
  });

  test("counts as accepted when its first token is heard", () => {
    expect(answerOf(play(asked("q1"), token(0, "a"))).accepted).toBe(true);
  });

  test("that is asked again gets another version, which is shown", () => {
    const conversation = play(asked("q1"), final("one"), asked("r1", { regenerateOf: "q1" }));
    expect([conversation.turns.length, conversation.turns[0]?.answers.length, conversation.turns[0]?.shown]).toEqual([
      1, 2, 1,
    ]);
    expect(runningAnswer(conversation)?.messageId).toBe("r1");
    const back = reduceChat(conversation, { type: "versionShown", turnId: "q1", index: 0 });
    expect(back?.turns[0]?.shown).toBe(0);
  });

  test("that was changed takes the old one's place and that of all that followed", () => {
    const conversation = play(
      asked("q1"),
      final("one"),
      asked("q2"),
      final("two", "a2", "q2"),
      asked("q3", { branchFrom: "q1" }, "q1"),
    );
    expect(conversation.turns.map((turn) => turn.id)).toEqual(["q3"]);
  });

  test("an unchanged turn keeps its identity, so that it is not painted again", () => {
    const before = play(asked("q1"), final("one"), asked("q2"));
    const after = reduceChat(before, frame({ action: "accepted", data: { sessionId: SESSION, messageId: "q2" } }));
    expect(after?.turns[0]).toBe(before.turns[0]);
  });

  test("of another conversation leaves this one as it is", () => {
    const before = play(asked("q1"));
    expect(reduceChat(before, accepted("elsewhere"))).toBe(before);
  });

  test("asked to stop is stopping until the end is heard", () => {
    const stopping = play(asked("q1"), { type: "stopAsked", messageId: "q1" });
    expect([answerOf(stopping).stopping, isRunning(answerOf(stopping))]).toEqual([true, true]);
  });
});

describe("a stored conversation", () => {
  const message = (id: string, role: Message["role"], more: Partial<Message> = {}): Message => ({
    id,
    role,
    version: 1,
    content: id,
    createdAt: "2026-11-20T10:00:00Z",
    metadata: {},
    ...more,
  });
  const loaded = (...messages: Message[]): ChatEvent => ({ type: "loaded", sessionId: SESSION, messages });

  test("has its questions in order, each with its versions, the newest shown", () => {
    const conversation = play(
      loaded(
        message("q1", "user"),
        message("v2", "assistant", { parentId: "q1", version: 2 }),
        message("v1", "assistant", { parentId: "q1", version: 1 }),
        message("q2", "user", { parentId: "v2" }),
        message("a2", "assistant", { parentId: "q2" }),
      ),
    );
    expect(conversation.turns.map((turn) => [turn.id, turn.answers.map((answer) => answer.text), turn.shown])).toEqual([
      ["q1", ["v1", "v2"], 1],
      ["q2", ["a2"], 0],
    ]);
  });

  test("waits for the answer to its last question only", () => {
    const conversation = play(loaded(message("q1", "user"), message("q2", "user", { parentId: "q1" })));
    expect(conversation.turns.map((turn) => turn.answers[0]?.phase)).toEqual(["failed", "waiting"]);
    expect(answerOf(conversation, 1).accepted).toBe(true);
  });

  test("shows the branch that was spoken in last", () => {
    const changed = [
      message("q1", "user"),
      message("a1", "assistant", { parentId: "q1" }),
      message("q2", "user", { parentId: "a1" }),
      message("q1b", "user"),
      message("a1b", "assistant", { parentId: "q1b" }),
    ];
    expect(play(loaded(...changed)).turns.map((turn) => turn.id)).toEqual(["q1b"]);
    const deeper = [...changed, message("q3", "user", { parentId: "a1b" })];
    expect(play(loaded(...deeper)).turns.map((turn) => turn.id)).toEqual(["q1b", "q3"]);
  });

  test("loaded again keeps what is on its way", () => {
    const conversation = play(asked("q1"), accepted(), token(0, "half"), loaded(message("q1", "user")));
    expect(answerOf(conversation).text).toBe("half");
  });

  test("loaded again keeps a question that has not arrived there", () => {
    const conversation = play(
      loaded(message("q1", "user"), message("a1", "assistant", { parentId: "q1" })),
      asked("q2"),
      loaded(message("q1", "user"), message("a1", "assistant", { parentId: "q1" })),
    );
    expect(conversation.turns.map((turn) => turn.id)).toEqual(["q1", "q2"]);
  });

  test("an answer that was stored and is heard too stands once", () => {
    const stored = loaded(message("q1", "user"), message("a1", "assistant", { parentId: "q1" }));
    expect(play(asked("q1"), final("text"), stored).turns[0]?.answers).toHaveLength(1);
    expect(play(stored, asked("r1", { regenerateOf: "q1" }), final("text", "a1", "r1")).turns[0]?.answers).toHaveLength(
      1,
    );
    expect(play(asked("q1"), token(0, "half"), stored).turns[0]?.answers).toHaveLength(1);
  });
});
