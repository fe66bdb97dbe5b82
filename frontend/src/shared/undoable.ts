/** Do a dangerous thing in ten seconds, unless it is undone; a page that is left does it at once. */
import { dismiss, show } from "@/shared/notices";

const GRACE_MS = 10_000;
const waiting = new Map<symbol, () => void>();

/** Do at once all that waits: the page is left, or the user signs out. */
export function settleAll(): void {
  for (const act of [...waiting.values()]) act();
}
window.addEventListener("pagehide", settleAll);

export function undoable(told: string, act: () => void, undo: () => void): void {
  const key = Symbol(told);
  const settle = (last: () => void): void => {
    if (!waiting.delete(key)) return;
    clearTimeout(timer);
    dismiss(notice);
    last();
  };
  const timer = setTimeout(() => settle(act), GRACE_MS);
  waiting.set(key, () => settle(act));
  const notice = show({ type: "info", text: told, action: { label: "Undo", onClick: () => settle(undo) } });
}
