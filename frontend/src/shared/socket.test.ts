import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeSocket } from "@/shared/fake-socket";
import { backOff, Socket } from "@/shared/socket";

const options = () => ({
  token: vi.fn<() => Promise<string | null>>(() => Promise.resolve("t")),
  onRefused: vi.fn(() => Promise.resolve()),
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
