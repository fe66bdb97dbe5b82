/** Reads a streamed answer out, politely and a few sentences at a time, to those who listen to the page. */
import { useEffect, useRef, useState } from "react";
import { isRunning, type Answer } from "@/features/chat/conversation";
import { spoken, wholeSentences } from "@/features/chat/sentences";

const PAUSE_MS = 1_000;

/** `answer`: the one being made; what was finished before the page saw it is not read out. */
export function Announcer({ answer }: { answer: Answer | undefined }) {
  const [said, setSaid] = useState("");
  const place = useRef<{ messageId: string; runId: string | null; upTo: number } | null>(null);
  useEffect(() => {
    if (answer === undefined) return;
    const running = isRunning(answer);
    if (place.current?.messageId !== answer.messageId) {
      if (!running) return;
      place.current = { messageId: answer.messageId, runId: answer.runId, upTo: 0 };
    }
    const at = place.current;
    if (answer.runId !== at.runId) Object.assign(at, { runId: answer.runId, upTo: 0 });
    const timer = setTimeout(
      () => {
        const end = wholeSentences(answer.text, !running);
        if (end <= at.upTo) return;
        setSaid(spoken(answer.text.slice(at.upTo, end)));
        at.upTo = end;
      },
      running ? PAUSE_MS : 0,
    );
    return () => clearTimeout(timer);
  }, [answer]);
  return (
    <div className="for-listeners" aria-live="polite" aria-atomic="true" data-testid="announcer">
      {said}
    </div>
  );
}
