import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ChatClient } from "@/features/chat/chat-client";
import { signedIn } from "@/shared/auth";
import { FakeSocket } from "@/shared/fake-socket";

const SESSION = "s";
let client: ChatClient;

async function connect(): Promise<FakeSocket> {
  await vi.advanceTimersByTimeAsync(600);
  const socket = FakeSocket.latest();
  socket.accept();
  return socket;
}
const painted = () => vi.advanceTimersByTimeAsync(20);
const sentBy = (socket: FakeSocket): unknown[] => socket.sent.map((frame) => [frame.action, frame.data.afterSequence]);
const messageId = (): string => client.conversations.get()[SESSION]?.turns.at(-1)?.answers.at(-1)?.messageId ?? "";
const token = (socket: FakeSocket, sequenceNumber: number, value: string): void =>
  socket.say("llm_new_token", {
    sessionId: SESSION,
    messageId: messageId(),
    token: { runId: "r", sequenceNumber, value },
  });

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "requestAnimationFrame"],
  });
  FakeSocket.all = [];
  sessionStorage.clear();
  vi.stubGlobal("WebSocket", FakeSocket);
  signedIn.set({
    accessToken: "t",
    refreshToken: "r",
    expiresAt: Date.now() + 3_600_000,
    user: { id: "u", name: "ada", roles: ["user"] },
  });
  client = new ChatClient("u");
  client.start();
});
afterEach(() => {
  client.stop();
  signedIn.set(null);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a question asked while offline goes out when the connection is there", async () => {
  client.ask({ sessionId: SESSION, text: "Hello?" });
  const socket = await connect();
  expect(sentBy(socket)).toEqual([["run", undefined]]);
});

test("a question is sent again after a reconnect, with the same id, until it is accepted", async () => {
  const first = await connect();
  client.ask({ sessionId: SESSION, text: "Hello?" });
  first.lose();
  const second = await connect();
  expect(second.sent[0]?.data.messageId).toBe(first.sent[0]?.data.messageId);
  second.say("accepted", { sessionId: SESSION, messageId: messageId() });
  await painted();
  second.lose();
  const third = await connect();
  expect(sentBy(third)).toEqual([["resume", -1]]);
});

test("an answer goes on after a reconnect from the last token taken, those just heard included", async () => {
  const first = await connect();
  client.ask({ sessionId: SESSION, text: "Hello?" });
  token(first, 0, "a");
  token(first, 1, "b");
  first.lose();
  const second = await connect();
  expect(sentBy(second)).toEqual([["resume", 1]]);
});

test("many tokens are painted once a frame", async () => {
  const socket = await connect();
  client.ask({ sessionId: SESSION, text: "Hello?" });
  const changed = vi.fn();
  client.conversations.subscribe(changed);
  for (let number = 0; number < 50; number += 1) token(socket, number, "x");
  await painted();
  expect(changed).toHaveBeenCalledOnce();
  expect(client.conversations.get()[SESSION]?.turns[0]?.answers[0]?.text).toHaveLength(50);
});

test("a question that nobody accepts is sent again on the same connection", async () => {
  const socket = await connect();
  client.ask({ sessionId: SESSION, text: "Hello?" });
  await vi.advanceTimersByTimeAsync(5_100);
  expect(socket.sent.filter((frame) => frame.action === "run")).toHaveLength(2);
});

test("a stop that was asked for is repeated after a reconnect", async () => {
  const first = await connect();
  client.ask({ sessionId: SESSION, text: "Hello?" });
  first.say("accepted", { sessionId: SESSION, messageId: messageId() });
  await painted();
  client.askToStop(SESSION, messageId());
  first.lose();
  const second = await connect();
  expect(second.sent.map((frame) => frame.action)).toEqual(["resume", "stop"]);
});

test("a question that was not accepted outlives a reload, and is nobody else's", async () => {
  client.ask({ sessionId: SESSION, text: "Hello?" });
  const asked = messageId();
  client.stop();
  client = new ChatClient("somebody else");
  client.start();
  expect(client.conversations.get()).toEqual({});
  client.stop();
  client = new ChatClient("u");
  client.start();
  const socket = await connect();
  expect(socket.sent.map((frame) => [frame.action, frame.data.messageId])).toEqual([["run", asked]]);
  socket.say("accepted", { sessionId: SESSION, messageId: asked });
  await painted();
  client.stop();
  client = new ChatClient("u");
  client.start();
  expect(client.conversations.get()).toEqual({});
});

test("a renewed token is told on the open socket", async () => {
  const socket = await connect();
  const now = signedIn.get();
  if (now) signedIn.set({ ...now, accessToken: "renewed" });
  expect(socket.sent).toEqual([{ action: "authorize", data: { token: "renewed" } }]);
});
