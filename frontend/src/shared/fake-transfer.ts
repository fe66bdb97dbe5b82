/** For tests: a browser's `XMLHttpRequest`, whose end they tell. */
export class FakeTransfer {
  static all: FakeTransfer[] = [];
  upload: { onprogress: ((event: { loaded: number }) => void) | null } = { onprogress: null };
  onload: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onabort: (() => void) | null = null;
  status = 0;
  responseText = "";
  sent: unknown = null;

  constructor() {
    FakeTransfer.all.push(this);
  }

  open(): void {}

  setRequestHeader(): void {}

  send(body: unknown): void {
    this.sent = body;
  }

  abort(): void {
    this.onabort?.();
  }

  tell(bytes: number): void {
    this.upload.onprogress?.({ loaded: bytes });
  }

  end(status: number): void {
    this.status = status;
    this.onload?.();
  }

  static latest(): FakeTransfer {
    const transfer = FakeTransfer.all.at(-1);
    if (transfer === undefined) throw new Error("nothing was sent");
    return transfer;
  }
}
