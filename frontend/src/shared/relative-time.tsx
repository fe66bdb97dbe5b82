/** "3 minutes ago", with the full date on hover; it keeps itself true. */
import { useSyncExternalStore } from "react";
import { ago, fullTime } from "@/shared/format";

const TICK_MS = 30_000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export function RelativeTime({ moment }: { moment: string }) {
  const current = useSyncExternalStore(subscribe, () => now);
  return (
    <time dateTime={moment} title={fullTime(moment)}>
      {ago(Date.parse(moment), current)}
    </time>
  );
}
