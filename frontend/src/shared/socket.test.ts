import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeSocket } from "@/shared/fake-socket";
import { backOff, Socket } from "@/shared/socket";

const options = () => ({
  token: vi.fn<() => Promise<string | null>>(() => Promise.resolve("t")),
  onRefused: vi.fn((_again: boolean) => Promise.resolve()),
  onDoubt: vi.fn(() => Promise.resolve()),
  onOpen: vi.fn(),
  onFrame: vi.fn(),
});
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("waits double from attempt to attempt, up to a limit, and are not in step", () => {
  expect([0, 1, 2, 20].map((attempt) => backOff(attempt, 1))).toEqual([500, 1000, 2000, 15_000]);
  expect(backOff(3, 0)).toBe(3000);
});

test("a lost connection is made again, and the user of it is told", async () => {
  const wanted = options();
  const socket = new Socket(wanted);
  socket.start();
  await settle();
  FakeSocket.latest().accept();
  FakeSocket.latest().lose();
  await settle();
  expect(socket.state.get()).toBe("waiting");
  await vi.advanceTimersByTimeAsync(600);
  FakeSocket.latest().accept();
  expect([FakeSocket.all.length, wanted.onOpen.mock.calls.length, socket.state.get()]).toEqual([2, 2, "open"]);
  socket.stop();
});

test("a heartbeat goes every 30 s, and a silent connection is given up", async () => {
  const socket = new Socket(options());
  socket.start();
  await settle();
  const first = FakeSocket.latest();
  first.accept();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(first.sent.map((frame) => frame.action)).toEqual(["heartbeat", "heartbeat"]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSocket.all.length).toBeGreaterThan(1);
  socket.stop();
});

test("a refused token is renewed before the next attempt", async () => {
  const wanted = options();
  const socket = new Socket(wanted);
  socket.start();
  await settle();
  FakeSocket.latest().accept();
  FakeSocket.latest().lose(4401);
  await vi.advanceTimersByTimeAsync(600);
  expect(wanted.onRefused).toHaveBeenCalledOnce();
  expect(FakeSocket.all).toHaveLength(2);
  socket.stop();
});

const refuse = (socket: FakeSocket): void => socket.say("error", { code: "unauthorized", content: "Sign in again." });

test("a gateway cannot close with 4401: its word alone has the token renewed, whatever it closes with", async () => {
  const wanted = options();
  const socket = new Socket(wanted);
  socket.start();
  await settle();
  FakeSocket.latest().accept();
  refuse(FakeSocket.latest());
  FakeSocket.latest().lose(1000);
  await vi.advanceTimersByTimeAsync(600);
  expect(wanted.onRefused.mock.calls).toEqual([[false]]);
  expect(FakeSocket.all).toHaveLength(2);
  socket.stop();
});

test("a renewed token that is refused too is told apart from the first", async () => {
  const wanted = options();
  const socket = new Socket(wanted);
  socket.start();
  for (let round = 0; round < 2; round += 1) {
    await vi.advanceTimersByTimeAsync(1_100);
    FakeSocket.latest().accept();
    refuse(FakeSocket.latest());
  }
  await settle();
  expect(wanted.onRefused.mock.calls).toEqual([[false], [true]]);
  socket.stop();
});

test("a token that ends much later is renewed anew", async () => {
  const wanted = options();
  const socket = new Socket(wanted);
  socket.start();
  for (let round = 0; round < 2; round += 1) {
    await vi.advanceTimersByTimeAsync(1_100);
    FakeSocket.latest().accept();
    FakeSocket.latest().say("heartbeat", {});
    refuse(FakeSocket.latest());
  }
  await settle();
  expect(wanted.onRefused.mock.calls).toEqual([[false], [false]]);
  socket.stop();
});

test.each([1000, 1001, 1006])("a connection that is cut with %i is made again, as often as it is", async (code) => {
  const wanted = options();
  const socket = new Socket(wanted);
  socket.start();
  await settle();
  for (let round = 0; round < 5; round += 1) {
    FakeSocket.latest().accept();
    FakeSocket.latest().say("heartbeat", {});
    FakeSocket.latest().lose(code);
    await vi.advanceTimersByTimeAsync(600);
  }
  expect(FakeSocket.all).toHaveLength(6);
  expect([wanted.onRefused, wanted.onDoubt].map((call) => call.mock.calls.length)).toEqual([0, 0]);
  socket.stop();
});

test("who is let in and cut off at once again and again waits longer each time", async () => {
  const socket = new Socket(options());
  socket.start();
  await settle();
  for (let second = 0; second < 20; second += 1) {
    if (socket.state.get() === "connecting" || FakeSocket.latest().readyState === 0) {
      FakeSocket.latest().accept();
      FakeSocket.latest().lose(1013);
    }
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(FakeSocket.all.length).toBeLessThan(8);
  socket.stop();
});

test("a door that stays shut without a word has the sign-in asked after, from the second time on", async () => {
  const wanted = options();
  const socket = new Socket(wanted);
  socket.start();
  await settle();
  FakeSocket.latest().lose(1006);
  expect(wanted.onDoubt).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(600);
  FakeSocket.latest().lose(1006);
  expect(wanted.onDoubt).toHaveBeenCalledOnce();
  socket.stop();
});

test("the token is looked after at every heartbeat, so that it is renewed before it ends", async () => {
  const wanted = options();
  const socket = new Socket(wanted);
  socket.start();
  await settle();
  FakeSocket.latest().accept();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(wanted.token).toHaveBeenCalledTimes(2);
  socket.stop();
});

test("who is signed out gets no connection", async () => {
  const wanted = options();
  wanted.token.mockResolvedValue(null);
  const socket = new Socket(wanted);
  socket.start();
  await settle();
  expect([FakeSocket.all.length, socket.state.get()]).toEqual([0, "closed"]);
});

test("a server that is away while the token is renewed is tried again", async () => {
  const wanted = options();
  wanted.token.mockRejectedValueOnce(new Error("away"));
  const socket = new Socket(wanted);
  socket.start();
  await vi.advanceTimersByTimeAsync(600);
  expect(FakeSocket.all).toHaveLength(1);
  socket.stop();
});
