/** The socket: one connection that heals itself. It carries frames and knows nothing of conversations. */
import { Store } from "@/shared/store";
import type { ClientFrame, Frame } from "@/shared/types";

/** `connecting` for the first time, `open`, `waiting` for the next attempt, `closed` by us. */
export type SocketState = "connecting" | "open" | "waiting" | "closed";
export type SocketOptions = {
  /** An access token that is good now; null when the user has to sign in again, which closes the socket for good. */
  token: () => Promise<string | null>;
  /** The server no longer takes this token: renew it, or sign out where a renewed one was refused too (`again`). */
  onRefused: (again: boolean) => Promise<void>;
  /** Twice in a row there was no connection at all, which does not tell why: a gateway that takes no token gives no reason. */
  onDoubt: () => Promise<void>;
  onOpen: () => void;
  onFrame: (frame: Frame) => void;
};

const HEARTBEAT_MS = 30_000;
const SILENCE_MS = 75_000; // two heartbeats unanswered: the connection is dead though nobody said so
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const UNAUTHORIZED = 4401; // a gateway cannot close with it: there the frame alone says so
const DOUBT_AT = 2;

/** Wait before attempt n (from 0), ms: doubling, capped, with up to a quarter of jitter so that clients do not return in step. */
export function backOff(attempt: number, random: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.75 + random / 4);
}

export class Socket {
  readonly state = new Store<SocketState>("closed");
  private connection: WebSocket | null = null;
  private attempt = 0;
  private neverOpened = 0;
  private refusedBefore = false;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private heartbeatTimer: ReturnType<typeof setInterval> | undefined;
  private heardAt = 0;
  private wanted = false;

  constructor(private readonly options: SocketOptions) {}

  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.attempt = 0;
    this.state.set("connecting");
    window.addEventListener("online", this.hurry);
    void this.connect();
  }

  stop(): void {
    this.wanted = false;
    window.removeEventListener("online", this.hurry);
    clearTimeout(this.retryTimer);
    this.drop();
    this.state.set("closed");
  }

  /** False when there is no connection: the caller sends again in `onOpen`. */
  send(frame: ClientFrame): boolean {
    if (this.connection?.readyState !== WebSocket.OPEN) return false;
    this.connection.send(JSON.stringify(frame));
    return true;
  }

  /** Try now instead of at the end of the wait. */
  readonly hurry = (): void => {
    if (!this.wanted || this.state.get() !== "waiting") return;
    clearTimeout(this.retryTimer);
    void this.connect();
  };

  private async connect(): Promise<void> {
    let token: string | null;
    try {
      token = await this.options.token();
    } catch {
      return this.retryLater(); // the server that renews tokens is away too
    }
    if (!this.wanted) return;
    if (token === null) return this.stop();
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const connection = new WebSocket(`${scheme}://${location.host}/socket?token=${encodeURIComponent(token)}`);
    this.connection = connection;
    connection.onopen = () => this.opened();
    connection.onmessage = (event: MessageEvent<unknown>) => this.heard(event.data);
    connection.onclose = (event) => {
      if (this.connection === connection) void this.lost(event.code === UNAUTHORIZED);
    };
  }

  private opened(): void {
    this.heardAt = Date.now();
    this.heartbeatTimer = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.state.set("open");
    this.options.onOpen();
  }

  private heard(text: unknown): void {
    this.heardAt = Date.now();
    if (typeof text !== "string") return;
    const frame = JSON.parse(text) as Frame;
    this.options.onFrame(frame);
    if (frame.action === "error" && frame.data.code === "unauthorized") void this.lost(true);
    else this.proven();
  }

  /** The server talks with us: what went wrong before is past. */
  private proven(): void {
    this.attempt = 0;
    this.refusedBefore = false;
  }

  private beat(): void {
    if (Date.now() - this.heardAt <= SILENCE_MS) {
      this.send({ action: "heartbeat", data: {} });
      void this.options.token().catch(() => undefined); // renewed before it ends, which whoever renews tells the server
      return;
    }
    this.drop();
    this.retryLater();
  }

  private async lost(refused: boolean): Promise<void> {
    this.neverOpened = this.state.get() === "open" ? 0 : this.neverOpened + 1;
    this.drop();
    this.state.set("waiting");
    const again = this.refusedBefore;
    this.refusedBefore ||= refused;
    if (refused)
      await this.options.onRefused(again).catch(() => undefined); // unreachable: the next attempt asks again
    else if (this.neverOpened >= DOUBT_AT) await this.options.onDoubt().catch(() => undefined);
    this.retryLater();
  }

  private retryLater(): void {
    if (!this.wanted) return;
    this.state.set("waiting");
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => void this.connect(), backOff(this.attempt, Math.random()));
    this.attempt += 1;
  }

  private drop(): void {
    clearInterval(this.heartbeatTimer);
    const connection = this.connection;
    this.connection = null;
    if (connection === null) return;
    connection.onopen = connection.onmessage = connection.onclose = null;
    connection.close();
  }
}
