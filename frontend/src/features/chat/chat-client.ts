/** Joins conversations to the socket: sends what has to be sent, until it is accepted, and feeds the reducer once a frame. */
import { isRunning, type Answer, type Conversation } from "@/features/chat/conversation";
import { reduceChat, type ChatEvent } from "@/features/chat/chat-reducer";
import { UnsentQuestions } from "@/features/chat/unsent";
import { tell } from "@/shared/api";
import { current, end, refresh, signedIn } from "@/shared/auth";
import { show } from "@/shared/notices";
import { Refused } from "@/shared/problem";
import { queryClient } from "@/shared/queries";
import { Socket } from "@/shared/socket";
import { Store } from "@/shared/store";
import type { Frame, Message, RunData } from "@/shared/types";
import { uuid } from "@/shared/uuid";

export type Conversations = Readonly<Record<string, Conversation>>;

const ACCEPT_PATIENCE_MS = 5_000;
const HIDDEN_PAINT_MS = 250; // a hidden tab gets no animation frames, and needs none

/** Call `paint` with the next frame the screen shows. */
function nextFrame(paint: () => void): void {
  if (document.hidden) setTimeout(paint, HIDDEN_PAINT_MS);
  else requestAnimationFrame(paint);
}

export class ChatClient {
  readonly conversations = new Store<Conversations>({});
  readonly socket = new Socket({
    token: () => this.token(),
    onRefused: async (again) => void (again ? end() : await refresh(this.authorised ?? "")),
    onDoubt: () => tell("GET", "/api/me"), // a sign-in that is over is refused there, and ends
    onOpen: () => this.catchUp(),
    onFrame: (frame) => this.heard(frame),
  });
  private readonly unsent: UnsentQuestions;
  private heardFrames: Frame[] = [];
  private authorised: string | undefined;
  private stopListening: (() => void) | undefined;

  constructor(userId: string) {
    this.unsent = new UnsentQuestions(userId);
  }

  start(): void {
    this.stopListening = signedIn.subscribe(() => this.authorise());
    for (const { run, at } of this.unsent.all()) this.reduce(run.sessionId, { type: "asked", run, at, restored: true });
    this.socket.start();
  }

  stop(): void {
    this.stopListening?.();
    this.socket.stop();
  }

  /** Messages that the server has of a session. An answer that is still being made is followed from where we are. */
  loaded(sessionId: string, messages: readonly Message[]): void {
    const before = new Set(this.running(sessionId).map((answer) => answer.messageId));
    this.reduce(sessionId, { type: "loaded", sessionId, messages });
    for (const answer of this.running(sessionId)) if (!before.has(answer.messageId)) this.pursue(sessionId, answer);
  }

  /** Ask, or ask again (`regenerateOf`). `inPlaceOf`: the question on the page that this one replaces. */
  ask(question: Omit<RunData, "messageId" | "mode">, inPlaceOf?: string): void {
    const run: RunData = { ...question, messageId: uuid(), mode: "chain" };
    const at = new Date().toISOString();
    this.reduce(run.sessionId, { type: "asked", run, at, inPlaceOf });
    this.unsent.keep({ run, at });
    this.transmit(run);
  }

  askToStop(sessionId: string, messageId: string): void {
    this.reduce(sessionId, { type: "stopAsked", messageId });
    this.socket.send({ action: "stop", data: { sessionId, messageId } });
  }

  showVersion(sessionId: string, turnId: string, index: number): void {
    this.reduce(sessionId, { type: "versionShown", turnId, index });
  }

  /** Send until `accepted` is heard; the server takes the same id once. */
  private transmit(run: RunData): void {
    this.socket.send({ action: "run", data: run });
    setTimeout(() => {
      const answer = this.find(run.sessionId, run.messageId);
      if (answer !== undefined && !answer.accepted && isRunning(answer) && this.socket.state.get() === "open")
        this.transmit(run);
    }, ACCEPT_PATIENCE_MS);
  }

  private pursue(sessionId: string, answer: Answer): void {
    const { messageId, nextSequence } = answer;
    if (!answer.accepted && answer.run !== null) this.socket.send({ action: "run", data: answer.run });
    else this.socket.send({ action: "resume", data: { sessionId, messageId, afterSequence: nextSequence - 1 } });
    if (answer.stopping) this.socket.send({ action: "stop", data: { sessionId, messageId } });
  }

  private catchUp(): void {
    this.authorise(); // it may have been renewed while the connection was made
    this.paint(); // what was heard on the old connection counts before we say what is missing
    for (const sessionId of Object.keys(this.conversations.get())) {
      for (const answer of this.running(sessionId)) this.pursue(sessionId, answer);
    }
  }

  /** For a new connection, or to be renewed on the open one; null where nobody is signed in. */
  private async token(): Promise<string | null> {
    try {
      const { accessToken } = await current();
      if (this.socket.state.get() !== "open") this.authorised = accessToken;
      return accessToken;
    } catch (error) {
      if (error instanceof Refused && error.status === 401) return null;
      throw error;
    }
  }

  private authorise(): void {
    const token = signedIn.get()?.accessToken;
    if (token === undefined || token === this.authorised) return;
    if (this.socket.send({ action: "authorize", data: { token } })) this.authorised = token;
  }

  private heard(frame: Frame): void {
    if (frame.action === "heartbeat") return;
    this.heardFrames.push(frame);
    if (this.heardFrames.length === 1) nextFrame(() => this.paint());
  }

  private paint(): void {
    const frames = this.heardFrames;
    this.heardFrames = [];
    if (frames.length === 0) return;
    const next = { ...this.conversations.get() };
    for (const frame of frames) {
      const sessionId = frame.data.sessionId ?? "";
      const after = reduceChat(next[sessionId], { type: "frame", frame });
      if (after !== undefined) next[sessionId] = after;
    }
    this.conversations.set(next);
    for (const frame of frames) this.afterwards(frame);
  }

  /** What a frame means outside its conversation. */
  private afterwards(frame: Frame): void {
    if (frame.action !== "heartbeat" && frame.data.messageId) this.unsent.drop(frame.data.messageId);
    if (frame.action === "error" && !frame.data.messageId && frame.data.code !== "unauthorized")
      show({ type: "error", text: frame.data.content });
    if (frame.action !== "accepted" && frame.action !== "final_response") return;
    const { sessionId, messageId } = frame.data;
    void queryClient.invalidateQueries({ queryKey: ["sessions"] });
    const elsewhere =
      this.conversations.get()[sessionId] !== undefined && this.find(sessionId, messageId) === undefined;
    if (elsewhere) void queryClient.invalidateQueries({ queryKey: ["session", sessionId] }); // asked in another tab
  }

  private running(sessionId: string): Answer[] {
    return (this.conversations.get()[sessionId]?.turns ?? []).flatMap((turn) => turn.answers.filter(isRunning));
  }

  private find(sessionId: string, messageId: string): Answer | undefined {
    return this.conversations
      .get()
      [sessionId]?.turns.flatMap((turn) => turn.answers)
      .find((answer) => answer.messageId === messageId);
  }

  private reduce(sessionId: string, event: ChatEvent): void {
    const next = reduceChat(this.conversations.get()[sessionId], event);
    if (next !== undefined) this.conversations.update((all) => ({ ...all, [sessionId]: next }));
  }
}
